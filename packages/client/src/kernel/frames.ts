/** From what a socket brings to a message, and what follows from frames that say nothing to us. */
import { bytesOf, hexOf, utf8Of } from '../io/frame-data.js';
import type { Announcer } from './announcer.js';
import type { Fault } from './dialect.js';
import { PriceStreamError } from './errors.js';

/** A frame that did not decode and was dropped. */
export interface InvalidEvent extends Fault {
  readonly code: 'BAD_JSON' | 'BAD_MESSAGE';
  /** At most 200 characters of the frame; empty for a frame that speaks of authentication. */
  readonly sample: string;
}

const longestSample = 200;
const longestFrame = 1_048_576;
const byteOrderMark = 0xfeff;
/** What speaks of credentials is not shown, not even in part. */
const secretive = /authenticat|token|api_?key|secret|password/i;

/** The text of a frame; `undefined` for one that is none. */
export function textOf(data: unknown): string | undefined {
  const bytes = typeof data === 'string' ? undefined : bytesOf(data);
  const text = bytes === undefined ? data : utf8Of(bytes);
  if (typeof text !== 'string') return undefined;
  // JSON has no mark in front; relays put one there all the same.
  return text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text;
}

/** A message out of a text of at most 1 MiB; `undefined` for what is no JSON. */
export function parsed(text: string): unknown {
  if (text.length > longestFrame) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A few characters of a frame, for people. */
export function sampleOf(text: string): string {
  return secretive.test(text) ? '' : text.slice(0, longestSample);
}

/** Why a frame was no message. */
export function invalidFrame(data: unknown, text: string | undefined): InvalidEvent {
  const bytes = typeof data === 'string' ? undefined : bytesOf(data);
  // Bytes may read as text by chance.
  if (text === undefined || bytes !== undefined) {
    const sample = bytes === undefined ? '' : hexOf(bytes);
    const isPacked = /^(1f 8b|78 (01|5e|9c|da)|28 b5 2f fd)/.test(sample);
    const reason = `expected a text frame, got ${isPacked ? 'what looks compressed' : 'bytes'}; the server has to send JSON as text`;
    return { code: 'BAD_MESSAGE', path: '', reason, sample };
  }
  const sample = sampleOf(text);
  return text.length > longestFrame
    ? { code: 'BAD_MESSAGE', path: '', reason: `expected at most ${longestFrame} characters`, sample }
    : { code: 'BAD_JSON', path: '', reason: 'expected JSON', sample };
}

/** What kind of message it is, in a word, for people. */
export function kindOf(message: unknown): string {
  const type = typeof message === 'object' && message !== null ? (message as { type?: unknown }).type : undefined;
  return typeof type === 'string' ? type.slice(0, 40) : 'a message without a type';
}

const windowMs = 60_000;
const mostBad = 20;
/** A burst of bad values, as of a list that is sent at once, is not yet what a link is like. */
const leastMs = 10_000;
/** What a new link has not cured is left at that for so long. */
const curedMs = 600_000;
const mostForeign = 3;

/** What is remembered of bad frames over all links of a stream. */
export class Cures {
  /** When a link was last given up for frames of this kind, and whether it has been told that this was no cure. */
  readonly gaveUp = new Map<string, { readonly at: number; told: boolean }>();
  /** Whether it has been told that the server speaks something else; until it speaks. */
  foreignTold = false;
  /** The dialect of which it has been told last what it does not have. */
  toldFor = '';

  /** The user connects again after an end. */
  forget(): void {
    this.gaveUp.clear();
    this.foreignTold = false;
  }
}

/** How well both sides of one link understand each other. */
export class Understanding {
  /** Whether a message has been heard that means something. */
  known = false;
  /** Frames that meant nothing, and what the first of them was. */
  #foreign = 0;
  #first = '';
  readonly #announcer: Announcer;
  readonly #cures: Cures;
  readonly #advice: string;
  /** Frames that decoded. */
  good = 0;
  /** Bad ones since `#since`, the good ones until then, and those without JSON in a row. */
  #bad = 0;
  #since = -Infinity;
  #goodBefore = 0;
  #goodAtLast = 0;
  #inARow = 0;

  constructor(announcer: Announcer, cures: Cures, advice: string) {
    this.#announcer = announcer;
    this.#cures = cures;
    this.#advice = advice;
  }

  /** A message that means something. */
  heard(message: unknown): void {
    if (this.known) return;
    this.known = true;
    this.#first = kindOf(message);
    this.#cures.foreignTold = false;
  }

  /**
   * A frame did not decode. A new link may cure broken JSON in a row, and bad frames that outweigh the good ones; where the last
   * one has not, the link is kept: a bad value among good ones harms its own frame alone.
   *
   * @returns why the link is given up, if it is
   */
  refused({ code, path, reason, sample }: InvalidEvent, now: number): PriceStreamError | undefined {
    // A frame that is at fault as a whole says no more than one without JSON.
    const kind = path === '' ? 'BAD_JSON' : code;
    const what = `${sample.slice(0, 80) || 'a frame'} (${reason})`;
    const { good } = this;
    if (now - this.#since > windowMs) this.#count(now);
    const isNext = kind === 'BAD_JSON' && (good === this.#goodAtLast || this.#bad === 0);
    this.#inARow = isNext ? this.#inARow + 1 : kind === 'BAD_JSON' ? 1 : 0;
    this.#bad += 1;
    this.#goodAtLast = good;
    this.foreign(what);
    const outweighs = this.#bad > good - this.#goodBefore && now - this.#since >= leastMs;
    if (this.#inARow < mostBad && (this.#bad < mostBad || !outweighs)) return undefined;
    const happened = `${this.#bad} frames of ${this.#bad + good - this.#goodBefore} did not decode; the last: ${what}.`;
    this.#count(-Infinity);
    const before = this.#cures.gaveUp.get(kind);
    if (before === undefined || now - before.at >= curedMs) {
      this.#cures.gaveUp.set(kind, { at: now, told: false });
      const error = new PriceStreamError('BAD_MESSAGE', `${happened} Trying a new connection.`, { retryable: true });
      this.#announcer.report(error);
      return error;
    }
    if (!before.told) {
      before.told = true;
      this.#announcer.report(
        new PriceStreamError('BAD_MESSAGE', `${happened} A new connection was no cure. ${this.#advice}`),
      );
    }
    return undefined;
  }

  /** A frame that means nothing; `what` it was. After a few, with nothing known between them, that is told. */
  foreign(what: string): void {
    if (this.known) return;
    if (this.#foreign === 0) this.#first = what;
    this.#foreign += 1;
    if (this.#foreign >= mostForeign) this.tellForeign();
  }

  /** Says, once, that nothing of what the server sends is known; nothing where something is, or nothing has come. */
  tellForeign(): void {
    if (this.#cures.foreignTold || this.known || this.#foreign === 0) return;
    this.#cures.foreignTold = true;
    const message = `The server speaks no dialect that this client knows; the first that came: ${this.#first}. ${this.#advice}`;
    this.#announcer.report(new PriceStreamError('BAD_MESSAGE', message));
  }

  /** What came in place of a greeting. */
  get first(): string {
    return this.#first;
  }

  #count(since: number): void {
    this.#since = since;
    this.#bad = 0;
    this.#inARow = 0;
    this.#goodBefore = since === -Infinity ? 0 : this.good;
  }
}
