/** What comes in over one socket: each frame is parsed, read by the dialect, and judged by what it has meant. */
import type { DialectLink, Fault } from './dialect.js';
import { invalidFrame, kindOf, parsed, sampleOf, textOf, Understanding, type InvalidEvent } from './frames.js';
import { isFault, type Hooks } from './hooks.js';
import type { Life } from './life.js';
import type { Rooms } from './rooms.js';

/** What a dialect's own `parse` makes nothing of. */
const unread: InvalidEvent = { code: 'BAD_MESSAGE', path: '', reason: 'parse() gave nothing', sample: '' };

/** The incoming side of one link. */
export class Inbox {
  readonly understanding: Understanding;
  readonly #rooms: Rooms;
  readonly #life: Life;
  readonly #link: DialectLink;
  readonly #hooks: Hooks;
  /** The frame at hand, for what is said of it. */
  #data: unknown;
  #means = true;

  constructor(rooms: Rooms, life: Life, link: DialectLink, hooks: Hooks) {
    this.#rooms = rooms;
    this.#life = life;
    this.#link = link;
    this.#hooks = hooks;
    this.understanding = new Understanding(rooms.announcer, rooms.cures, rooms.advice);
  }

  /** A frame came. @param now monotonic ms */
  take(data: unknown, now: number): void {
    const { dialect } = this.#link;
    const { counters } = this.#rooms.announcer;
    counters.messages += 1;
    let message: unknown;
    let text: string | undefined;
    if (dialect.parse === undefined) {
      text = textOf(data);
      if (text !== undefined) {
        counters.bytes += text.length;
        message = parsed(text);
      }
    } else message = this.#hooks.call(dialect, 'parse', () => dialect.parse?.(data));
    if (message === undefined) this.#refuse(dialect.parse === undefined ? invalidFrame(data, text) : unread, now);
    else this.#read(message, data, now);
  }

  /** The message at hand is of a kind that the dialect does not know. */
  meansNothing(): void {
    this.#means = false;
  }

  /** A part of the frame at hand is left out. */
  leftOut(fault: Fault): void {
    this.#link.emit('invalid', { code: 'BAD_MESSAGE', ...fault, sample: this.#sample() });
  }

  #read(message: unknown, data: unknown, now: number): void {
    const { understanding } = this;
    // A listener may lead to another frame, of the other socket or of this one.
    const outer = this.#data;
    this.#data = data;
    this.#means = true;
    const fault = this.#faultOf(message);
    if (fault !== undefined) this.#refuse({ code: 'BAD_MESSAGE', ...fault, sample: this.#sample() }, now);
    else {
      understanding.good += 1;
      if (!understanding.known) this.#judge(message);
    }
    this.#data = outer;
  }

  #faultOf(message: unknown): Fault | undefined {
    const { dialect } = this.#link;
    try {
      const fault = dialect.read(message, this.#link) as Fault | undefined;
      return fault ? this.#hooks.call(dialect, 'read', () => fault, isFault) : undefined;
    } catch (cause) {
      this.#hooks.slip(dialect, 'read', cause);
      return { path: '', reason: `${dialect.name}.read() threw` };
    }
  }

  #judge(message: unknown): void {
    if (this.#means) this.understanding.heard(message);
    else this.understanding.foreign(`a message of type '${kindOf(message)}'`);
  }

  #sample(): string {
    const text = textOf(this.#data);
    return text === undefined ? '' : sampleOf(text);
  }

  #refuse(event: InvalidEvent, now: number): void {
    this.#rooms.announcer.counters.invalid += 1;
    this.#link.emit('invalid', event);
    if (!this.#link.live || !this.#link.current) return;
    this.#rooms.turn.run(() => {
      const error = this.understanding.refused(event, now);
      if (error !== undefined && this.#link.live) this.#life.lost(error, {}, false, 'bad_messages');
    });
  }
}
