/** The server's figures for Prometheus, read when they are asked for. Labels come from our own lists; none names a user. */
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Counters } from '../counters.js';
import type { EngineStatus } from '../engine/engine.js';
import type { SourceStatus } from '../sources/price-source.js';

/** What the figures are read from. */
export interface MetricsOptions {
  readonly counters: Counters;
  readonly connections: () => { readonly byDialect: Readonly<Record<string, number>>; readonly total: number };
  readonly subscriptions: () => { readonly channels: number; readonly lanes: number };
  /** Lanes that wait for their next frame. */
  readonly held: () => number;
  readonly sources: () => readonly SourceStatus[];
  readonly engine: () => EngineStatus;
  /** Bytes that the sockets have not sent. */
  readonly unsentBytes: () => number;
}

/** The figures, and the one thing in them that runs by itself. */
export interface Metrics {
  readonly contentType: string;
  /** The text of `/metrics`. Event-loop delays are those since the last call. */
  text(): Promise<string>;
  start(): void;
  stop(): void;
}

const authCodes = ['UNAUTHENTICATED', 'AUTH_FAILED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'AUTH_RATE_LIMITED'];
const delayResolutionMs = 10;
const nsPerSecond = 1e9;

/** Makes the figures; nothing runs before `start`. */
export function createMetrics(options: MetricsOptions): Metrics {
  const { counters } = options;
  const registry = new Registry();
  let delays: IntervalHistogram | undefined;

  type Series = Iterable<readonly [label: unknown, value: number]>;
  const addGauge = (name: string, help: string, labelNames: string[], read: () => Series): void => {
    const made: Gauge = new Gauge({
      name: `tickwire_${name}`,
      help,
      labelNames,
      registers: [registry],
      collect() {
        made.reset();
        for (const [label, value] of read()) made.labels(...(labelNames.length > 0 ? [String(label)] : [])).set(value);
      },
    });
  };
  const addCounter = (name: string, help: string, labelNames: string[], read: () => Series): void => {
    const made: Counter = new Counter({
      name: `tickwire_${name}_total`,
      help,
      labelNames,
      registers: [registry],
      collect() {
        made.reset();
        for (const [label, value] of read()) made.labels(...(labelNames.length > 0 ? [String(label)] : [])).inc(value);
      },
    });
  };
  const gauge = (name: string, help: string, read: () => number) => addGauge(name, help, [], () => [['', read()]]);
  const counter = (name: string, help: string, read: () => number) => addCounter(name, help, [], () => [['', read()]]);
  const gaugesBy = (name: string, help: string, label: string, read: () => Series) =>
    addGauge(name, help, [label], read);
  const countersBy = (name: string, help: string, label: string, read: () => Series) =>
    addCounter(name, help, [label], read);

  gaugesBy('connections', 'Open connections', 'dialect', () => Object.entries(options.connections().byDialect));
  counter('connections', 'Connections since the start', () => options.connections().total);
  countersBy('refused_upgrades', 'Upgrades answered in HTTP', 'status', () => counters.refusedUpgrades);
  countersBy('upgrade_refusals', 'The same by what refused them', 'reason', () => counters.refusalReasons);
  countersBy('closes', 'Close frames sent', 'code', () => counters.closes);
  counter('messages_in', 'Frames received', () => counters.framesIn);
  counter('messages_out', 'Frames sent', () => counters.framesOut);
  counter('bytes_out', 'Bytes of text sent, before compression', () => counters.bytesOut);
  counter('conflated', 'Messages that a connection was spared by conflation or its filter', () => counters.conflated);
  counter('dropped', 'Events lost to a connection and announced as a gap', () => counters.lostEvents);
  counter('slow_consumers', 'Connections closed for reading too slowly', () => counters.slowConsumers);
  counter('dead_peers', 'Connections cut for not answering a ping', () => counters.deadPeers);
  countersBy('errors', 'Error frames sent', 'code', () => counters.errors);
  counter('auth_failures', 'Refused authentications', () =>
    authCodes.reduce((sum, code) => sum + (counters.errors.get(code) ?? 0), 0),
  );
  gauge('channels', 'Channels that somebody listens on', () => options.subscriptions().channels);
  gauge('subscriptions', 'Subscriptions of all connections', () => options.subscriptions().lanes);
  gauge('held_messages', 'Prices that wait for a slow or paced connection', options.held);
  gauge('unsent_bytes', 'Bytes that the sockets have not sent', options.unsentBytes);
  gauge('engine_up', '1 when nothing stands against serving anybody', () =>
    options.engine().problem === undefined ? 1 : 0,
  );
  gaugesBy('engine', 'What the engine counts about itself', 'figure', () => options.engine().figures);
  gaugesBy('source_up', '1 when the price source runs', 'source', () =>
    options.sources().map(({ name, state }): [string, number] => [name, state === 'running' ? 1 : 0]),
  );
  countersBy('source_ticks', 'Prices of a source', 'source', () =>
    options.sources().map(({ name, ticks }): [string, number] => [name, ticks]),
  );
  gauge('event_loop_delay_max_seconds', 'Longest delay of the event loop since the last reading', () => {
    const longest = Math.max(0, (delays?.max ?? 0) / nsPerSecond - delayResolutionMs / 1_000);
    delays?.reset();
    return longest;
  });
  gauge('resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss());
  gauge('heap_used_bytes', 'Used heap', () => process.memoryUsage().heapUsed);
  gauge('uptime_seconds', 'Age of the process', () => process.uptime());

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    start() {
      delays ??= monitorEventLoopDelay({ resolution: delayResolutionMs });
      delays.enable();
    },
    stop() {
      delays?.disable();
      delays = undefined;
    },
  };
}
