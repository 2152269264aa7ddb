/** Fills the holes of event channels: holds what came too early, asks once for what is missing, announces what stays open. */
import type { Channel } from '@tickwire/protocol';
import type { DialectHost } from '../../kernel/dialect.js';
import type { Message } from './messages.js';
import {
  firstOf,
  resumable,
  verdictOn,
  type Held,
  type Hold,
  type Loss,
  type Position,
  type Track,
} from './positions.js';
import type { HistoryPage } from './requests.js';

/** Frames of one channel that wait for a hole to be filled, and of all channels together. */
const mostHeld = 1_000;
const mostHeldInAll = 20_000;
/** The same in UTF-16 units of JSON, of all channels together. */
const mostHeldLength = 8_388_608;

/** What filling holes takes of its surroundings. */
export interface HolesHost {
  readonly host: Pick<DialectHost, 'counters' | 'emit'>;
  /** Delivers a message whose turn has come. */
  readonly deliver: (channel: Channel, message: Message) => void;
  readonly history: (channel: Channel, since: { epoch: string; seq: number } | undefined) => Promise<HistoryPage>;
}

/** The end of the first hole: just before the first frame that is held. */
const firstHole = ({ items }: Hold): number =>
  items.size === 0 ? -1 : Math.min(...[...items.values()].map(firstOf)) - 1;

/** The holes of one stream. @param reset the answer to a question is of another epoch */
export function holesOf(
  { host, deliver, history }: HolesHost,
  reset: (channel: Channel, track: Track, position: Position) => void,
) {
  let held = 0;
  let heldLength = 0;

  function announce(channel: Channel, loss: Loss): void {
    host.counters.gaps += 1;
    host.emit('gap', { channel, ...loss });
  }

  /** Everything up to `to` is lost, and announced. */
  function lose(channel: Channel, track: Track, to: number, reason: string): void {
    const from = track.seq + 1;
    track.seq = to;
    announce(channel, { from, to, reason });
  }

  /** Takes a frame or a loss that is next in order. */
  function step(channel: Channel, track: Track, { seq, message, reason = 'unknown' }: Held): void {
    if (message === undefined) lose(channel, track, seq, reason);
    else {
      track.seq = seq;
      deliver(channel, message);
    }
  }

  function count(frames: 1 | -1, length: number): void {
    held += frames;
    heldLength += frames * length;
  }

  function put({ items }: Hold, item: Held): void {
    const length = item.message === undefined ? 0 : JSON.stringify(item.message).length;
    items.set(item.seq, { ...item, length });
    count(1, length);
  }

  /** Forgets what is held: it comes again, from a position that stands. */
  function release(track: Track): void {
    for (const { length } of track.hold?.items.values() ?? []) count(-1, length);
    track.hold = undefined;
  }

  function ask(channel: Channel, track: Track, hold: Hold): void {
    const asked = (hold.asked = {});
    const answered = (page?: HistoryPage): void => {
      if (track.hold !== hold || hold.asked !== asked) return;
      const { items, target } = hold;
      const known = Math.max(target, ...items.keys());
      track.epoch ??= page?.epoch;
      const isSame = page !== undefined && page.epoch === track.epoch;
      for (const message of isSame ? page.messages : []) {
        const { seq } = message;
        // What lies beyond what this connection was sent comes by itself.
        if (typeof seq === 'number' && seq > track.seq && seq <= known && !items.has(seq)) put(hold, { seq, message });
      }
      drain(channel, track, hold, Math.max(target, isSame ? page.seq : -1, firstHole(hold)), true);
      if (page !== undefined && !isSame) reset(channel, track, { epoch: page.epoch, seq: page.seq });
    };
    history(channel, resumable(track)).then(answered, () => answered());
  }

  /**
   * Delivers what is held, in order. Holes up to `through` stay open for good and are announced; at one beyond it the
   * rest waits on, and is asked for when nothing else is out.
   */
  function drain(channel: Channel, track: Track, hold: Hold, through: number, asks: boolean): void {
    // A listener may have closed the client or let the channel go: what is not delivered now comes again after the resume.
    const isOver = (): boolean => track.hold !== hold;
    for (const item of [...hold.items.values()].sort((left, right) => left.seq - right.seq)) {
      if (isOver()) return;
      const verdict = verdictOn(track, item);
      if (verdict === 'gap') {
        const hole = firstOf(item) - 1;
        if (hole > through) {
          if (asks) ask(channel, track, hold);
          return;
        }
        lose(channel, track, hole, 'unfilled');
        if (isOver()) return;
      }
      if (hold.items.delete(item.seq)) count(-1, item.length);
      if (verdict !== 'duplicate') step(channel, track, item);
    }
    if (isOver()) return;
    if (hold.target > track.seq) {
      if (through < hold.target) return;
      lose(channel, track, hold.target, 'unfilled');
    }
    if (!isOver()) track.hold = undefined;
  }

  return {
    announce,
    lose,
    step,
    release,

    /** Takes what cannot be delivered yet, and asks for what is missing before it. */
    hold(channel: Channel, track: Track, item: Held): void {
      const hold: Hold = (track.hold ??= { items: new Map(), target: -1 });
      if (hold.items.has(item.seq)) {
        host.counters.duplicates += 1;
        return;
      }
      put(hold, item);
      if (hold.asked === undefined) ask(channel, track, hold);
      if (hold.items.size > mostHeld || held > mostHeldInAll || heldLength > mostHeldLength) {
        drain(channel, track, hold, firstHole(hold), true);
      } else if (verdictOn(track, item) === 'next') drain(channel, track, hold, -1, false);
    },

    /** The server has sent up to `head`, and nothing of it has come. */
    behind(channel: Channel, track: Track, head: number): void {
      if (track.hold === undefined) ask(channel, track, (track.hold = { items: new Map(), target: head }));
    },

    /** Waits no longer: delivers all that is held and announces the holes. */
    giveUp(channel: Channel, track: Track): void {
      if (track.hold !== undefined) drain(channel, track, track.hold, Infinity, false);
      release(track);
    },
  };
}
