/** Looks at what users pass to a call, and copies it: nothing that they pass is read again, and nothing of it throws later. */
import type { AlertCreateMessage, FilterCondition, HistoryMessage } from '@tickwire/protocol';
import { filterComparisons, filterKeys, parseChannel, type Channel } from '@tickwire/protocol/rules';
import { PriceStreamError } from '../kernel/errors.js';
import type { ClientEventName, SubscribeOptions } from '../events.js';
import { listedTypes } from '../dialects/tickwire/messages.js';
import type { ReadyOptions } from '../kernel/handle.js';
import { wrong } from '../kernel/options.js';
import type { StreamOptions } from '../kernel/queue.js';
import { nearestName } from './nearest-name.js';
import { checkedDurations, checkedMethods, knownOptions, oneOf, readable } from './option-checks.js';

/** Channels that one client may hold. */
const mostChannels = 10_000;
const prefixes = ['coin', 'metal', 'whales', 'social', 'global', 'user', 'portfolio'];

function noChannel(name: unknown): PriceStreamError {
  let text = `A ${typeof name} is no channel.`;
  if (typeof name === 'string') {
    const meant = name.trim().toLowerCase();
    const [prefix = '', ...id] = meant.split(':');
    const near = [nearestName(prefix, prefixes) ?? 'coin', ...id].join(':');
    const other = [meant, near, `coin:${meant}`].find((each) => parseChannel(each) !== undefined);
    const why = meant === name ? '' : ' Names are in lower case, without spaces.';
    text = `'${name.slice(0, 80)}' is no channel.${why}${other === undefined ? '' : ` Did you mean '${other}'?`}`;
  }
  return new PriceStreamError('CONFIGURATION', `${text} Write for example 'coin:bitcoin'.`);
}

/**
 * The channels that were asked for, each once.
 *
 * @param held how many the client has already
 * @throws PriceStreamError `CONFIGURATION` for an empty list or an ill-formed name, `TOO_MANY_SUBSCRIPTIONS`
 */
export function checkedChannels(channels: unknown, held: number): readonly Channel[] {
  const list: readonly unknown[] = readable('channels', () =>
    Array.isArray(channels) ? [...(channels as unknown[])] : [channels],
  );
  if (list.length === 0) {
    throw new PriceStreamError(
      'CONFIGURATION',
      "The list of channels is empty. Name at least one, for example 'coin:bitcoin'.",
    );
  }
  const checked = new Set(list.map(checkedChannel));
  if (held + checked.size > mostChannels) {
    const message = `A client holds at most ${mostChannels} channels. Unsubscribe from some first.`;
    throw new PriceStreamError('TOO_MANY_SUBSCRIPTIONS', message);
  }
  return [...checked];
}

/** One channel's name. */
export function checkedChannel(name: unknown): Channel {
  const parsed = parseChannel(name);
  if (parsed === undefined) throw noChannel(name);
  return parsed.channel;
}

/** The name of an event. */
export function checkedEvent(name: unknown): ClientEventName {
  return oneOf('The event', name, [
    ...[...listedTypes, 'price', 'connection', 'stale', 'invalid', 'unknown'],
  ]) as ClientEventName;
}

/** A listener; a subscription may do without one. */
export function checkedListener<Listener>(listener: Listener): Listener {
  if (typeof listener !== 'function') throw wrong('The listener', 'a function');
  return listener;
}

/** An abort signal, or none. */
function checkedSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  checkedMethods('signal', signal, ['addEventListener', 'removeEventListener']);
  return signal;
}

/** What a wait takes. */
export function waitOptions(given: unknown): { signal: AbortSignal | undefined } {
  const { signal } = knownOptions<{ signal?: AbortSignal }>('options', given, ['signal']);
  return { signal: checkedSignal(signal) };
}

/** What a wait for a subscription takes, completed. */
export function readyOptions(given: unknown): ReadyOptions {
  const options = knownOptions<{ signal: AbortSignal; timeoutMs: number }>('options', given, ['signal', 'timeoutMs']);
  return { signal: checkedSignal(options.signal), ...checkedDurations('', options, { timeoutMs: [15_000] }) };
}

const streamNames = ['signal', 'bufferSize', 'overflow'];

/** What an event's loop takes. */
export function streamOptions(given: unknown, more: readonly string[] = []): StreamOptions {
  const options = knownOptions<StreamOptions>('options', given, [...streamNames, ...more]);
  checkedSignal(options.signal);
  const { bufferSize, overflow } = options;
  if (bufferSize !== undefined && !(Number.isSafeInteger(bufferSize) && bufferSize > 0))
    throw wrong('bufferSize', 'a whole number, 1 or more');
  if (overflow !== undefined) oneOf('overflow', overflow, ['latest', 'drop-oldest', 'error']);
  return options;
}

/** What `subscribe` takes. */
export function subscribeOptions(given: unknown): SubscribeOptions {
  const options: SubscribeOptions = streamOptions(given, ['minIntervalMs', 'filter']);
  const { minIntervalMs } = options;
  if (minIntervalMs !== undefined && !(Number.isFinite(minIntervalMs) && minIntervalMs >= 0))
    throw wrong('minIntervalMs', 'a number of milliseconds, 0 or more');
  if (options.filter !== undefined) options.filter = checkedFilter(options.filter);
  return options;
}

const isValue = (value: unknown): boolean =>
  Number.isFinite(value) || (typeof value === 'string' && value.length <= 64);

function checkedFilter(filter: unknown): readonly FilterCondition[] {
  const list = readable('filter', () => (Array.isArray(filter) ? [...(filter as unknown[])] : []));
  if (list.length < 1 || list.length > 8)
    throw wrong('filter', "a list of 1 to 8 conditions, for example [{ key: 'usdValue', cmp: 'gte', val: 500000 }]");
  return list.map((given, index) => {
    const place = `filter[${index}]`;
    const condition = knownOptions<FilterCondition>(place, given, ['key', 'cmp', 'val', 'vals']);
    oneOf(`${place}.key`, condition.key, filterKeys);
    oneOf(`${place}.cmp`, condition.cmp, filterComparisons);
    const takesList = condition.cmp === 'in' || condition.cmp === 'nin';
    const vals = readable(place, () => (Array.isArray(condition.vals) ? [...(condition.vals as unknown[])] : []));
    if (
      takesList
        ? condition.val !== undefined || vals.length < 1 || vals.length > 100 || !vals.every(isValue)
        : condition.vals !== undefined || !isValue(condition.val)
    )
      throw wrong(
        place,
        takesList
          ? `{ key, cmp: '${condition.cmp}', vals }, where vals is a list of 1 to 100 texts or numbers`
          : `{ key, cmp: '${condition.cmp}', val }, where val is a text or a number`,
      );
    return (takesList ? { ...condition, vals } : condition) as FilterCondition;
  });
}

type HistoryQuery = Pick<HistoryMessage['data'], 'since' | 'limit'>;

/** What `history` takes. */
export function historyQuery(given: unknown): HistoryQuery {
  const query = knownOptions<HistoryQuery>('query', given, ['since', 'limit']);
  const { since, limit } = query;
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0))
    throw wrong('query.limit', 'a whole number, 1 or more');
  if (since === undefined) return query;
  const { epoch, seq } = knownOptions<NonNullable<HistoryQuery['since']>>('query.since', since, ['epoch', 'seq']);
  if (typeof epoch !== 'string' || seq === undefined || !(Number.isSafeInteger(seq) && seq >= 0))
    throw wrong('query.since', '{ epoch, seq }, a text and a whole number');
  return { ...query, since: { epoch, seq } };
}

const alertTypes = ['price_above', 'price_below', 'percent_change', 'volume_spike', 'whale_movement', 'social_spike'];

/** An alert rule, as plain JSON. */
export function alertRule(given: unknown): AlertCreateMessage['data'] {
  const names = ['alertType', 'coinId', 'condition', 'cooldownMs', 'hysteresisPct', 'clientRef'];
  const rule = knownOptions<AlertCreateMessage['data']>('rule', given, names);
  oneOf('rule.alertType', rule.alertType, alertTypes);
  const condition = knownOptions<AlertCreateMessage['data']['condition']>('rule.condition', rule.condition, [
    'targetPrice',
    'percentageChange',
    'volumeThreshold',
    'usdValue',
    'socialThreshold',
  ]);
  return readable('rule', () => JSON.parse(JSON.stringify({ ...rule, condition })) as AlertCreateMessage['data']);
}

/** The id of an alert. */
export function alertId(given: unknown): string | number {
  if ((typeof given === 'string' && given !== '') || Number.isSafeInteger(given)) return given as string | number;
  throw wrong('alertId', 'a text or a whole number, as create() and list() give it');
}
