/** Who wants which channel. A channel lingers for a moment after its last holder let go, so that a remount costs nothing. */
import { parseChannel, type Channel } from '@tickwire/protocol';
import type { HolderOptions, WantedChannel } from './session-state.js';
import type { Turn } from './turn.js';

/** Somebody wants these channels. A channel that had been refused is asked for again. */
export function wanted(turn: Turn, holder: number, channels: readonly Channel[], options: HolderOptions): void {
  const all = new Map(turn.session.wanted);
  for (const channel of channels) {
    const holders = new Map(all.get(channel)?.holders).set(holder, options);
    all.set(channel, { holders, lingerUntil: null });
  }
  turn.change({ wanted: all });
  const { link } = turn.session;
  if (link === null) return;
  const subscriptions = new Map(link.subscriptions);
  for (const channel of channels) {
    if (subscriptions.get(channel)?.status === 'refused') subscriptions.delete(channel);
  }
  if (subscriptions.size < link.subscriptions.size) turn.changeLink({ subscriptions });
}

/** A holder lets go, once; what nobody holds lingers, or goes at once without a linger. */
export function letGo(turn: Turn, holder: number, channels: readonly Channel[]): void {
  const all = new Map(turn.session.wanted);
  let lingers = false;
  for (const channel of channels) {
    const known = all.get(channel);
    if (known?.holders.has(holder) !== true) continue;
    const holders = new Map(known.holders);
    holders.delete(holder);
    if (holders.size > 0) all.set(channel, { holders, lingerUntil: null });
    else if (turn.policy.lingerMs > 0 && isRunning(turn)) {
      all.set(channel, { holders, lingerUntil: turn.now + turn.policy.lingerMs });
      lingers = true;
    } else release(turn, all, channel);
  }
  const alreadyLingering = lingers && earliest(turn.session.wanted) < Infinity;
  turn.change({ wanted: all });
  if (lingers && !alreadyLingering) turn.start('linger', turn.policy.lingerMs);
}

/** Lets go of the channels whose linger is over. */
export function lingerPassed(turn: Turn): void {
  const all = new Map(turn.session.wanted);
  for (const [channel, known] of all) {
    if (known.lingerUntil !== null && known.lingerUntil <= turn.now) release(turn, all, channel);
  }
  if (all.size < turn.session.wanted.size) turn.change({ wanted: all });
  const next = earliest(all);
  if (next < Infinity) turn.start('linger', next - turn.now);
}

/** A closed client lets everything go that nobody holds. */
export function releaseLingering(turn: Turn): void {
  const all = new Map(turn.session.wanted);
  for (const [channel, known] of all) if (known.lingerUntil !== null) release(turn, all, channel);
  if (all.size < turn.session.wanted.size) turn.change({ wanted: all });
  turn.stop('linger');
}

function isRunning(turn: Turn): boolean {
  const { status } = turn.session.connection;
  return status !== 'closed' && status !== 'failed';
}

function earliest(all: ReadonlyMap<Channel, WantedChannel>): number {
  let at = Infinity;
  for (const known of all.values()) if (known.lingerUntil !== null) at = Math.min(at, known.lingerUntil);
  return at;
}

function release(turn: Turn, all: Map<Channel, WantedChannel>, channel: Channel): void {
  all.delete(channel);
  // What comes by itself goes on coming, and its position with it.
  if (parseChannel(channel)?.implicit !== true) turn.effect({ type: 'release', channel });
}
