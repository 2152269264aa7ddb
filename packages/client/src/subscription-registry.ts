/** All subscriptions of the user by channel, and those who wait for them to stand. */
import type { Channel, ChannelKind } from '@tickwire/protocol/rules';
import type { Connection } from './connection.js';
import type { Readiness } from './core/subscriptions.js';
import type { Fault } from './core/session-state.js';
import { onAbort } from './ending-signals.js';
import { abortReason, PriceStreamError } from './errors.js';
import type { Clock } from './io/clock.js';
import { ReadyBound, type WaitPhase } from './ready-bound.js';
import { SubscriptionHandle, type HandleOwner, type Wait } from './subscription-handle.js';
import type { SubscribeOptions } from './subscription.js';
import { Timers } from './timers.js';

interface RegistryHost {
  readonly clock: Clock;
  status(): Connection['status'];
  /** Whether a socket is open and its server has not sent the `hello` that it is asked for by the option `dialect`. */
  isUngreeted(): boolean;
  readiness(channel: Channel): Readiness;
  /** A channel whose readiness cannot be confirmed counts as confirmed once data of this connection has come. */
  hasData(channel: Channel): boolean;
  errorOf(fault: Fault): PriceStreamError;
  ended(handle: SubscriptionHandle): void;
  looped(handle: SubscriptionHandle): void;
  conflated(): void;
  listenerFailed(cause: unknown): void;
}

/** Tells one who waits how a handle stands; `undefined` while nothing is settled. */
type Settle = (result: { confirmed: boolean } | PriceStreamError | undefined) => void;

/** The subscriptions of one client. */
export class SubscriptionRegistry {
  readonly #host: RegistryHost;
  readonly #byChannel = new Map<Channel, Set<SubscriptionHandle>>();
  readonly #waiting = new Map<SubscriptionHandle, Set<Settle>>();
  /** Handles with values that wait for their interval. */
  readonly #thinned = new Set<SubscriptionHandle>();
  readonly #timers: Timers<'thin'>;
  readonly #owner: HandleOwner;
  #lastId = 0;
  #wakeAt = Infinity;

  constructor(host: RegistryHost) {
    this.#host = host;
    this.#timers = new Timers(host.clock);
    this.#owner = {
      now: () => host.clock.monotonic(),
      isOver: () => host.status() === 'closed' || host.status() === 'failed',
      ended: (handle) => this.#remove(handle),
      looped: (handle) => host.looped(handle),
      ready: (handle, options) => this.#ready(handle, options),
      wake: (handle, at) => {
        this.#thinned.add(handle);
        this.#wake(at);
      },
      conflated: () => host.conflated(),
      listenerFailed: (cause) => host.listenerFailed(cause),
    };
  }

  /** Makes a handle; the caller tells the session of it. */
  add(
    channels: readonly Channel[],
    listener: ((message: unknown) => unknown) | undefined,
    options: SubscribeOptions,
  ): SubscriptionHandle {
    this.#lastId += 1;
    const handle = new SubscriptionHandle(this.#owner, this.#lastId, channels, listener, options);
    for (const channel of channels) {
      const handles = this.#byChannel.get(channel) ?? new Set<SubscriptionHandle>();
      this.#byChannel.set(channel, handles.add(handle));
    }
    return handle;
  }

  /** Whether anybody holds the channel at this moment. */
  isHeld(channel: string): boolean {
    return this.#byChannel.has(channel as Channel);
  }

  /** How many channels are held. */
  get size(): number {
    return this.#byChannel.size;
  }

  /** Hands a value to all who hold the channel. */
  deliver(channel: Channel, kind: ChannelKind, payload: unknown, data: unknown): void {
    const handles = this.#byChannel.get(channel);
    if (handles === undefined) return;
    for (const handle of [...handles]) handle.accept(channel, kind, payload, data);
  }

  /**
   * Settles those who wait for channels that now stand or are refused.
   *
   * @param changed the channels whose standing may be another; `undefined` for all
   */
  settleReady(changed: readonly Channel[] | undefined): void {
    if (this.#waiting.size === 0) return;
    const handles = new Set(changed === undefined ? this.#waiting.keys() : this.#holding(changed));
    for (const handle of handles) this.#settle(handle);
  }

  *#holding(channels: Iterable<Channel>): Iterable<SubscriptionHandle> {
    for (const channel of channels) yield* this.#byChannel.get(channel) ?? [];
  }

  #settle(handle: SubscriptionHandle): void {
    const waiting = this.#waiting.get(handle);
    if (waiting === undefined) return;
    const result = this.#standing(handle);
    for (const settle of [...waiting]) settle(result);
  }

  /** The user closes the client: no loop reads on. */
  drop(): void {
    for (const handle of new Set(this.#holding(this.#byChannel.keys()))) handle.drop();
  }

  /** The client is closed or has failed. */
  clientEnded(error: PriceStreamError | undefined): void {
    this.#timers.stopAll();
    this.#wakeAt = Infinity;
    for (const handle of new Set(this.#holding(this.#byChannel.keys()))) handle.clientEnded(error);
  }

  #remove(handle: SubscriptionHandle): void {
    for (const channel of handle.channels) {
      const handles = this.#byChannel.get(channel);
      handles?.delete(handle);
      if (handles?.size === 0) this.#byChannel.delete(channel);
    }
    this.#thinned.delete(handle);
    this.#host.ended(handle);
    this.#settle(handle);
  }

  #standing(handle: SubscriptionHandle): { confirmed: boolean } | PriceStreamError | undefined {
    if (handle.ended) return handle.endedBy ?? new PriceStreamError('CLOSED', 'The subscription has ended.');
    let confirmed = true;
    let pending = false;
    for (const channel of handle.channels) {
      const readiness = this.#host.readiness(channel);
      if (readiness.state === 'refused') return this.#host.errorOf(readiness.fault);
      if (readiness.state === 'pending') pending = true;
      else if (!readiness.confirmed && !this.#host.hasData(channel)) confirmed = false;
    }
    return pending ? undefined : { confirmed };
  }

  #ready(handle: SubscriptionHandle, { signal, timeoutMs }: Wait): Promise<{ confirmed: boolean }> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(handle) ?? new Set<Settle>();
      const bound = new ReadyBound(this.#host.clock, timeoutMs, (phase) =>
        settle(this.#unanswered(handle, timeoutMs, phase)),
      );
      const leave = (): void => {
        bound.stop();
        waiting.delete(settle);
        if (waiting.size === 0) this.#waiting.delete(handle);
        unfollow();
      };
      const settle: Settle = (result) => {
        if (result === undefined) {
          bound.follow(this.#phase());
          return;
        }
        leave();
        if (result instanceof PriceStreamError) reject(result);
        else resolve(result);
      };
      const abort = (): void => {
        leave();
        reject(abortReason(signal));
      };
      const unfollow = onAbort(signal, abort);
      if (signal?.aborted === true) {
        abort();
        return;
      }
      this.#waiting.set(handle, waiting.add(settle));
      this.#settle(handle);
    });
  }

  #phase(): WaitPhase {
    if (this.#host.status() === 'connected') return 'connected';
    return this.#host.isUngreeted() ? 'ungreeted' : 'away';
  }

  #unanswered({ channels }: SubscriptionHandle, timeoutMs: number, phase: WaitPhase): PriceStreamError {
    const pending = channels.find((channel) => this.#host.readiness(channel).state === 'pending');
    const message =
      phase === 'ungreeted'
        ? `No word of ${pending ?? 'it'}: the server opened, and for ${timeoutMs} ms in all it sent no hello. Is it a tickwire server? Without the dialect option the client finds out; ready({ timeoutMs }) waits longer.`
        : `No word of ${pending ?? 'it'} within ${timeoutMs} ms of the connection. It is asked for still; look at the 'error' event and the dialect option, or wait longer: ready({ timeoutMs }).`;
    return new PriceStreamError('REQUEST_TIMEOUT', message, { retryable: true });
  }

  #wake(at: number): void {
    if (at >= this.#wakeAt) return;
    this.#wakeAt = at;
    this.#timers.start('thin', Math.max(0, Math.ceil(at - this.#host.clock.monotonic())), () => this.#thin());
  }

  #thin(): void {
    this.#wakeAt = Infinity;
    let next = Infinity;
    for (const handle of [...this.#thinned]) {
      const due = handle.handDue();
      if (due === Infinity) this.#thinned.delete(handle);
      next = Math.min(next, due);
    }
    if (next < Infinity) this.#wake(next);
  }
}
