/** A dialect is somebody's code: what its hooks throw, or give that is no answer, is told and stops nothing. */
import type { Announcer } from './announcer.js';
import type { Dialect, Fault } from './dialect.js';
import { PriceStreamError } from './errors.js';
import { wrong } from './options.js';
import type { Turn } from './turn.js';
import type { Verdict } from './verdicts.js';

/** Kinds of mistakes that are told on one link. */
const mostMistakes = 20;

/** For those without a compiler. */
export function checkedDialect(dialect: Partial<Dialect> | null | undefined): Dialect {
  if (typeof dialect?.read !== 'function' || typeof dialect.carry !== 'function')
    throw wrong('dialect', 'an object with name, carry and read, or a function that gives one');
  return dialect as Dialect;
}

const anything = (): boolean => true;
export const isText = (answer: unknown): boolean => typeof answer === 'string';
export const isKey = (answer: unknown): boolean => answer === true || isText(answer);
/** What a frame may be; a text is sent as JSON, too. */
export const isFrame = (answer: unknown): boolean =>
  isText(answer) || (typeof answer === 'object' && answer !== null && !isPromise(answer));
export const isFault = ({ path, reason }: Fault): boolean => isText(path) && isText(reason);
export const isVerdict = ({ action, minDelayMs = 0, spreadMs = 0 }: Verdict): boolean =>
  /^(retry|stop|fail)$/.test(action) && minDelayMs >= 0 && spreadMs >= 0;

function isPromise(answer: unknown): answer is PromiseLike<unknown> {
  return typeof (answer as { then?: unknown }).then === 'function';
}

/** The hooks of what is spoken on one link. */
export class Hooks {
  /** Whether one is being called: what it asks for while it is looked at goes without saying. */
  busy = false;
  readonly #announcer: Announcer;
  readonly #turn: Turn;
  readonly #told = new Set<string>();

  constructor(announcer: Announcer, turn: Turn) {
    this.#announcer = announcer;
    this.#turn = turn;
  }

  /** Calls a hook; `undefined` for what it throws, and for an answer that is none. */
  call<Answer>(
    dialect: { readonly name: string },
    hook: string,
    call: () => Answer,
    isAnswer: (answer: NonNullable<Answer>) => boolean = anything,
  ): NonNullable<Answer> | undefined {
    const outer = this.busy;
    this.busy = true;
    try {
      const answer = call() ?? undefined;
      if (answer === undefined) return undefined;
      // Nobody waits for a hook, and what it rejects with is a slip as well.
      if (isPromise(answer)) answer.then(undefined, (cause: unknown) => this.slip(dialect, hook, cause));
      if (isAnswer(answer)) return answer;
      throw new Error(`It gave ${isPromise(answer) ? 'a promise' : `a wrong ${typeof answer}`}.`);
    } catch (cause) {
      this.slip(dialect, hook, cause);
      return undefined;
    } finally {
      this.busy = outer;
    }
  }

  /** Whether a frame was read as what it can mean. */
  isSound(dialect: { readonly name: string }, channel: unknown, price: unknown): boolean {
    const isSound = isText(channel) && Number.isFinite(price);
    if (!isSound) this.slip(dialect, 'read', 'A channel is a text, a price a finite number.');
    return isSound;
  }

  /** A slip is told once a kind, by the dialect's name and the hook's. */
  slip({ name }: { readonly name: string }, hook: string, cause: unknown): void {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `The dialect ${name} failed in ${hook}(): ${why.slice(0, 200)}`;
    if (this.#told.has(message) || this.#told.size >= mostMistakes) return;
    this.#told.add(message);
    this.#announcer.report(new PriceStreamError('DIALECT_FAILED', message, { cause }));
    this.#turn.changed();
  }
}
