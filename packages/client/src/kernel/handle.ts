/** One subscription of the user: what it lets through, at which pace, and that nothing comes after its end. */
import { answerTo } from './answers.js';
import type { Holder, HolderOptions } from './channels.js';
import type { Disposes } from './disposal.js';
import type { PriceStreamError } from './errors.js';
import { deliver } from './listeners.js';
import type { Tick } from './prices.js';
import { AsyncQueue, type StreamOptions } from './queue.js';
import type { Rooms } from './rooms.js';
import { onAbort } from './signals.js';

/** How long `ready` waits. */
export interface ReadyOptions {
  /** Aborting ends the wait. */
  signal?: AbortSignal | undefined;
  /** Milliseconds, counted while there is a connection, anew for each. @default 15_000 */
  timeoutMs?: number | undefined;
}

/** A subscription to one or more channels. Several on one channel share one subscription on the wire. */
export interface Subscription<Delivery, Channel extends string = string> extends AsyncIterable<Delivery>, Disposes {
  readonly channels: readonly Channel[];
  /**
   * Whether it delivers, or will once the connection is there: it has not ended, and the client is neither closed nor
   * failed, whoever ended that. One with a listener outlives such an end: it is active again after `connect()`.
   */
  readonly active: boolean;
  /**
   * Resolves once the server has confirmed every channel, or cannot (`confirmed: false`, older dialects).
   *
   * @throws PriceStreamError when the server refuses a channel; `REQUEST_TIMEOUT` when the connection has been up for
   * `timeoutMs` (default 15,000) and there is no answer yet: the subscription stands and goes on being asked for;
   * `CLOSED` when the client or the handle is closed.
   */
  ready(options?: ReadyOptions): Promise<{ confirmed: boolean }>;
  /** Ends it; nothing is delivered after this returns. Idempotent. */
  unsubscribe(): void;
  /** Leaving the loop in any way unsubscribes. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Delivery>;
}

/** Options of a handle, with what the façade has made of its filter. */
export interface HandleOptions extends HolderOptions, StreamOptions {
  /** Whether a message passes the filter. */
  readonly passes?: ((payload: unknown) => boolean) | undefined;
}

/** The stream that a handle belongs to. */
interface Stream extends Rooms {
  readonly ending: PriceStreamError | undefined;
  readonly waits: { ready(handle: Handle, options: ReadyOptions | undefined): Promise<{ confirmed: boolean }> };
  isEvents(channel: string): boolean;
  whenOver(end: (error: PriceStreamError) => void): void;
  letGo(handle: Handle): void;
}

interface Thinned {
  /** Monotonic: when a value of the channel was handed over last. */
  at: number;
  /** What waits for its interval. */
  held?: { readonly payload: unknown } | undefined;
}

/** One handle; its identity, not its channels, is what ends with it. */
export class Handle implements Holder, Subscription<unknown> {
  readonly channels: readonly string[];
  readonly options: HandleOptions;
  /** What ended it, when it was neither its user nor a `close`. */
  endedBy: PriceStreamError | undefined;
  /** Whether it has ended for good; one that waits for the next `connect` has not. */
  ended = false;
  readonly #stream: Stream;
  readonly #listener: ((message: unknown) => unknown) | undefined;
  #thinned: Map<string, Thinned> | undefined;
  #queue: AsyncQueue<unknown> | undefined;
  #ungreeted: Set<string> | undefined;
  /** When the next value that waits is due, monotonic ms. */
  #dueAt: number | undefined;
  #undoSignal: (() => void) | undefined;

  constructor(
    stream: Stream,
    channels: readonly string[],
    listener: ((message: unknown) => unknown) | undefined,
    options: HandleOptions,
  ) {
    this.#stream = stream;
    this.channels = channels;
    this.options = options;
    this.#listener = listener;
    // Without a listener the values are for a loop; what comes before it starts waits in its buffer.
    if (listener === undefined) this.#queue = this.#makeQueue();
    if (options.signal !== undefined) this.#undoSignal = onAbort(options.signal, () => this.unsubscribe());
  }

  get active(): boolean {
    return !this.ended && this.#stream.ending === undefined;
  }

  /**
   * Hands over what is known of its channels already, once whoever subscribes has the handle; what comes before that
   * is newer and takes its place.
   */
  greet(): void {
    const { life, prices } = this.#stream;
    // A stream that has ended delivers nothing.
    const known = (channel: string): Tick | undefined => (life.isOver ? undefined : prices.view.get(channel));
    if (this.ended || !this.channels.some((channel) => known(channel) !== undefined)) return;
    this.#ungreeted = new Set(this.channels);
    queueMicrotask(() => {
      for (const channel of this.#ungreeted ?? []) {
        const tick = known(channel);
        if (tick !== undefined) this.accept(channel, false, tick);
      }
      this.#ungreeted = undefined;
    });
  }

  accept(channel: string, isEvent: boolean, payload: unknown): void {
    if (this.ended) return;
    this.#ungreeted?.delete(channel);
    const { minIntervalMs = 0, passes } = this.options;
    if (passes?.(payload) === false) return;
    if (isEvent || minIntervalMs <= 0) {
      this.#hand(channel, payload);
      return;
    }
    const now = this.#stream.now();
    this.#thinned ??= new Map();
    const known = this.#thinned.get(channel);
    if (known === undefined || now >= known.at + minIntervalMs) {
      this.#thinned.set(channel, { at: now });
      this.#hand(channel, payload);
      return;
    }
    if (known.held !== undefined) this.#stream.conflated();
    known.held = { payload };
    this.#wake(known.at + minIntervalMs);
  }

  ready(given?: ReadyOptions): Promise<{ confirmed: boolean }> {
    let options: ReadyOptions | undefined;
    return answerTo(
      () => {
        const { extras, waits } = this.#stream;
        options = extras.readyOptions?.(given) ?? given;
        return waits.ready(this, options);
      },
      () => options?.signal,
    );
  }

  unsubscribe(): void {
    this.#end();
    this.#queue?.drop();
  }

  drop(): void {
    if (this.#queue !== undefined) this.unsubscribe();
  }

  /** Loops end, handles with listeners wait for the next `connect`. */
  over(error: PriceStreamError | undefined): void {
    this.#rest();
    if (this.#queue === undefined || this.ended) return;
    this.endedBy = error;
    this.#queue.end(error);
    this.#end();
  }

  // Where the platform lacks the symbol, this is a method that nobody calls.
  [Symbol.dispose](): void {
    this.unsubscribe();
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<unknown> {
    if (this.#queue === undefined) {
      this.#queue = this.#makeQueue();
      this.#stream.whenOver((error) => this.over(error));
    }
    return this.#queue.iterate();
  }

  #end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#thinned = undefined;
    this.#rest();
    this.#undoSignal?.();
    this.#queue?.end();
    this.#stream.letGo(this);
  }

  /** A value waits for its interval until this monotonic instant. */
  #wake(at: number): void {
    if (this.#dueAt !== undefined && at >= this.#dueAt) return;
    this.#dueAt = at;
    const { alarms } = this.#stream;
    alarms.start(this, at - this.#stream.now(), () => this.#handDue());
  }

  #rest(): void {
    this.#dueAt = undefined;
    this.#stream.alarms.stop(this);
  }

  #handDue(): void {
    const { minIntervalMs = 0 } = this.options;
    const now = this.#stream.now();
    this.#dueAt = undefined;
    for (const [channel, { at, held }] of [...(this.#thinned ?? [])]) {
      if (held === undefined || this.ended) continue;
      if (at + minIntervalMs > now) this.#wake(at + minIntervalMs);
      else {
        this.#thinned?.set(channel, { at: now });
        this.#hand(channel, held.payload);
      }
    }
  }

  #makeQueue(): AsyncQueue<unknown> {
    const { bufferSize, overflow } = this.options;
    const areEvents = this.channels.some((channel) => this.#stream.isEvents(channel));
    const queue = new AsyncQueue<unknown>({
      overflow: overflow ?? (areEvents ? 'drop-oldest' : 'latest'),
      bufferSize,
      ended: () => this.#end(),
      lost: () => this.#stream.conflated(),
    });
    if (this.ended) queue.end();
    return queue;
  }

  #hand(channel: string, payload: unknown): void {
    this.#queue?.push(channel, payload);
    if (this.#listener !== undefined)
      deliver(this.#listener, payload, (cause) => this.#stream.failed('subscribe', cause));
  }
}
