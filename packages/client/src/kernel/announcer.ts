/** Everything that a stream tells its listeners, and what it counts of it. */
import { PriceStreamError } from './errors.js';
import { Listeners } from './listeners.js';
import { zeroCounters, type Counters } from './statistics.js';
import { UnheardErrors, type ErrorSink } from './unheard-errors.js';

/** Channels that came unasked and are named. */
const mostUnwanted = 20;

/** The listeners of one stream. */
export class Announcer {
  readonly counters: Counters = zeroCounters();
  /** Names of channels that came unasked. */
  readonly unwanted = new Set<string>();
  readonly listeners: Listeners<Record<string, unknown>>;
  readonly #unheard: UnheardErrors;
  /** Told once the step at hand is complete. */
  #reports: PriceStreamError[] = [];

  /** @param added called when somebody begins to listen to an event */
  constructor(sink: ErrorSink | undefined, added: (event: string) => void) {
    this.#unheard = new UnheardErrors(sink);
    this.listeners = new Listeners((event, cause) => this.failed(event, cause), added);
  }

  emit(event: string, payload: unknown): void {
    this.listeners.emit(event, payload);
  }

  /** What goes wrong and is no lost network. */
  report(error: PriceStreamError): void {
    this.#reports.push(error);
  }

  /** Tells what has been reported. */
  tell(): void {
    const reports = this.#reports;
    if (reports.length === 0) return;
    this.#reports = [];
    for (const error of reports) this.#told(error);
  }

  /** A listener threw or rejected. */
  failed(event: string, cause: unknown): void {
    this.counters.listenerFailures += 1;
    const error = new PriceStreamError('LISTENER_FAILED', `A listener of ${event} threw.`, { cause });
    // A listener of `error` that throws has nobody left to be reported to.
    if (event === 'error') this.#unheard.tell(error);
    else this.#told(error);
  }

  /** Something came that nobody had asked for. */
  unasked(channel: string | undefined): void {
    this.counters.unwantedMessages += 1;
    if (channel !== undefined && this.unwanted.size < mostUnwanted) this.unwanted.add(channel);
  }

  /** An error that nobody listens for is told to whoever looks at the console, once a kind. */
  #told(error: PriceStreamError): void {
    if (this.listeners.count('error') === 0) this.#unheard.tell(error);
    this.emit('error', error);
  }
}
