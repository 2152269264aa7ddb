/** What of a stream outlives its sockets: what is wanted and known, what is counted, and all that listeners are told. */
import type { Clock } from '../io/clock.js';
import { Channels } from './channels.js';
import type { Dialect } from './dialect.js';
import { PriceStreamError } from './errors.js';
import { Cures } from './cures.js';
import { sound, type Answer, type Given, type Hook } from './hooks.js';
import type { Life } from './life.js';
import { Listeners } from './listeners.js';
import type { Settings } from './options.js';
import { unpaced } from './pace.js';
import { Prices } from './prices.js';
import { zeroCounters, type Counters } from './statistics.js';
import { lineOf } from './step-log.js';
import { Timers } from './timers.js';
import { Turn } from './turn.js';

/** What a façade adds to a stream. */
export interface Extras {
  /** What is told to look at when nothing that comes is understood. */
  readonly advice?: string;
  /** What helps where a server does not greet. */
  readonly findsOut?: string;
  /** Whether a stream goes on without a WebSocket: prices come another way. */
  readonly goesWithout?: boolean;
  /** Looks at what a wait for a subscription takes. */
  readonly readyOptions?: (given: unknown) => { signal?: AbortSignal | undefined; timeoutMs?: number | undefined };
}

const mostLines = 50;
/** Channels that came unasked and are named. */
const mostUnwanted = 20;
/** Kinds of errors that are told on the console: a server cannot fill it. Kinds of a dialect's slips that are told at all. */
const mostKinds = 20;

/** The rooms of one stream. */
export abstract class Rooms {
  abstract readonly life: Life;
  /** What is spoken at the open. */
  abstract readonly dialect: Dialect;
  readonly settings: Settings;
  readonly extras: Extras;
  readonly clock: Clock;
  readonly counters: Counters = zeroCounters();
  /** Names of channels that came unasked. */
  readonly unwanted = new Set<string>();
  readonly listeners = new Listeners<Record<string, unknown>>((event, cause) => this.failed(event, cause));
  readonly channels: Channels;
  readonly prices: Prices;
  readonly turn = new Turn(() => this.settled());
  /** Those of dialects, and the kernel's own. */
  readonly timers: Timers<string>;
  readonly alarms: Timers<unknown>;
  readonly paced = unpaced();
  readonly cures = new Cures();
  /** The last 50 steps, for a bug report. */
  readonly log: string[] = [];
  /** Whether a hook is being called: what it asks for while it is looked at goes without saying. */
  hooked = false;
  /** Requests so far: each has a number that is never used twice. */
  requests = 0;
  /** Told once the step at hand is complete. */
  #reports: PriceStreamError[] = [];
  readonly #unheard = new Set<string>();
  readonly #slips = new Set<string>();

  constructor(settings: Settings, extras: Extras) {
    const { clock } = settings;
    this.settings = settings;
    this.extras = extras;
    this.clock = clock;
    this.timers = new Timers(clock);
    this.alarms = new Timers(clock);
    this.channels = new Channels(clock, settings.lingerMs, (channels) => this.released(channels));
    this.prices = new Prices(clock, settings.staleAfterMs, this.listeners);
  }

  /** Channels are let go for good. */
  protected abstract released(channels: readonly string[]): void;
  /** After each turn: what it has changed is shown and told. */
  protected abstract settled(): void;

  // What the life gets its facts from.

  now(): number {
    return this.clock.monotonic();
  }

  wallNow(): number {
    return this.clock.now();
  }

  random(): number {
    return this.settings.random();
  }

  /** A number for a request. */
  request(): string {
    this.requests += 1;
    return `r${this.requests}`;
  }

  emit(event: string, payload: unknown): void {
    this.listeners.emit(event, payload);
  }

  /** What goes wrong and is no lost network. */
  report(error: PriceStreamError): void {
    this.#reports.push(error);
    this.turn.changed();
  }

  /** Tells what has been reported. */
  tell(): void {
    for (const error of this.#reports.splice(0)) this.#told(error);
  }

  /** A listener threw or rejected. */
  failed(event: string, cause: unknown): void {
    this.counters.listenerFailures += 1;
    const error = new PriceStreamError('LISTENER_FAILED', `A listener of ${event} threw.`, { cause });
    // A listener of `error` that throws has nobody left to be reported to.
    if (event === 'error') this.#unheardOf(error);
    else this.#told(error);
  }

  /** A value was replaced by a newer one before anybody took it. */
  conflated(): void {
    this.counters.conflated += 1;
  }

  /** Something came that nobody had asked for. */
  unasked(channel: string | undefined): void {
    this.counters.unwantedMessages += 1;
    if (channel !== undefined && this.unwanted.size < mostUnwanted) this.unwanted.add(channel);
  }

  /** Does something with the life, and writes it down. */
  step(what: string, task: () => void): void {
    this.turn.run(() => {
      const { life, log } = this;
      const { status } = life.state;
      task();
      const line = lineOf(status, what, life.state, this.wallNow());
      if (log.push(line) > mostLines) log.shift();
      try {
        this.settings.logger?.debug(line);
      } catch {
        // A logger that throws has nowhere to be logged.
      }
    });
  }

  /** Calls a hook of a dialect, which is somebody's code: `undefined` for what it throws, and for an answer that is none. */
  call<Name extends Hook>(dialect: Dialect, hook: Name, ...given: Given<Name>): Answer<Name> | undefined {
    const outer = this.hooked;
    this.hooked = true;
    try {
      const answer = (dialect[hook] as ((...given: Given<Name>) => Answer<Name> | null) | undefined)?.(...given);
      // A ping is asked for when there is to be one.
      if ((answer === undefined || answer === null) && hook !== 'ping') return undefined;
      return this.checked(dialect, hook, answer ?? (0 as Answer<Name>));
    } catch (cause) {
      this.slip(dialect, hook, cause);
      return undefined;
    } finally {
      this.hooked = outer;
    }
  }

  /** @throws Error for an answer that a hook cannot give */
  checked<Given>(dialect: Dialect, hook: string, answer: Given, isSound = sound[hook]): Given {
    const isPromise = typeof (answer as Partial<PromiseLike<unknown>>).then === 'function';
    // Nobody waits for a hook, and what it rejects with is a slip as well.
    if (isPromise)
      (answer as PromiseLike<unknown>).then(undefined, (cause: unknown) => this.slip(dialect, hook, cause));
    if (isSound !== undefined && (isPromise || !isSound(answer as never)))
      throw new Error(`It gave ${isPromise ? 'a promise' : `a wrong ${typeof answer}`}.`);
    return answer;
  }

  /** A slip is told once a kind, by the dialect's name and the hook's. */
  slip({ name }: Dialect, hook: string, cause: unknown): void {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `The dialect ${name} failed in ${hook}(): ${why.slice(0, 200)}`;
    if (this.#isNew(this.#slips, message)) this.report(new PriceStreamError('DIALECT_FAILED', message, { cause }));
  }

  /** An error that nobody listens for is told to whoever looks at the console, once a kind. */
  #told(error: PriceStreamError): void {
    if (this.listeners.count('error') === 0) this.#unheardOf(error);
    this.emit('error', error);
  }

  #unheardOf(error: PriceStreamError): void {
    const { code, message, cause } = error;
    // A listener's slip is a kind for each event.
    const isListener = code === 'LISTENER_FAILED';
    if (!this.#isNew(this.#unheard, isListener ? message : code)) return;
    const text = `Tickwire: ${code}: ${message} (Told once. Listen with client.on('error', …).)`;
    try {
      // Looked up when it is called: a page may replace it.
      const { logger } = this.settings;
      const sink = typeof logger?.error === 'function' ? logger : globalThis.console;
      sink.error?.(text, isListener && cause !== undefined ? cause : error);
    } catch {
      // There is nowhere left to tell it.
    }
  }

  #isNew(told: Set<string>, kind: string): boolean {
    return told.size < mostKinds && told.size < told.add(kind).size;
  }
}
