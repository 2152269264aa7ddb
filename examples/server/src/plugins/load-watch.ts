/** Looks at what the process has left, so that it refuses newcomers and lets some go before it ends. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { CloseCode } from '@tickwire/protocol';
import type { Clock } from '../clock.js';
import type { Limits } from '../limits.js';
import type { Connection } from './connection.js';
import type { ConnectionRegistry } from './connection-registry.js';

/** How the process is at a moment. */
export interface LoadReading {
  /** Part of the heap that is used, in percent. */
  readonly heapPercent: number;
  /** How late the event loop usually was since the reading before. */
  readonly loopDelayMs: number;
  /** What all connections together have unsent. */
  readonly unsentBytes: number;
}

/** Reads what the machine tells; `stop` ends the measuring. */
export interface LoadMeter {
  read(): Pick<LoadReading, 'heapPercent' | 'loopDelayMs'>;
  stop(): void;
}

/** `refuse`: nobody is taken in; `shed`: some are let go as well. */
export type Load = 'fine' | 'refuse' | 'shed';

/** What the log says of a load. */
export const loadTexts: Readonly<Record<Load, string>> = {
  fine: 'there is room again for newcomers',
  refuse: 'too busy: newcomers are refused',
  shed: 'too much at once: newcomers are refused, and some connections are closed',
};

type LoadLimits = Pick<
  Limits,
  'fullHeapPercent' | 'sheddingHeapPercent' | 'loopDelayMs' | 'totalUnsentBytes' | 'loadSampleMs'
>;

/** What a reading means. */
export function loadOf({ heapPercent, loopDelayMs, unsentBytes }: LoadReading, limits: LoadLimits): Load {
  if (heapPercent >= limits.sheddingHeapPercent || unsentBytes > limits.totalUnsentBytes) return 'shed';
  const isBusy = heapPercent >= limits.fullHeapPercent || loopDelayMs > limits.loopDelayMs;
  return isBusy ? 'refuse' : 'fine';
}

/** V8 counts these into its limit on top of what may grow old: three semi-spaces of 16 MiB. */
const youngReserveBytes = 48 * 2 ** 20;
const youngSpaces: ReadonlySet<string> = new Set(['new_space', 'new_large_object_space']);

/**
 * How much of what may grow old is used, in percent. The young part is left out on both sides: a process with a small heap
 * ends long before all of `limitBytes` is used.
 */
export function heapPercentOf(spaces: readonly { name: string; bytes: number }[], limitBytes: number): number {
  const mostBytes = Math.max(limitBytes - youngReserveBytes, limitBytes / 3);
  const usedBytes = spaces.reduce((sum, { name, bytes }) => (youngSpaces.has(name) ? sum : sum + bytes), 0);
  return (usedBytes / mostBytes) * 100;
}

/** The meter of this process. */
export function createProcessMeter(): LoadMeter {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return {
    read() {
      // The median: one long pause is no reason to refuse anybody, a loop that is always late is.
      const loopDelayMs = delay.percentile(50) / 1e6;
      delay.reset();
      const used = getHeapSpaceStatistics().map(({ space_name: name, space_used_size: bytes }) => ({ name, bytes }));
      return { heapPercent: heapPercentOf(used, getHeapStatistics().heap_size_limit), loopDelayMs };
    },
    stop: () => void delay.disable(),
  };
}

/** What the watch is made of. */
export interface LoadWatchOptions {
  readonly registry: Pick<ConnectionRegistry, 'all' | 'unsentBytes'>;
  readonly meter: LoadMeter;
  readonly clock: Clock;
  readonly limits: LoadLimits;
  /** Told whenever the load becomes another, with the reading that made it so. */
  readonly onChange?: (load: Load, reading: LoadReading) => void;
}

const shedShare = 0.05;
const retryAfterMs = 5_000;
/** Garbage counts as used until it is collected: only what stays is a reason to let somebody go. */
const samplesBeforeShedding = 2;

/** Those that cost most: with the most unsent, then the newest. */
function costliest(connections: readonly Connection[], count: number): Connection[] {
  return [...connections].sort((a, b) => b.unsentBytes - a.unsentBytes || b.openedAt - a.openedAt).slice(0, count);
}

/** The watch; it samples from `start` to `stop`. */
export class LoadWatch {
  readonly #options: LoadWatchOptions;
  #load: Load = 'fine';
  #heavySamples = 0;
  #cancel: (() => void) | undefined;

  constructor(options: LoadWatchOptions) {
    this.#options = options;
  }

  /** Whether nobody should be taken in. */
  get isOverloaded(): boolean {
    return this.#load !== 'fine';
  }

  start(): void {
    this.#cancel = this.#options.clock.after(this.#options.limits.loadSampleMs, () => {
      this.#sample();
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#options.meter.stop();
  }

  #sample(): void {
    const { registry, meter, limits } = this.#options;
    const reading = { ...meter.read(), unsentBytes: registry.unsentBytes() };
    const load = loadOf(reading, limits);
    if (load !== this.#load) this.#options.onChange?.(load, reading);
    this.#load = load;
    this.#heavySamples = this.#load === 'shed' ? this.#heavySamples + 1 : 0;
    if (this.#heavySamples < samplesBeforeShedding) return;
    const connections = registry.all();
    for (const connection of costliest(connections, Math.ceil(connections.length * shedShare))) {
      connection.close(CloseCode.TRY_AGAIN_LATER, `overload;ra=${retryAfterMs}`);
    }
  }
}
