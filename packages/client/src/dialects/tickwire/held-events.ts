/** Fills the holes of event channels: holds what came too early, asks once for what is missing, announces what stays open. */
import type { Channel } from '@tickwire/protocol';
import { firstOf, verdictOn, type Loss, type Placed, type Position } from './positions.js';
import type { Message } from './messages.js';
import type { HistoryPage } from './requests.js';

/** Frames of one channel that wait for a hole to be filled, and of all channels together. */
const mostHeld = 1_000;
const mostHeldInAll = 20_000;
/** The same in UTF-16 units of JSON, of all channels together. */
const mostHeldLength = 8_388_608;

/** A frame that came too early; without a message, a loss that the server announced. */
export interface Held extends Placed {
  readonly message?: Message;
  readonly reason?: string;
}

function lengthOf({ message }: Held): number {
  return message === undefined ? 0 : JSON.stringify(message).length;
}

/** A hole that is being filled. */
interface Hold {
  /** By seq. */
  readonly items: Map<number, Held & { readonly length: number }>;
  /** The head that proved the hole, when no frame has come behind it; −1 otherwise. */
  readonly target: number;
  /** The question that is out; an answer to an older one says nothing. */
  ask: number;
}

/** Where a channel stands, and the hole that is being filled there. */
export interface Holding extends Position {
  epoch: string | undefined;
  seq: number;
  hold: Hold | undefined;
}

/** What the filling asks of its surroundings. */
export interface HeldEventsHost {
  deliver(channel: Channel, message: Message): void;
  announce(channel: Channel, loss: Loss): void;
  duplicate(): void;
  history(channel: Channel): Promise<HistoryPage>;
  /** The answer is of another epoch. */
  reset(channel: Channel, position: Position): void;
}

/** The holes of one client. */
export class HeldEvents {
  readonly #host: HeldEventsHost;
  #asks = 0;
  #held = 0;
  #heldLength = 0;

  constructor(host: HeldEventsHost) {
    this.#host = host;
  }

  /** Takes what cannot be delivered yet, and asks for what is missing before it. */
  hold(channel: Channel, track: Holding, item: Held): void {
    const hold = track.hold ?? this.#begin(track, -1);
    if (hold.items.has(item.seq)) {
      this.#host.duplicate();
      return;
    }
    this.#put(hold, item);
    if (hold.ask === 0) this.#ask(channel, track, hold);
    if (hold.items.size > mostHeld || this.#held > mostHeldInAll || this.#heldLength > mostHeldLength) {
      this.#drain(channel, track, hold, firstHole(hold), true);
    } else if (verdictOn(track, item) === 'next') this.#drain(channel, track, hold, -1, false);
  }

  /** The server has sent up to `head`, and nothing of it has come. */
  behind(channel: Channel, track: Holding, head: number): void {
    if (track.hold === undefined) this.#ask(channel, track, this.#begin(track, head));
  }

  /** Takes a frame or a loss that is next in order. */
  step(channel: Channel, track: Holding, { seq, message, reason = 'unknown' }: Held): void {
    if (message === undefined) {
      this.lose(channel, track, seq, reason);
      return;
    }
    track.seq = seq;
    this.#host.deliver(channel, message);
  }

  /** Everything up to `to` is lost, and announced. */
  lose(channel: Channel, track: Holding, to: number, reason: string): void {
    const from = track.seq + 1;
    track.seq = to;
    this.#host.announce(channel, { from, to, reason });
  }

  /** Waits no longer: delivers all that is held and announces the holes. */
  giveUp(channel: Channel, track: Holding): void {
    if (track.hold !== undefined) this.#drain(channel, track, track.hold, Infinity, false);
    this.release(track);
  }

  /** Forgets what is held: it comes again, from a position that stands. */
  release(track: Holding): void {
    for (const { length } of track.hold?.items.values() ?? []) this.#dropped(length);
    track.hold = undefined;
  }

  #begin(track: Holding, target: number): Hold {
    return (track.hold = { items: new Map(), target, ask: 0 });
  }

  #put(hold: Hold, item: Held): void {
    const length = lengthOf(item);
    hold.items.set(item.seq, { ...item, length });
    this.#held += 1;
    this.#heldLength += length;
  }

  #dropped(length: number): void {
    this.#held -= 1;
    this.#heldLength -= length;
  }

  #ask(channel: Channel, track: Holding, hold: Hold): void {
    this.#asks += 1;
    const ask = this.#asks;
    hold.ask = ask;
    const answered = (page?: HistoryPage): void => {
      if (track.hold === hold && hold.ask === ask) this.#answered(channel, track, hold, page);
    };
    this.#host.history(channel).then(answered, () => answered());
  }

  #answered(channel: Channel, track: Holding, hold: Hold, page: HistoryPage | undefined): void {
    const known = Math.max(hold.target, ...hold.items.keys());
    track.epoch ??= page?.epoch;
    const isSame = page !== undefined && page.epoch === track.epoch;
    for (const message of isSame ? page.messages : []) {
      const { seq } = message;
      // What lies beyond what this connection was sent comes by itself.
      if (typeof seq !== 'number' || seq <= track.seq || seq > known || hold.items.has(seq)) continue;
      this.#put(hold, { seq, message });
    }
    const hole = Math.max(hold.target, isSame ? page.seq : -1, firstHole(hold));
    this.#drain(channel, track, hold, hole, true);
    if (page !== undefined && !isSame) this.#host.reset(channel, { epoch: page.epoch, seq: page.seq });
  }

  /**
   * Delivers what is held, in order. Holes up to `through` stay open for good and are announced; at one beyond it the
   * rest waits on, and is asked for when nothing else is out.
   */
  #drain(channel: Channel, track: Holding, hold: Hold, through: number, asks: boolean): void {
    for (const item of [...hold.items.values()].sort((left, right) => left.seq - right.seq)) {
      // A listener may have closed the client or let the channel go.
      if (track.hold !== hold) return;
      const verdict = verdictOn(track, item);
      if (verdict === 'gap' && firstOf(item) - 1 > through) {
        if (asks) this.#ask(channel, track, hold);
        return;
      }
      if (verdict === 'gap') this.lose(channel, track, firstOf(item) - 1, 'unfilled');
      // The announcement has listeners too: what is not delivered now comes again after the resume.
      if (track.hold !== hold) return;
      if (hold.items.delete(item.seq)) this.#dropped(item.length);
      if (verdict !== 'duplicate') this.step(channel, track, item);
    }
    if (track.hold !== hold) return;
    if (hold.target > track.seq) {
      if (through < hold.target) return;
      this.lose(channel, track, hold.target, 'unfilled');
    }
    if (track.hold === hold) track.hold = undefined;
  }
}

/** The end of the first hole: just before the first frame that is held. */
function firstHole(hold: Hold): number {
  let first = Infinity;
  for (const item of hold.items.values()) first = Math.min(first, firstOf(item));
  return first === Infinity ? -1 : first - 1;
}
