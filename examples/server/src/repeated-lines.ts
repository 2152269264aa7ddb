/** What fails again and again is told to the log once, then counted: one line each ten seconds, so that it does not fill a disk. */
import type { Clock } from './clock.js';

/** What the counting is made of. */
export interface RepeatedLinesOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** How often what is repeated may have a line, in ms. */
  readonly everyMs: number;
}

interface Repeated {
  count: number;
  /** Writes the line about those that were not written. */
  readonly tell: (count: number) => void;
}

/** So many different ones are told apart; those beyond share one line, for an outsider may make up as many as he likes. */
const mostKinds = 20;
const allOthers = 'all others';
const warnLevel = 40;

/** What is wrong, by which two lines are the same: its text, and the error's kind and words. `undefined` for lines that say no trouble. */
function troubleIn([first, second]: readonly unknown[]): { text: string; error?: string } | undefined {
  if (typeof first === 'string') return { text: first };
  if (typeof first !== 'object' || first === null) return undefined;
  const error = first instanceof Error ? first : 'err' in first ? first.err : undefined;
  if (error === undefined) return undefined;
  const words =
    error instanceof Error
      ? `${error.name}: ${error.message}`
      : typeof error === 'string'
        ? error
        : 'an error that is no Error';
  return { text: typeof second === 'string' ? second : words, error: words.slice(0, 256) };
}

type LogMethod = (this: unknown, ...args: unknown[]) => void;

/** Decides over each line of the log that tells of trouble. */
export class RepeatedLines {
  readonly #options: RepeatedLinesOptions;
  readonly #repeated = new Map<string, Repeated>();
  #cancel: (() => void) | undefined;
  #isOver = false;

  constructor(options: RepeatedLinesOptions) {
    this.#options = options;
  }

  /** The hook `logMethod` of pino: writes the line, or counts it. */
  readonly log = (logger: unknown, args: readonly unknown[], method: LogMethod, level: number): void => {
    const trouble = level < warnLevel ? undefined : troubleIn(args);
    const isNew =
      trouble === undefined ||
      this.#isNew(`${level} ${trouble.text} ${trouble.error ?? ''}`, (repeated) => {
        const error = trouble.error === undefined ? {} : { error: trouble.error };
        method.call(logger, { repeated, ...error }, trouble.text);
      });
    if (isNew) method.apply(logger, [...args]);
  };

  /** Writes what was counted; from then on nothing is counted any more, and no timer runs. */
  stop(): void {
    this.#isOver = true;
    this.#tell();
    this.#cancel?.();
    this.#repeated.clear();
  }

  #isNew(kind: string, tell: (count: number) => void): boolean {
    if (this.#isOver) return true;
    const key = this.#repeated.has(kind) || this.#repeated.size < mostKinds ? kind : allOthers;
    const known = this.#repeated.get(key);
    if (known === undefined) this.#repeated.set(key, { count: 0, tell });
    else known.count += 1;
    this.#cancel ??= this.#options.clock.after(this.#options.everyMs, () => this.#tell());
    return known === undefined;
  }

  /** What did not come again is forgotten: the next of its kind is told at once. */
  #tell(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const [key, repeated] of this.#repeated) {
      const { count, tell } = repeated;
      repeated.count = 0;
      if (count === 0) this.#repeated.delete(key);
      else tell(count);
    }
    if (this.#repeated.size > 0) this.#cancel = this.#options.clock.after(this.#options.everyMs, () => this.#tell());
  }
}
