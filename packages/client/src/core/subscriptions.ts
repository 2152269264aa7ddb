/** What is wanted, what the server has been asked for, and the frame that brings the two together. */
import type { ChannelRequest, ClientMessage } from '@tickwire/protocol';
import { parseChannel, type Channel } from '@tickwire/protocol/rules';
import { closedFault } from './requests.js';
import type {
  Dialect,
  Fault,
  HolderOptions,
  Link,
  Moment,
  ServerLimits,
  Session,
  WantedChannel,
  WireSubscription,
} from './session-state.js';
import { faultOf } from './session-state.js';

/** How a dialect is asked for a channel: under a key, not at all because it comes anyway, or never. */
export type Carriage =
  | { readonly by: 'key'; readonly key: string }
  | { readonly by: 'itself' }
  | { readonly by: 'nothing' };

/** The one key under which all metals of an older metals backend are asked for. */
const allMetals = 'metals';

/** How a channel is carried by a dialect. One older `subscribe` of a coin brings its price, whales and social spikes. */
export function carriage(dialect: Dialect, channel: Channel): Carriage {
  const parsed = parseChannel(channel);
  if (parsed === undefined) return { by: 'nothing' };
  if (dialect === 'tickwire') return { by: 'key', key: channel };
  if (dialect === 'metals') return parsed.prefix === 'metal' ? { by: 'key', key: allMetals } : { by: 'nothing' };
  if (parsed.prefix === 'metal') return { by: 'nothing' };
  if (parsed.needsAuth) return { by: 'itself' };
  return { by: 'key', key: parsed.id === undefined ? channel : `coin:${parsed.id}` };
}

/** What goes over the wire for a channel with these holders: the smallest interval, a filter only if all agree. */
export function mergedOptions(holders: ReadonlyMap<number, HolderOptions>): HolderOptions {
  let minIntervalMs = Infinity;
  let filter: HolderOptions['filter'];
  let filterText: string | undefined;
  for (const options of holders.values()) {
    minIntervalMs = Math.min(minIntervalMs, options.minIntervalMs ?? 0);
    const text = options.filter === undefined ? '' : JSON.stringify(options.filter);
    if (filterText !== undefined && filterText !== text) filter = undefined;
    else if (filterText === undefined) filter = options.filter;
    filterText = filterText === undefined || filterText === text ? text : '';
  }
  return {
    ...(Number.isFinite(minIntervalMs) && minIntervalMs > 0 ? { minIntervalMs } : {}),
    ...(filter === undefined ? {} : { filter }),
  };
}

/** A wanted channel as `tickwire` is asked for it. */
export function channelRequest(channel: Channel, wanted: WantedChannel): ChannelRequest {
  const { minIntervalMs, filter } = mergedOptions(wanted.holders);
  const isState = parseChannel(channel)?.kind === 'state';
  return {
    channel,
    ...(isState && minIntervalMs !== undefined ? { minIntervalMs } : {}),
    ...(filter === undefined ? {} : { filter: [...filter] }),
  };
}

/** The next subscription frame that is owed: which keys it asks for or lets go, with their signatures. */
export interface SubscriptionWork {
  readonly op: 'subscribe' | 'unsubscribe';
  readonly entries: readonly { readonly key: string; readonly signature: string }[];
  readonly frame: (request: string) => ClientMessage;
}

/** What a look at the keys that may be owed has found. */
interface Found {
  readonly work: SubscriptionWork | undefined;
  /** Keys of which wanted and asked for agree. */
  readonly settled: readonly string[];
}

/** The channels that a key brings. */
export function channelsOf(dialect: Dialect, key: string): readonly Channel[] {
  const id = dialect === 'coins' && key.startsWith('coin:') ? key.slice('coin:'.length) : undefined;
  return id === undefined ? [key as Channel] : [`coin:${id}`, `whales:${id}`, `social:${id}`];
}

function isOwed(known: WireSubscription | undefined, signature: string, held: boolean, now: number): boolean {
  if (known === undefined) return true;
  if (known.status === 'deferred') return now >= (known.notBefore ?? 0);
  // Nobody looks at a lingering channel: what it was asked for last is good enough.
  return held && known.status !== 'refused' && known.signature !== signature;
}

/** The coin's name of a key; the published coins backend takes all others as `data.channel`. */
function coinFrame(op: SubscriptionWork['op'], key: string): ClientMessage {
  const parsed = parseChannel(key);
  const coinId = parsed?.prefix === 'coin' ? parsed.id : undefined;
  // The union of messages wants each `type` written out.
  if (coinId === undefined) {
    return op === 'subscribe'
      ? { type: 'subscribe', data: { channel: key } }
      : { type: 'unsubscribe', data: { channel: key } };
  }
  return op === 'subscribe' ? { type: 'subscribe', data: { coinId } } : { type: 'unsubscribe', data: { coinId } };
}

function metalsWork(session: Session, link: Link, now: number): Found {
  const known = link.subscriptions.get(allMetals);
  const names: string[] = [];
  for (const channel of session.wanted.keys()) {
    if (channel.startsWith('metal:')) names.push(channel.slice('metal:'.length));
  }
  const signature = names.sort().join(' ');
  if (names.length === 0 && known !== undefined) {
    const metals = known.signature.split(' ');
    const entries = [{ key: allMetals, signature }];
    return { work: { op: 'unsubscribe', entries, frame: () => ({ type: 'unsubscribe', metals }) }, settled: [] };
  }
  if (known?.signature === signature || names.length === 0) return { work: undefined, settled: [allMetals] };
  if (!isOwed(known, signature, true, now)) return { work: undefined, settled: settledOf(known, allMetals) };
  // The published backend replaces the set: always the whole of it.
  const entries = [{ key: allMetals, signature }];
  return { work: { op: 'subscribe', entries, frame: () => ({ type: 'subscribe', metals: names }) }, settled: [] };
}

function settledOf(known: WireSubscription | undefined, key: string): string[] {
  return known?.status === 'deferred' ? [] : [key];
}

function coinsWork(link: Link, now: number): Found {
  const settled: string[] = [];
  for (const key of link.gone.keys()) {
    if (link.subscriptions.has(key)) return { work: coinWork('unsubscribe', key), settled };
    settled.push(key);
  }
  for (const key of link.owing.keys()) {
    const known = link.subscriptions.get(key);
    if (isOwed(known, '', false, now)) return { work: coinWork('subscribe', key), settled };
    settled.push(...settledOf(known, key));
  }
  return { work: undefined, settled };
}

function coinWork(op: SubscriptionWork['op'], key: string): SubscriptionWork {
  return { op, entries: [{ key, signature: '' }], frame: () => coinFrame(op, key) };
}

/** Room that a frame needs besides its list of channels. */
const envelopeBytes = 256;

function goneWork(link: Link): Found {
  const settled: string[] = [];
  const gone: Channel[] = [];
  for (const key of link.gone.keys()) {
    if (gone.length >= link.limits.maxChannelsPerFrame) break;
    const known = link.subscriptions.get(key);
    // What comes by itself cannot be let go.
    const stays = known === undefined || known.status === 'refused' || parseChannel(key)?.implicit === true;
    if (stays) settled.push(key);
    else gone.push(key as Channel);
  }
  if (gone.length === 0) return { work: undefined, settled };
  const entries = gone.map((key) => ({ key, signature: '' }));
  const frame = (id: string): ClientMessage => ({ type: 'unsubscribe', id, data: { channels: gone } });
  return { work: { op: 'unsubscribe', entries, frame }, settled };
}

function channelsWork(session: Session, link: Link, moment: Moment): Found {
  const { work, settled } = goneWork(link);
  if (work !== undefined) return { work, settled };
  const { maxChannelsPerFrame, maxFrameBytes }: ServerLimits = link.limits;
  const looked = [...settled];
  const channels: ChannelRequest[] = [];
  const entries: { key: string; signature: string }[] = [];
  let bytes = envelopeBytes;
  for (const key of link.owing.keys()) {
    const channel = key as Channel;
    const known = link.subscriptions.get(key);
    const wanted = session.wanted.get(channel);
    const request = wanted === undefined ? undefined : channelRequest(channel, wanted);
    const signature = JSON.stringify(request);
    if (request === undefined || !isOwed(known, signature, (wanted?.holders.size ?? 0) > 0, moment.now)) {
      looked.push(...settledOf(known, key));
      continue;
    }
    const resumed = { ...request, ...moment.positionOf(channel) };
    bytes += JSON.stringify(resumed).length + 64;
    if (channels.length > 0 && (channels.length >= maxChannelsPerFrame || bytes > maxFrameBytes)) break;
    channels.push(resumed);
    entries.push({ key, signature });
  }
  if (channels.length === 0) return { work: undefined, settled: looked };
  const frame = (id: string): ClientMessage => ({ type: 'subscribe', id, data: { channels } });
  return { work: { op: 'subscribe', entries, frame }, settled: looked };
}

/** The next subscription frame that this connection owes, if wanted and asked for do not agree. */
export function subscriptionWork(session: Session, link: Link, moment: Moment): Found {
  if (link.dialect === 'undecided' || link.owing.size + link.gone.size === 0) return { work: undefined, settled: [] };
  if (link.dialect === 'tickwire') return channelsWork(session, link, moment);
  const { now } = moment;
  return link.dialect === 'metals' ? metalsWork(session, link, now) : coinsWork(link, now);
}

/** Whether a channel's subscription stands, as far as the server can tell. */
export type Readiness =
  | { readonly state: 'pending' }
  | { readonly state: 'ready'; readonly confirmed: boolean }
  | { readonly state: 'refused'; readonly fault: Fault };

/** Says which channels a dialect does not have; of many the first three. */
export function uncarriedFault(dialect: Dialect, channels: readonly Channel[]): Fault {
  const more = channels.length > 3 ? ` and ${channels.length - 3} more` : '';
  const names = channels.slice(0, 3).join(', ');
  return faultOf('UNKNOWN_CHANNEL', `The ${dialect} dialect has no ${names}${more}. It takes another server.`);
}

/** Where a wanted channel stands on the current connection. */
export function readiness(session: Session, channel: Channel): Readiness {
  const { connection, link } = session;
  if (connection.status === 'failed') return { state: 'refused', fault: connection.error };
  if (connection.status === 'closed') return { state: 'refused', fault: closedFault };
  if (link === null || connection.status !== 'connected' || link.dialect === 'undecided') return { state: 'pending' };
  const carried = carriage(link.dialect, channel);
  if (carried.by === 'itself') return { state: 'ready', confirmed: false };
  if (carried.by === 'nothing') {
    return { state: 'refused', fault: uncarriedFault(link.dialect, [channel]) };
  }
  const known = link.subscriptions.get(carried.key);
  if (known?.status === 'confirmed') return { state: 'ready', confirmed: true };
  if (known?.status === 'unconfirmed') return { state: 'ready', confirmed: false };
  if (known?.status === 'refused' && known.fault !== undefined) return { state: 'refused', fault: known.fault };
  return { state: 'pending' };
}

/**
 * The channels whose standing may be another after a step.
 *
 * @returns `undefined` for all of them: the connection itself is another
 */
export function changedChannels(before: Session, after: Session): readonly Channel[] | undefined {
  const dialect = after.link?.dialect;
  if (before.link?.opened !== after.link?.opened) return undefined;
  if (before.connection !== after.connection || before.link?.dialect !== dialect) return undefined;
  // Before the dialect is decided all of them wait.
  if (before.link === null || after.link === null || dialect === undefined || dialect === 'undecided') return [];
  const keys = before.link.subscriptions.changesTo(after.link.subscriptions);
  if (keys === undefined || keys.has(allMetals)) return undefined;
  return [...keys].flatMap((key) => channelsOf(dialect, key));
}

/** The ids of the coins that an older coins backend sends now: the owner of a price that names none, if there is only one. */
export function activeCoins(session: Session): readonly string[] {
  const coins = new Set<string>();
  for (const channel of session.wanted.keys()) {
    const parsed = parseChannel(channel);
    if (parsed?.id !== undefined && parsed.prefix !== 'metal') coins.add(parsed.id);
  }
  return [...coins];
}

/** The interval in ms that the server keeps between values of a channel, as it was asked to; 0 without one. */
export function intervalOf(session: Session, channel: Channel): number {
  const wanted = session.wanted.get(channel);
  return (wanted === undefined ? undefined : mergedOptions(wanted.holders).minIntervalMs) ?? 0;
}

/** Whether the server has been asked for a channel by name on this connection, so that it can be asked anew. */
export function isAsked({ wanted, link }: Session, channel: string): boolean {
  const known = link?.subscriptions.get(channel);
  if (wanted.has(channel as Channel)) return true;
  return known !== undefined && known.status !== 'refused' && known.status !== 'unconfirmed';
}
