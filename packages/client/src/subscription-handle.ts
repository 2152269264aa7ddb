/** One subscription of the user: what it lets through, at which pace, and that nothing comes after its end. */
import { compileFilter, parseChannel, type Channel, type ChannelKind } from '@tickwire/protocol/rules';
import { answerTo } from './answers.js';
import { AsyncQueue } from './async-queue.js';
import { readyOptions } from './call-checks.js';
import { onAbort } from './ending-signals.js';
import { PriceStreamError } from './errors.js';
import { deliver } from './listeners.js';
import type { ReadyOptions, SubscribeOptions, Subscription } from './subscription.js';

/** How long one waits. */
export type Wait = ReturnType<typeof readyOptions>;

/** What a handle asks of the registry that keeps it. */
export interface HandleOwner {
  now(): number;
  /** Whether the client is closed or has failed. */
  isOver(): boolean;
  ended(handle: SubscriptionHandle): void;
  /** A loop begins over a handle that has a listener: it ends at once where the client is closed. */
  looped(handle: SubscriptionHandle): void;
  ready(handle: SubscriptionHandle, options: Wait): Promise<{ confirmed: boolean }>;
  /** A value waits: look at the handle again at this monotonic instant. */
  wake(handle: SubscriptionHandle, at: number): void;
  conflated(): void;
  listenerFailed(cause: unknown): void;
}

interface HeldValue {
  readonly payload: unknown;
  readonly dueAt: number;
}

/** One handle; its identity, not its channels, is what ends with it. */
export class SubscriptionHandle implements Subscription<unknown> {
  readonly id: number;
  readonly channels: readonly Channel[];
  readonly options: SubscribeOptions;
  readonly #owner: HandleOwner;
  readonly #listener: ((message: unknown) => unknown) | undefined;
  readonly #passes: ((data: unknown) => boolean) | undefined;
  readonly #lastAt = new Map<Channel, number>();
  readonly #held = new Map<Channel, HeldValue>();
  #queue: AsyncQueue<unknown> | undefined;
  #active = true;
  #ungreeted: Set<Channel> | undefined;
  #endedBy: PriceStreamError | undefined;
  readonly #undoSignal: () => void;

  constructor(
    owner: HandleOwner,
    id: number,
    channels: readonly Channel[],
    listener: ((message: unknown) => unknown) | undefined,
    options: SubscribeOptions,
  ) {
    this.#owner = owner;
    this.id = id;
    this.channels = channels;
    this.options = options;
    this.#listener = listener;
    this.#passes = options.filter && compileFilter(options.filter);
    // Without a listener the values are for a loop; what comes before it starts waits in its buffer.
    if (listener === undefined) this.#queue = this.#makeQueue();
    this.#undoSignal = onAbort(options.signal, () => this.unsubscribe());
  }

  get active(): boolean {
    return this.#active && !this.#owner.isOver();
  }

  /** Whether it has ended for good; one that waits for the next `connect` has not. */
  get ended(): boolean {
    return !this.#active;
  }

  /** What ended it, when it was neither its user nor a `close`. */
  get endedBy(): PriceStreamError | undefined {
    return this.#endedBy;
  }

  /**
   * Hands over what is known of its channels already, once whoever subscribes has the handle; what comes before that
   * is newer and takes its place.
   */
  greet(known: (channel: Channel) => { readonly payload: unknown; readonly data: unknown } | undefined): void {
    const channels = this.channels.filter((channel) => known(channel) !== undefined);
    if (channels.length === 0 || !this.#active) return;
    this.#ungreeted = new Set(channels);
    queueMicrotask(() => {
      for (const channel of [...(this.#ungreeted ?? [])]) {
        const value = known(channel);
        if (this.#ungreeted?.has(channel) === true && value !== undefined)
          this.accept(channel, 'state', value.payload, value.data);
      }
      this.#ungreeted = undefined;
    });
  }

  /** Hands a value of one of the channels over, when filter and interval let it through. */
  accept(channel: Channel, kind: ChannelKind, payload: unknown, data: unknown): void {
    if (!this.#active) return;
    this.#ungreeted?.delete(channel);
    const { minIntervalMs } = this.options;
    if (this.#passes?.(data) === false) return;
    if (kind === 'event' || minIntervalMs === undefined || minIntervalMs <= 0) {
      this.#hand(channel, payload);
      return;
    }
    const now = this.#owner.now();
    const dueAt = (this.#lastAt.get(channel) ?? -Infinity) + minIntervalMs;
    if (now >= dueAt) {
      this.#held.delete(channel);
      this.#lastAt.set(channel, now);
      this.#hand(channel, payload);
      return;
    }
    if (this.#held.has(channel)) this.#owner.conflated();
    this.#held.set(channel, { payload, dueAt });
    this.#owner.wake(this, dueAt);
  }

  /** Hands over what waited for its interval; returns when the next is due, or `Infinity`. */
  handDue(): number {
    const now = this.#owner.now();
    let next = Infinity;
    for (const [channel, held] of [...this.#held]) {
      if (held.dueAt > now) {
        next = Math.min(next, held.dueAt);
        continue;
      }
      this.#held.delete(channel);
      this.#lastAt.set(channel, now);
      if (this.#active) this.#hand(channel, held.payload);
    }
    return next;
  }

  ready(given?: ReadyOptions): Promise<{ confirmed: boolean }> {
    let signal: AbortSignal | undefined;
    return answerTo(
      () => {
        const options = readyOptions(given);
        ({ signal } = options);
        return this.#owner.ready(this, options);
      },
      () => signal,
    );
  }

  unsubscribe(): void {
    this.#end();
    this.#queue?.drop();
  }

  /** The user closes the client: a loop reads nothing more. */
  drop(): void {
    if (this.#queue !== undefined) this.unsubscribe();
  }

  #end(): void {
    if (!this.#active) return;
    this.#active = false;
    this.#held.clear();
    this.#undoSignal();
    this.#queue?.end();
    this.#owner.ended(this);
  }

  /** The client is closed or has failed: loops end, handles with listeners wait for the next `connect`. */
  clientEnded(error: PriceStreamError | undefined): void {
    if (this.#queue === undefined || !this.#active) return;
    this.#endedBy = error;
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
      this.#owner.looped(this);
    }
    return this.#queue.iterate();
  }

  #makeQueue(): AsyncQueue<unknown> {
    const { bufferSize, overflow } = this.options;
    const isPrices = this.channels.every((channel) => parseChannel(channel)?.kind === 'state');
    const queue = new AsyncQueue<unknown>({
      overflow: overflow ?? (isPrices ? 'latest' : 'drop-oldest'),
      bufferSize,
      ended: () => this.#end(),
      lost: () => this.#owner.conflated(),
      overflowed: () => new PriceStreamError('SLOW_CONSUMER', 'The loop reads too slowly: its buffer is full.'),
    });
    if (!this.#active) queue.end();
    return queue;
  }

  #hand(channel: Channel, payload: unknown): void {
    this.#queue?.push(channel, payload);
    if (this.#listener !== undefined) deliver(this.#listener, payload, (cause) => this.#owner.listenerFailed(cause));
  }
}
