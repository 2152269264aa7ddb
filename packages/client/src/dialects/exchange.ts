/** What dialects of exchanges share: decimals as they are written, the order of trades, and lists that are refused as a whole. */
import type { DialectHost, DialectLink, Unanswered } from '../kernel/dialect.js';
import { PriceStreamError } from '../kernel/errors.js';
import type { Verdict } from '../kernel/verdicts.js';

/** Digits beyond this are no price. */
const longestDecimal = 64;
const longestText = 256;
/** What one frame names: Binance has refused more than 4 KiB. */
const longestList = 100;

/** A decimal as exchanges write it; `undefined` for what is none. */
export function decimal(text: unknown): number | undefined {
  const isDecimal = typeof text === 'string' && text.length <= longestDecimal && /^-?\d+(?:\.\d+)?$/.test(text);
  return isDecimal ? Number(text) : undefined;
}

/** An object as it came; `undefined` for what is none. */
export function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}

/** Whether it is a number of something that is counted. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A text as it came; `''` for what is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What an exchange says of a fault; its text is for people and shortened. */
export function exchangeError(code: string, said: string, advice = ''): PriceStreamError {
  const message = `The exchange says: ${said.slice(0, longestText) || 'an error'}.${advice}`;
  return new PriceStreamError(code, message, { retryable: code === 'INTERNAL' });
}

/** A feed has no reason to say that it has said everything: the connection is made again. */
export function keepsOn(code: number): Verdict | undefined {
  return code === 1000 ? { action: 'retry', meaning: 'the exchange closed the connection' } : undefined;
}

/** The liveliest product has fewer trades at once, and in a millisecond: a jump beyond them is no loss but another count. */
const mostAtOnce = 10_000;

interface Mark {
  readonly id: number;
  /** Epoch ms, by the exchange. */
  readonly time: number;
  /** Monotonic. */
  readonly at: number;
}

/** Where each product of a stream stands, over all its sockets: what is told does not go back in time. */
export class Order {
  readonly #host: DialectHost;
  readonly #marks = new Map<string, Mark>();

  constructor(host: DialectHost) {
    this.#host = host;
  }

  /**
   * Takes in the number of what came.
   *
   * @param time of its own, epoch ms; one that has gone on tells a count that began anew from what is late
   * @param counts whether the numbers are consecutive: then those that were left out are counted as missed
   * @returns whether it is older than what was told (below 0), the same (0), or newer
   */
  take(key: string, id: number, time = NaN, counts = false): number {
    const { clock, counters } = this.#host;
    const at = clock.monotonic();
    const last = this.#marks.get(key);
    const step = last === undefined ? 1 : id - last.id;
    const isLikely = last !== undefined && Math.abs(step) - 1 <= mostAtOnce + at - last.at;
    if (isLikely && step < 0 && !(time > last.time)) return step;
    if (isLikely && step > 1 && counts) counters.gaps += step - 1;
    this.#marks.set(key, { id, time, at });
    return step === 0 ? 0 : 1;
  }

  /** Nobody follows it any more: what comes meanwhile is not missed. */
  forget(key: string): void {
    this.#marks.delete(key);
  }
}

/** What one socket is asked for, in lists. An exchange that refuses a list does not say for which of it. */
export class Lists {
  /** What stands, or will. */
  readonly keys = new Set<string>();
  /** How long the next list may be. */
  #most = longestList;
  #said: string | undefined;

  /** The lists of a socket. */
  static of(link: DialectLink): Lists {
    link.own ??= new Lists();
    return link.own as Lists;
  }

  /** The next to ask for. */
  ask(owed: Iterable<string>, room = Infinity): readonly string[] {
    const next = this.#take(owed, Math.min(this.#most, room));
    for (const key of next) this.keys.add(key);
    return next;
  }

  /** The next to let go. */
  letGo(gone: Iterable<string>): readonly string[] {
    const next = this.#take(gone, longestList);
    for (const key of next) this.keys.delete(key);
    return next;
  }

  /** Whether the exchange has not just said this: a storm of it is told once. */
  isNews(text: string): boolean {
    const isNews = text !== this.#said;
    this.#said = text;
    return isNews;
  }

  granted(): void {
    this.#most = Math.min(longestList, this.#most * 2);
  }

  /**
   * A list is refused: those at fault for good, the others are asked for again. Where it is not said which are at fault,
   * shorter lists find it out.
   *
   * @param isAtFault whether the refusal names a key @returns those at fault
   */
  refused(
    link: DialectLink,
    { id, keys }: Unanswered,
    error: PriceStreamError,
    isAtFault: (key: string) => boolean,
  ): readonly string[] {
    const faulty = error.retryable ? [] : keys.length === 1 ? keys : keys.filter(isAtFault);
    if (faulty.length === 0 && !error.retryable) this.#most = Math.max(1, keys.length >> 1);
    for (const key of keys) this.keys.delete(key);
    link.refused(faulty, id, error);
    const others = keys.filter((key) => !faulty.includes(key));
    const again = new PriceStreamError(error.code, error.message, { retryable: true });
    link.refused(others, id, again, error.retryable ? undefined : 0);
    return faulty;
  }

  #take(keys: Iterable<string>, most: number): readonly string[] {
    const next: string[] = [];
    for (const key of keys) {
      if (next.length >= most) break;
      next.push(key);
    }
    return next;
  }
}
