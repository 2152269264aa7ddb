/**
 * Knows which timers have been started since it began, where, and whether they still wait; those that keep no process alive
 * too. Counts of the process cannot tell: a timer of the test runner that ends hides one that a test has left.
 */
import { createHook } from 'node:async_hooks';

const limit = 100_000;

// Whose timers are no concern of a test: they belong to who runs it.
const runner = /[/\\](?:vitest|@vitest|tinypool|birpc)[/\\]/;

/** The first line of a stack that is not of the platform; `undefined` when all are. */
export function originOf(stack: string): string | undefined {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  // The first one is the hook itself.
  const frame = frames.slice(1).find((line) => !/\(?node:/.test(line));
  return frame?.trim().replace(/^at /, '');
}

export class TimerCensus {
  // The stack of an error is written out when it is first read: rarely, here.
  readonly #started = new Map<number, Error>();
  #own = false;
  readonly #hook = createHook({
    init: (id, type) => {
      if (type === 'Timeout' && !this.#own && this.#started.size < limit) this.#started.set(id, new Error());
    },
    destroy: (id) => {
      this.#started.delete(id);
    },
  });

  private constructor() {
    this.#hook.enable();
  }

  static start(): TimerCensus {
    return new TimerCensus();
  }

  /** Where the timers were started that wait; a moment late about those that have just ended. */
  get waiting(): string[] {
    return [...this.#started.values()]
      .map((error) => originOf(error.stack ?? ''))
      .filter((origin) => origin !== undefined && !runner.test(origin)) as string[];
  }

  /** Runs something whose timers are not counted. */
  uncounted<T>(run: () => T): T {
    this.#own = true;
    try {
      return run();
    } finally {
      this.#own = false;
    }
  }

  stop(): void {
    this.#hook.disable();
    this.#started.clear();
  }
}
