/** What comes in over one socket: each frame is parsed, read by the dialect, and judged by what it has meant. */
import type { DialectLink, Fault } from './dialect.js';
import { PriceStreamError } from './errors.js';
import { invalidFrame, kindOf, parsed, sampleOf, textOf, type InvalidEvent } from './frames.js';
import type { Rooms } from './rooms.js';

/** A link, as far as it depends on what comes. */
interface Reader extends DialectLink {
  readonly lastFrameAt: number;
  drop(error: PriceStreamError, why?: string): void;
}

/** What a dialect's own `parse` makes nothing of. */
const unread: InvalidEvent = { code: 'BAD_MESSAGE', path: '', reason: 'parse() gave nothing', sample: '' };

const windowMs = 60_000;
const mostBad = 20;
/** A burst of bad values, as of a list that is sent at once, is not yet what a link is like. */
const leastMs = 10_000;
/** What a new link has not cured is left at that for so long. */
const curedMs = 600_000;
const mostForeign = 3;

/** The incoming side of one link. */
export class Inbox {
  /** Whether a message has been heard that means something. */
  known = false;
  readonly #rooms: Rooms;
  readonly #link: Reader;
  /** The frame at hand, for what is said of it, and whether it means anything. */
  #data: unknown;
  #means = true;
  /** Frames that meant nothing, and what the first of them was. */
  #foreign = 0;
  #first = '';
  /** Frames that decoded. */
  #good = 0;
  /** Bad ones since `#since`, the good ones until then, and those without JSON in a row. */
  #bad = 0;
  #since = -Infinity;
  #goodBefore = 0;
  #goodAtLast = 0;
  #inARow = 0;

  constructor(rooms: Rooms, link: Reader) {
    this.#rooms = rooms;
    this.#link = link;
  }

  /** What came in place of a greeting. */
  get first(): string {
    return this.#first;
  }

  /** A frame came. */
  take(data: unknown): void {
    const rooms = this.#rooms;
    const { counters } = rooms;
    const { dialect } = this.#link;
    counters.messages += 1;
    let message: unknown;
    let text: string | undefined;
    if (dialect.parse !== undefined) message = rooms.call(dialect, 'parse', data);
    else {
      text = textOf(data);
      counters.bytes += text?.length ?? 0;
      if (text !== undefined) message = parsed(text);
    }
    if (message === undefined) {
      this.#refuse(dialect.parse !== undefined ? unread : invalidFrame(data, text));
      return;
    }
    // A listener may lead to another frame, of the other socket or of this one.
    const outer = this.#data;
    this.#data = data;
    this.#means = true;
    const fault = this.#faultOf(message);
    if (fault !== undefined) this.#refuse(this.#invalid(fault));
    else {
      this.#good += 1;
      if (!this.known) this.#judge(message);
    }
    this.#data = outer;
  }

  /** The message at hand is of a kind that the dialect does not know. */
  unknown(message: unknown): void {
    this.#means = false;
    this.#rooms.counters.unknown += 1;
    this.#link.emit('unknown', message);
  }

  /** A part of the frame at hand is left out. */
  leftOut(fault: Fault): void {
    this.#link.emit('invalid', this.#invalid(fault));
  }

  /** Says, once, that nothing of what the server sends is known; nothing where something is, or nothing has come. */
  tellForeign(): void {
    if (this.#rooms.cures.foreignTold || this.known || this.#foreign === 0) return;
    this.#rooms.cures.foreignTold = true;
    const message = `The server speaks no dialect that this client knows; the first that came: ${this.#first}. ${this.#advice()}`;
    this.#rooms.report(new PriceStreamError('BAD_MESSAGE', message));
  }

  #faultOf(message: unknown): Fault | undefined {
    const { dialect } = this.#link;
    try {
      const fault = dialect.read(message, this.#link) as Fault | undefined;
      return fault ? this.#rooms.checked(dialect, 'read', fault) : undefined;
    } catch (cause) {
      this.#rooms.slip(dialect, 'read', cause);
      return { path: '', reason: `${dialect.name}.read() threw` };
    }
  }

  #invalid(fault: Fault): InvalidEvent {
    return { code: 'BAD_MESSAGE', ...fault, sample: sampleOf(textOf(this.#data) ?? '') };
  }

  #refuse(event: InvalidEvent): void {
    const link = this.#link;
    const { lastFrameAt } = link;
    this.#rooms.counters.invalid += 1;
    link.emit('invalid', event);
    if (!link.live || !link.current) return;
    this.#rooms.turn.run(() => {
      const error = this.#cureOf(event, lastFrameAt);
      if (error !== undefined) link.drop(error, 'bad_messages');
    });
  }

  #judge(message: unknown): void {
    if (!this.#means) {
      this.#foreignCame(`a message of type '${kindOf(message)}'`);
      return;
    }
    this.known = true;
    this.#first = kindOf(message);
    this.#rooms.cures.foreignTold = false;
  }

  /**
   * A frame did not decode. A new link may cure broken JSON in a row, and bad frames that outweigh the good ones; where the last
   * one has not, the link is kept: a bad value among good ones harms its own frame alone.
   *
   * @returns why the link is given up, if it is
   */
  #cureOf({ code, path, reason, sample }: InvalidEvent, now: number): PriceStreamError | undefined {
    // A frame that is at fault as a whole says no more than one without JSON.
    const kind = path === '' ? 'BAD_JSON' : code;
    const what = `${sample.slice(0, 80) || 'a frame'} (${reason})`;
    const good = this.#good;
    if (now - this.#since > windowMs) this.#count(now);
    const isNext = kind === 'BAD_JSON' && (good === this.#goodAtLast || this.#bad === 0);
    this.#inARow = isNext ? this.#inARow + 1 : kind === 'BAD_JSON' ? 1 : 0;
    this.#bad += 1;
    this.#goodAtLast = good;
    this.#foreignCame(what);
    const outweighs = this.#bad > good - this.#goodBefore && now - this.#since >= leastMs;
    if (this.#inARow < mostBad && (this.#bad < mostBad || !outweighs)) return undefined;
    const happened = `${this.#bad} frames of ${this.#bad + good - this.#goodBefore} did not decode; the last: ${what}.`;
    this.#count(-Infinity);
    const before = this.#rooms.cures.gaveUp.get(kind);
    if (before === undefined || now - before.at >= curedMs) {
      this.#rooms.cures.gaveUp.set(kind, { at: now, told: false });
      const error = new PriceStreamError('BAD_MESSAGE', `${happened} Trying a new connection.`, { retryable: true });
      this.#rooms.report(error);
      return error;
    }
    if (!before.told) {
      before.told = true;
      this.#rooms.report(
        new PriceStreamError('BAD_MESSAGE', `${happened} A new connection was no cure. ${this.#advice()}`),
      );
    }
    return undefined;
  }

  /** A frame that means nothing; `what` it was. After a few, with nothing known between them, that is told. */
  #foreignCame(what: string): void {
    if (this.known) return;
    if (this.#foreign === 0) this.#first = what;
    this.#foreign += 1;
    if (this.#foreign >= mostForeign) this.tellForeign();
  }

  #advice(): string {
    return this.#rooms.extras.advice ?? 'Check the address and the dialect.';
  }

  #count(since: number): void {
    this.#since = since;
    this.#bad = 0;
    this.#inARow = 0;
    this.#goodBefore = since === -Infinity ? 0 : this.#good;
  }
}
