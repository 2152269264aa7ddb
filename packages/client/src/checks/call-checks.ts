/** Looks at what users pass to a call, and copies it: nothing that they pass is read again, and nothing of it throws later. */
import type { AlertCreateMessage, FilterCondition, HistoryMessage } from '@tickwire/protocol';
import { filterComparisons, filterKeys, parseChannel, type Channel } from '@tickwire/protocol/rules';
import { listedTypes } from '../dialects/tickwire/messages.js';
import type { ClientEventName, SubscribeOptions } from '../events.js';
import { PriceStreamError } from '../kernel/errors.js';
import type { ReadyOptions } from '../kernel/handle.js';
import { wrong } from '../kernel/errors.js';
import type { StreamOptions } from '../kernel/queue.js';
import { asIs, fields, func, group, listOf, ms, oneOf, readable, signal, whole, type Check } from './fields.js';
import { nearestName } from './nearest-name.js';

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

/** One channel's name. */
export function checkedChannel(name: unknown): Channel {
  const parsed = parseChannel(name);
  if (parsed === undefined) throw noChannel(name);
  return parsed.channel;
}

/**
 * The channels that were asked for, each once.
 *
 * @param held how many the client has already
 * @throws PriceStreamError `CONFIGURATION` for an empty list or an ill-formed name, `TOO_MANY_SUBSCRIPTIONS`
 */
export function checkedChannels(channels: unknown, held: number): readonly Channel[] {
  const checked = new Set(listOf('channels', channels).map(checkedChannel));
  if (checked.size === 0) {
    const message = "The list of channels is empty. Name at least one, for example 'coin:bitcoin'.";
    throw new PriceStreamError('CONFIGURATION', message);
  }
  if (held + checked.size > mostChannels) {
    const message = `A client holds at most ${mostChannels} channels. Unsubscribe from some first.`;
    throw new PriceStreamError('TOO_MANY_SUBSCRIPTIONS', message);
  }
  return [...checked];
}

/** The name of an event. */
export function checkedEvent(name: unknown): ClientEventName {
  const words = [...listedTypes, 'price', 'connection', 'stale', 'invalid', 'unknown'];
  return oneOf(...words)('The event', name) as ClientEventName;
}

/** A listener; a subscription may do without one. */
export function checkedListener<Listener>(listener: Listener): Listener {
  func('The listener', listener);
  return listener;
}

/** What a wait takes. */
export function waitOptions(given: unknown): { signal?: AbortSignal | undefined } {
  return fields('options', given, { signal });
}

/** What a wait for a subscription takes. */
export function readyOptions(given: unknown): ReadyOptions {
  return fields('options', given, { signal, timeoutMs: ms(1) });
}

const streamChecks = { signal, bufferSize: whole(1), overflow: oneOf('latest', 'drop-oldest', 'error') };

/** What an event's loop takes. */
export function streamOptions(given: unknown): StreamOptions {
  return fields('options', given, streamChecks);
}

const isValue = (value: unknown): boolean =>
  Number.isFinite(value) || (typeof value === 'string' && value.length <= 64);

const conditionChecks = { key: oneOf(...filterKeys), cmp: oneOf(...filterComparisons), val: asIs, vals: asIs };

function filterCondition(place: string, given: unknown): FilterCondition {
  const { key, cmp, val, vals } = fields<FilterCondition>(place, given, conditionChecks, `${place}.`);
  conditionChecks.key(`${place}.key`, key);
  const compares = conditionChecks.cmp(`${place}.cmp`, cmp);
  const takesList = compares === 'in' || compares === 'nin';
  const list = vals === undefined ? [] : listOf(place, vals);
  const isGood = takesList
    ? val === undefined && Array.isArray(vals) && list.length > 0 && list.length <= 100 && list.every(isValue)
    : vals === undefined && isValue(val);
  if (!isGood) {
    const [name, what] = takesList
      ? ['vals', 'vals is a list of 1 to 100 texts or numbers']
      : ['val', 'val is a text or a number'];
    throw wrong(place, `{ key, cmp: '${compares}', ${name} }, where ${what}`);
  }
  return { key, cmp, ...(takesList ? { vals: list } : { val }) } as FilterCondition;
}

const filter: Check = (name, given) => {
  const list = listOf(name, given);
  if (!Array.isArray(given) || list.length < 1 || list.length > 8)
    throw wrong(name, "a list of 1 to 8 conditions, for example [{ key: 'usdValue', cmp: 'gte', val: 500000 }]");
  return list.map((each, index) => filterCondition(`${name}[${index}]`, each));
};

/** What `subscribe` takes. */
export function subscribeOptions(given: unknown): SubscribeOptions {
  return fields('options', given, { ...streamChecks, minIntervalMs: ms(0), filter });
}

type HistoryQuery = Pick<HistoryMessage['data'], 'since' | 'limit'>;

const since: Check = (name, given) => {
  const { epoch, seq } = fields<NonNullable<HistoryQuery['since']>>(name, given, { epoch: asIs, seq: asIs });
  if (typeof epoch !== 'string' || seq === undefined || !(Number.isSafeInteger(seq) && seq >= 0))
    throw wrong(name, '{ epoch, seq }, a text and a whole number');
  return { epoch, seq };
};

/** What `history` takes. */
export function historyQuery(given: unknown): HistoryQuery {
  return fields('query', given, { since, limit: whole(1) }, 'query.');
}

const alertType = oneOf(
  ...['price_above', 'price_below', 'percent_change', 'volume_spike', 'whale_movement', 'social_spike'],
);
const condition = group({
  ...{ targetPrice: asIs, percentageChange: asIs, volumeThreshold: asIs, usdValue: asIs, socialThreshold: asIs },
});
const ruleChecks = { alertType, condition, coinId: asIs, cooldownMs: asIs, hysteresisPct: asIs, clientRef: asIs };

/** An alert rule, as plain JSON. */
export function alertRule(given: unknown): AlertCreateMessage['data'] {
  const { condition: conditions = {}, ...rule } = fields<AlertCreateMessage['data']>(
    'rule',
    given,
    ruleChecks,
    'rule.',
  );
  alertType('rule.alertType', rule.alertType);
  return readable(
    'rule',
    () => JSON.parse(JSON.stringify({ ...rule, condition: conditions })) as AlertCreateMessage['data'],
  );
}

/** The id of an alert. */
export function alertId(given: unknown): string | number {
  if ((typeof given === 'string' && given !== '') || Number.isSafeInteger(given)) return given as string | number;
  throw wrong('alertId', 'a text or a whole number, as create() and list() give it');
}
