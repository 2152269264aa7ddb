/** Keeps the position of each channel across connections: what came before is dropped, what is missing asked for. */
import { parseChannel, type Channel } from '@tickwire/protocol/rules';
import type { DialectHost } from '../../kernel/dialect.js';
import { holesOf, type HolesHost } from './holes.js';
import type { GapEvent, Message } from './messages.js';
import {
  afterAck,
  epochLoss,
  joined,
  resumable,
  verdictOn,
  type Acked,
  type Placed,
  type Position,
  type Track,
} from './positions.js';

/** A head that the client has not reached for this long, plus the interval of the channel, is a lost tail. */
const tailPatienceMs = 2_000;
/** A channel is not asked for anew more often than this. */
const resubscribeEveryMs = 5_000;

/** What the positions take of their surroundings. */
export interface PositionsHost extends HolesHost {
  readonly host: Pick<
    DialectHost,
    'clock' | 'timers' | 'counters' | 'emit' | 'wanted' | 'isWanted' | 'resubscribe' | 'link'
  >;
}

/** The positions of one stream. */
export type Positions = ReturnType<typeof positionsOf>;

/** The positions of one stream. They outlive its connections, so that the next one goes on where this one ended. */
export function positionsOf(surroundings: PositionsHost) {
  const { host } = surroundings;
  const { clock, timers, counters } = host;
  /** As many as there are channels wanted, and the implicit ones. */
  const tracks = new Map<string, Track>();
  const holes = holesOf(surroundings, reset);

  /** Whether the channel is asked for by name, or has been on this connection, so that it can be asked anew. */
  function isAsked(channel: string): boolean {
    const status = host.link?.asked(channel)?.status;
    return host.isWanted(channel) || !(status === undefined || status === 'refused' || status === 'unconfirmed');
  }

  function begin(channel: string, { epoch, seq }: Placed, valued = true): true {
    const parsed = parseChannel(channel);
    if (parsed !== undefined && (parsed.implicit || isAsked(channel))) {
      const { kind } = parsed;
      tracks.set(channel, { epoch, seq, kind, valued, head: -1 });
    }
    return true;
  }

  function announceLost(channel: Channel, track: Track): void {
    const { lost } = track;
    if (lost === undefined) return;
    track.lost = undefined;
    holes.announce(channel, lost);
  }

  /** Another epoch: what is held still belongs to the old one, the rest of that is lost. */
  function reset(channel: Channel, track: Track, { epoch, seq }: Position, reason = 'epoch'): void {
    announceLost(channel, track);
    holes.giveUp(channel, track);
    track.epoch = epoch;
    track.seq = seq;
    track.head = -1;
    if (track.kind === 'event') holes.announce(channel, epochLoss(epoch, reason));
    else track.valued = false;
  }

  function resubscribe(channel: Channel, track: Track): void {
    const now = clock.monotonic();
    if (now - (track.resubscribedAt ?? -Infinity) < resubscribeEveryMs) return;
    track.resubscribedAt = now;
    host.resubscribe(channel);
  }

  /** The server has sent up to `head`, and it has not arrived. */
  function behind(channel: Channel, track: Track, head: number): void {
    if (track.kind === 'event') holes.behind(channel, track, head);
    else if (isAsked(channel)) resubscribe(channel, track);
    else {
      track.seq = head;
      counters.gaps += 1;
    }
  }

  function watchTails(): void {
    const due = [...tracks.values()].filter((track) => track.head > track.seq).map(({ tailDueAt = 0 }) => tailDueAt);
    if (due.length === 0) return;
    timers.start('tail', Math.max(0, Math.min(...due) - clock.monotonic()), () => {
      const now = clock.monotonic();
      for (const [channel, track] of [...tracks]) {
        if (track.head <= track.seq || (track.tailDueAt ?? 0) > now) continue;
        const { head } = track;
        track.head = -1;
        behind(channel as Channel, track, head);
      }
      watchTails();
    });
  }

  function take(track: Track, { epoch, seq }: Placed): true {
    track.epoch = epoch ?? track.epoch;
    track.seq = seq;
    track.valued = true;
    return true;
  }

  return {
    /** The position to resume a channel from. */
    of: (channel: string) => resumable(tracks.get(channel)),

    /** Whether a value is news. `late`: it comes over a socket that is being left, which cannot start an epoch. */
    takeValue(channel: string, frame: Placed, late: boolean): boolean {
      const track = tracks.get(channel);
      if (track === undefined) return begin(channel, frame);
      if (frame.seq - (frame.skip ?? 0) !== track.seq + 1 || frame.epoch !== track.epoch) {
        const verdict = verdictOn(track, frame);
        if (verdict === 'duplicate') counters.duplicates += 1;
        if (verdict === 'duplicate' || (verdict === 'reset' && late)) return false;
        if (verdict === 'gap') counters.gaps += 1;
      }
      return take(track, frame);
    },

    /** Whether an item of a snapshot stands: one at the position of its ack does, an older one does not. */
    takeSnapshot(channel: string, item: Placed, late: boolean): boolean {
      const track = tracks.get(channel);
      if (track === undefined) return begin(channel, item);
      return (verdictOn(track, item) === 'reset' ? !late : item.seq >= track.seq) && take(track, item);
    },

    /** Whether an event is to be delivered now; one that came too early is held, and comes in its order. */
    takeEvent(channel: Channel, frame: Placed, message: Message, late: boolean): boolean {
      const track = tracks.get(channel);
      if (track === undefined) return begin(channel, frame);
      const { epoch, seq, skip } = frame;
      const verdict = verdictOn(track, frame);
      if (verdict === 'duplicate') {
        counters.duplicates += 1;
        return false;
      }
      if (verdict === 'reset') {
        if (!late) reset(channel, track, { epoch, seq });
        return !late;
      }
      announceLost(channel, track);
      track.epoch ??= epoch;
      const isNext = verdict === 'next' && track.hold === undefined;
      if (isNext) track.seq = seq;
      else holes.hold(channel, track, { seq, skip, message });
      return isNext;
    },

    /** The server's word that messages are lost: it moves the position and is announced once. */
    takeGap({ channel: name, ...told }: GapEvent, late: boolean): void {
      const channel = name as Channel;
      const track = tracks.get(channel);
      const { from, to, reason, epoch } = told;
      if (track?.lost !== undefined) {
        const loss = joined(track.lost, told);
        track.lost = undefined;
        track.seq = Math.max(track.seq, loss.to ?? -1);
        holes.announce(channel, loss);
      } else if (track === undefined) {
        holes.announce(channel, told);
        if (to !== null) begin(channel, { seq: to, epoch });
      } else if (epoch !== undefined && track.epoch !== undefined && epoch !== track.epoch) {
        if (!late) reset(channel, track, { epoch, seq: to ?? -1 }, reason);
      } else if (from === null || to === null) {
        // Of this epoch's beginning the user has been told already.
        if (epoch === undefined) holes.announce(channel, told);
      } else if (to > track.seq) {
        const loss = { seq: to, skip: Math.max(0, to - from), reason };
        if (track.kind === 'state') holes.lose(channel, track, to, reason);
        else if (track.hold === undefined && verdictOn(track, loss) === 'next') holes.step(channel, track, loss);
        else holes.hold(channel, track, loss);
      }
    },

    /** An ack says where a channel starts. `implicit`: it was not asked for by name; what is missed of events is, next. */
    acked(name: string, ack: Acked, implicit: boolean): void {
      const channel = name as Channel;
      const track = tracks.get(channel);
      if (track === undefined) {
        begin(channel, ack, false);
        return;
      }
      if (implicit && (track.kind === 'event' || typeof ack.recovered !== 'boolean')) {
        if (ack.recovered !== true) track.told = ack;
        return;
      }
      track.told = undefined;
      announceLost(channel, track);
      // What follows the ack brings all that is held, or the loss covers it.
      holes.release(track);
      const { position, lost } = afterAck(track, ack);
      const stays = ack.recovered === true && lost === undefined;
      track.epoch = position.epoch;
      track.seq = position.seq;
      track.head = -1;
      track.needsValue = false;
      if (!stays) track.valued = false;
      if (lost !== undefined && track.kind === 'event') track.lost = lost;
      if (!stays || ack.seq !== track.seq || track.kind === 'event') return;
      if (track.valued) host.link?.head(channel, track.seq);
      else if (track.seq > 0 && isAsked(channel)) {
        // Nothing follows such an ack, and the value it speaks of was lost with the last connection.
        track.needsValue = true;
        resubscribe(channel, track);
      }
    },

    /** A channel that comes by itself is not resumed by this server: what it is ahead of the client is a hole like any other. */
    notResumed(channel: Channel): void {
      const track = tracks.get(channel);
      if (track?.told === undefined) return;
      const { epoch, seq } = track.told;
      track.told = undefined;
      track.epoch ??= epoch;
      if (epoch !== track.epoch || seq < track.seq) reset(channel, track, { epoch, seq });
      else if (seq > track.seq) behind(channel, track, seq);
    },

    /** The head of each channel, as a heartbeat tells it: what the server has sent on this connection. */
    heads(heads: Readonly<Record<string, number>>): void {
      for (const [name, head] of Object.entries(heads)) {
        const channel = name as Channel;
        const track = tracks.get(channel);
        if (track === undefined) {
          if (parseChannel(channel)?.implicit === true) begin(channel, { seq: head });
          continue;
        }
        announceLost(channel, track);
        if (track.seq < 0) track.seq = head;
        else if (head < track.seq) {
          if (isAsked(channel)) resubscribe(channel, track);
          else reset(channel, track, { epoch: undefined, seq: head });
        } else if (head === track.seq) {
          track.head = -1;
          if (track.valued) host.link?.head(channel, head);
        } else if (track.head <= track.seq) {
          track.head = head;
          const intervalMs = host.wanted(channel)?.minIntervalMs ?? 0;
          track.tailDueAt = clock.monotonic() + intervalMs + tailPatienceMs;
          if (!timers.isRunning('tail')) watchTails();
        }
      }
    },

    /** The channel is let go for good. */
    forget(channel: string): void {
      const track = tracks.get(channel);
      if (track !== undefined) holes.release(track);
      tracks.delete(channel);
    },

    /** The connection is lost. What was held comes again after the resume, from positions that stand. */
    disconnected(): void {
      timers.stop('tail');
      for (const track of tracks.values()) {
        holes.release(track);
        track.head = -1;
        track.told = undefined;
      }
    },
  };
}
