/** A dialect is somebody's code: what its hooks throw is told and stops nothing. */
import type { Announcer } from './announcer.js';
import { PriceStreamError } from './errors.js';
import type { Turn } from './turn.js';

/** Kinds of mistakes that are told on one link. */
const mostMistakes = 20;

/** The hooks of what is spoken on one link. */
export class Hooks {
  readonly #announcer: Announcer;
  readonly #turn: Turn;
  readonly #told = new Set<string>();

  constructor(announcer: Announcer, turn: Turn) {
    this.#announcer = announcer;
    this.#turn = turn;
  }

  /** Calls a hook; `undefined` for what it throws. */
  call<Answer>(dialect: { readonly name: string }, hook: string, call: () => Answer): Answer | undefined {
    try {
      return call();
    } catch (cause) {
      this.slip(dialect, hook, cause);
      return undefined;
    }
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
