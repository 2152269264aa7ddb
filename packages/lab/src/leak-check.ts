/** Tells what a test leaves open: sockets, servers and timers of the process, whatever else it is given to count, and promises. */
import { inspect } from 'node:util';
import { realClock } from '@tickwire/testing';
import { TimerCensus } from './timer-census.js';

/** Something of which there is more at the end than at the start. */
export interface Leak {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

/** Counts of things by name. */
export type Counts = ReadonlyMap<string, number>;

/** What has grown, in the order of the later counts. */
export function leaksBetween(before: Counts, after: Counts): Leak[] {
  const leaks: Leak[] = [];
  for (const [name, count] of after) {
    const earlier = before.get(name) ?? 0;
    if (count > earlier) leaks.push({ name, before: earlier, after: count });
  }
  return leaks;
}

/** The leaks as lines to read. */
export function describeLeaks(leaks: readonly Leak[]): string {
  const lines = leaks.map(
    ({ name, before, after }) => `  ${name}: ${after - before} left (${before} before, ${after} now)`,
  );
  return ['Something was left open:', ...lines].join('\n');
}

// What belongs to sockets; files, pipes, terminals and timers come and go with the test runner, too.
const watched = new Map([
  ['TCPSocketWrap', 'sockets'],
  ['TCPConnectWrap', 'sockets that connect'],
  ['TCPServerWrap', 'listening servers'],
  ['TLSWrap', 'TLS sockets'],
  ['UDPWrap', 'UDP sockets'],
  ['GetAddrInfoReqWrap', 'name look-ups'],
]);

/** Sockets and servers that keep this process alive. */
export function openResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const resource of process.getActiveResourcesInfo()) {
    const name = watched.get(resource);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** What `LeakCheck.start` counts beside the process: name → how many there are now. */
export type LeakProbes = Readonly<Record<string, () => number>>;

/** One check, from `start` to its end: what has grown in between was left open. */
export class LeakCheck {
  readonly #probes = new Map<string, () => number>();
  readonly #before: Map<string, number>;
  readonly #promises = new Map<Promise<unknown>, string>();
  readonly #errors: UnhandledErrors;
  readonly #timers: TimerCensus;

  private constructor(probes: LeakProbes) {
    this.#before = openResources();
    this.#errors = UnhandledErrors.watch();
    this.#timers = TimerCensus.start();
    for (const [name, count] of Object.entries(probes)) this.count(name, count);
  }

  /** Starts counting; call it before anything is opened. @param probes further things to count, such as a fake clock's timers */
  static start(probes: LeakProbes = {}): LeakCheck {
    return new LeakCheck(probes);
  }

  /** Counts one more thing, from how many there are now. */
  count(name: string, probe: () => number): void {
    this.#probes.set(name, probe);
    this.#before.set(name, probe());
  }

  /** Expects a promise to be settled at the end, either way; gives it back. A rejection that nobody handles stays one. */
  settles<T>(name: string, promise: Promise<T>): Promise<T> {
    this.#promises.set(promise, name);
    return promise;
  }

  /** What is left at this moment. */
  leaks(): Leak[] {
    const after = openResources();
    after.set('timers', this.#timers.waiting.length);
    for (const [name, probe] of this.#probes) after.set(name, probe());
    for (const [promise, name] of this.#promises) {
      if (isPending(promise)) after.set(`promise ${name}`, (after.get(`promise ${name}`) ?? 0) + 1);
      else this.#promises.delete(promise);
    }
    after.set('unhandled errors', this.#errors.all.length);
    return leaksBetween(this.#before, after);
  }

  /**
   * Ends the check. What is closing gets a moment to be closed; then the promise rejects with a list of what is left.
   *
   * @param withinMs how long to wait @default 1,000
   */
  async end(withinMs = 1_000): Promise<void> {
    const end = realClock.monotonic() + withinMs;
    // Rejections that nobody handles are reported after the microtasks of a turn.
    await turn();
    let leaks = this.leaks();
    while (leaks.length > 0 && realClock.monotonic() < end) {
      await this.#timers.uncounted(pause);
      leaks = this.leaks();
    }
    const details = [
      ...this.#timers.waiting.slice(0, 20).map((origin) => `  a timer of ${origin}`),
      ...this.#errors.all.map((error) => `  unhandled: ${String(error)}`),
    ];
    this.#timers.stop();
    this.#errors.stop();
    if (leaks.length > 0) throw new Error([describeLeaks(leaks), ...details].join('\n'));
  }
}

/** Looks at a promise from outside: whoever calls `then` would be one who handles its rejection. */
function isPending(promise: Promise<unknown>): boolean {
  return /^Promise \{\s+<pending>/.test(inspect(promise, { depth: 0 }));
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

/** Runs something and checks that it leaves nothing behind; an error of its own comes first. */
export async function withLeakCheck<T>(run: (check: LeakCheck) => Promise<T> | T, probes: LeakProbes = {}): Promise<T> {
  const check = LeakCheck.start(probes);
  let result: T;
  try {
    result = await run(check);
  } catch (error) {
    await check.end(0).catch(() => undefined);
    throw error;
  }
  await check.end();
  return result;
}

const errorLimit = 100;

/** Where errors that nobody caught are reported; the process fits. */
export interface ErrorSource {
  on(event: 'unhandledRejection' | 'uncaughtException', listener: (error: unknown) => void): unknown;
  off(event: 'unhandledRejection' | 'uncaughtException', listener: (error: unknown) => void): unknown;
}

/** Counts rejections and exceptions that nobody caught. */
export class UnhandledErrors {
  /** The first 100. */
  readonly all: unknown[] = [];
  readonly #source: ErrorSource;
  readonly #listener = (error: unknown): void => {
    if (this.all.length < errorLimit) this.all.push(error);
  };

  private constructor(source: ErrorSource) {
    this.#source = source;
    source.on('unhandledRejection', this.#listener);
    source.on('uncaughtException', this.#listener);
  }

  /** Watches from now on. @param source where errors are reported @default this process */
  static watch(source: ErrorSource = process): UnhandledErrors {
    return new UnhandledErrors(source);
  }

  stop(): void {
    this.#source.off('unhandledRejection', this.#listener);
    this.#source.off('uncaughtException', this.#listener);
  }
}
