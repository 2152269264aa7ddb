/** Who wants which channel. A channel lingers for a moment after its last holder let go, so that a remount costs nothing. */
import { parseChannel, type Channel } from '@tickwire/protocol/rules';
import type { HolderOptions } from './session-state.js';
import { carriage, channelsOf, uncarriedFault } from './subscriptions.js';
import type { Turn } from './turn.js';
import { VersionedMap } from './versioned-map.js';

/** Somebody wants these channels. A channel that had been refused is asked for again. */
export function wanted(turn: Turn, holder: number, channels: readonly Channel[], options: HolderOptions): void {
  let { wanted: all, lingering } = turn.session;
  const held = channels.filter((channel) => (all.get(channel)?.holders.size ?? 0) === 0);
  for (const channel of channels) {
    const holders = all.get(channel)?.holders ?? new VersionedMap<number, HolderOptions>();
    all = all.with(channel, { holders: holders.with(holder, options) });
    lingering = lingering.without(channel);
    const { link } = turn.session;
    if (link?.subscriptions.get(channel)?.status === 'refused') {
      turn.changeLink({ subscriptions: link.subscriptions.without(channel) });
    }
  }
  turn.change({ wanted: all, lingering });
  owe(turn, channels);
  sayUncarried(turn, held);
}

/** A holder lets go, once; what nobody holds lingers, or goes at once without a linger. */
export function letGo(turn: Turn, holder: number, channels: readonly Channel[]): void {
  let { wanted: all, lingering } = turn.session;
  const isLingering = lingering.size > 0;
  const released: Channel[] = [];
  for (const channel of channels) {
    const known = all.get(channel);
    if (known?.holders.has(holder) !== true) continue;
    const holders = known.holders.without(holder);
    all = all.with(channel, { holders });
    if (holders.size > 0) continue;
    if (turn.policy.lingerMs > 0 && isRunning(turn)) {
      lingering = lingering.with(channel, turn.now + turn.policy.lingerMs);
    } else released.push(channel);
  }
  turn.change({ wanted: all, lingering });
  owe(turn, channels);
  release(turn, released);
  if (lingering.size > 0 && !isLingering) turn.start('linger', turn.policy.lingerMs);
}

/** Lets go of the channels whose linger is over. */
export function lingerPassed(turn: Turn): void {
  const over: Channel[] = [];
  for (const [channel, until] of turn.session.lingering) {
    if (until > turn.now) break;
    over.push(channel);
  }
  release(turn, over);
  for (const until of turn.session.lingering.values()) {
    turn.start('linger', until - turn.now);
    return;
  }
}

/** A closed client lets everything go that nobody holds. */
export function releaseLingering(turn: Turn): void {
  release(turn, [...turn.session.lingering.keys()]);
  turn.stop('linger');
}

/** A connection that begins, or turns out to speak another dialect, has asked for nothing of what is wanted. */
export function oweAll(turn: Turn): void {
  turn.changeLink({ subscriptions: new VersionedMap(), owing: new VersionedMap(), gone: new VersionedMap() });
  owe(turn, turn.session.wanted.keys());
  // Once for a dialect, not at each reconnect.
  if (turn.session.link?.dialect !== turn.session.remembered) sayUncarried(turn, turn.session.wanted.keys());
}

/** Who does not wait for `ready()` learns as well that a channel cannot come. */
function sayUncarried(turn: Turn, channels: Iterable<Channel>): void {
  const dialect = turn.session.link?.dialect;
  // All are said once the dialect is decided; that of our own servers carries every name.
  if (dialect === undefined || dialect === 'undecided' || dialect === 'tickwire') return;
  const missing = [...channels].filter((channel) => carriage(dialect, channel).by === 'nothing');
  if (missing.length > 0) turn.report(uncarriedFault(dialect, missing));
}

/** The server may have to be told of these channels. */
export function owe(turn: Turn, channels: Iterable<Channel>): void {
  const { link, wanted: all } = turn.session;
  // Once the dialect is decided, everything is owed.
  if (link === null || link.dialect === 'undecided') return;
  let { owing, gone } = link;
  for (const channel of channels) {
    const carried = carriage(link.dialect, channel);
    if (carried.by !== 'key') continue;
    const { key } = carried;
    if (link.dialect === 'metals' || channelsOf(link.dialect, key).some((each) => all.has(each))) {
      owing = owing.has(key) ? owing : owing.with(key, true);
      gone = gone.without(key);
    } else {
      owing = owing.without(key);
      gone = gone.with(key, true);
    }
  }
  turn.changeLink({ owing, gone });
}

function isRunning(turn: Turn): boolean {
  const { status } = turn.session.connection;
  return status !== 'closed' && status !== 'failed';
}

function release(turn: Turn, channels: readonly Channel[]): void {
  let { wanted: all, lingering } = turn.session;
  for (const channel of channels) {
    all = all.without(channel);
    lingering = lingering.without(channel);
    // What comes by itself goes on coming, and its position with it.
    if (parseChannel(channel)?.implicit !== true) turn.effect({ type: 'release', channel });
  }
  turn.change({ wanted: all, lingering });
  owe(turn, channels);
}
