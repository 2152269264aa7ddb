/** One stream at work: what users ask of it, what its dialect may ask, and what follows from each step. */
import { Handle, type HandleOptions } from './handle.js';
import type { ConnectionView } from './connection.js';
import type { Desired, Dialect, DialectHost, DialectSource } from './dialect.js';
import { missingError, PriceStreamError, wrong } from './errors.js';
import type { LifeState } from './life-state.js';
import { Link } from './link.js';
import { Links } from './links.js';
import type { Settings } from './options.js';
import { AsyncQueue, type StreamOptions } from './queue.js';
import type { Extras } from './rooms.js';
import { onAbort } from './signals.js';
import { retryDelayMs } from './verdicts.js';
import { Waits } from './waits.js';

/** Everything that one stream consists of. */
export class Core extends Links implements DialectHost {
  readonly dialect: Dialect;
  readonly waits = new Waits(this);
  /** What users see of the connection. */
  readonly view: ConnectionView = {
    get: () => this.shown,
    subscribe: (listener) => this.listeners.on('connection', listener as (state: unknown) => void),
  };
  /** Called when the connection's state is another. */
  followed: ((state: LifeState) => void) | undefined;
  /** The dialect that was spoken last. */
  spoke = 'undecided';
  /** Events that are read in loops: one listener feeds all of an event, so that leaving one costs the same beside thousands. */
  readonly #loops = new Map<string, { readonly queues: Set<AsyncQueue<unknown>>; readonly undo: () => void }>();
  #state = this.life.state;
  #flushing = false;
  #undoSignal: (() => void) | undefined;

  constructor(settings: Settings, source: DialectSource, extras: Extras = {}) {
    super(settings, extras);
    const dialect = (typeof source === 'function' ? source(this) : source) as Partial<Dialect> | null | undefined;
    // For those without a compiler.
    if (typeof dialect?.read !== 'function' || typeof dialect.carry !== 'function')
      throw wrong('dialect', 'an object with name, carry and read, or a function that gives one');
    this.dialect = dialect as Dialect;
    this.#followSignal(true);
  }

  // What users ask.

  connect(signal: AbortSignal | undefined): Promise<void> {
    const { settings, life } = this;
    if (settings.signal?.aborted === true) {
      const message = 'The signal of the options has aborted. Make a new client.';
      throw new PriceStreamError('CLOSED', message, { cause: settings.signal.reason });
    }
    return this.waits.connected(signal, () => {
      if (life.isOver) {
        this.cures.forget();
        this.call(this.dialect, 'restarted');
      }
      life.connect();
    });
  }

  /** The user closes: what waits in a loop is dropped, and nothing comes any more. */
  close(): void {
    this.turn.run(() => {
      this.channels.drop();
      for (const queue of this.#looping) queue.drop();
    });
    this.step('close', () => this.life.close());
  }

  subscribe(
    channels: readonly string[],
    listener: ((message: unknown) => unknown) | undefined,
    options: HandleOptions,
  ): Handle {
    const handle = new Handle(this, channels, listener, options);
    if (options.signal?.aborted === true) {
      handle.unsubscribe();
      return handle;
    }
    const unheld = this.channels.hold(handle);
    this.step('subscribe', () => {
      const { link, life } = this;
      link?.asks.want(channels);
      const missing = link?.missing(unheld) ?? [];
      if (link !== undefined && missing.length > 0) this.report(missingError(link.dialect.name, missing));
      if (life.state.status === 'idle') life.connect();
      else this.flushSoon();
    });
    this.whenOver((error) => handle.over(error));
    handle.greet();
    return handle;
  }

  /** Listens to an event; who listens from now on is to miss nothing from now on. */
  on(event: string, listener: (payload: unknown) => unknown, once = false): () => void {
    const undo = this.listeners.on(event, listener, once);
    this.flushNow();
    return undo;
  }

  /** An event as a loop with a bounded buffer of its own. */
  loop(event: string, { signal, bufferSize, overflow = 'drop-oldest' }: StreamOptions): AsyncIterableIterator<unknown> {
    const queue = new AsyncQueue<unknown>({
      ...{ overflow, bufferSize },
      lost: () => this.conflated(),
      ended: () => {
        unfollow();
        group.queues.delete(queue);
        if (group.queues.size > 0) return;
        group.undo();
        this.#loops.delete(event);
      },
    });
    const group = this.#loops.get(event) ?? this.#feed(event);
    group.queues.add(queue);
    const unfollow = onAbort(signal, () => queue.drop());
    if (signal?.aborted === true) queue.drop();
    this.whenOver((error) => queue.end(error));
    return queue.iterate();
  }

  #feed(event: string): { queues: Set<AsyncQueue<unknown>>; undo: () => void } {
    const queues = new Set<AsyncQueue<unknown>>();
    const undo = this.on(event, (payload) => {
      for (const queue of [...queues]) queue.push(event, payload);
    });
    const group = { queues, undo };
    this.#loops.set(event, group);
    return group;
  }

  get #looping(): AsyncQueue<unknown>[] {
    return [...this.#loops.values()].flatMap(({ queues }) => [...queues]);
  }

  // What handles ask.

  /** Calls `end` when the stream is closed or has failed, and no `connect` is on its way. */
  whenOver(end: (error: PriceStreamError) => void): void {
    this.turn.run(() => {
      if (this.ending !== undefined) end(this.ending);
    });
  }

  isEvents(channel: string): boolean {
    return this.call((this.link ?? this).dialect, 'isEvents', channel) === true;
  }

  /** A handle has ended. */
  letGo(handle: Handle): void {
    this.step('unsubscribe', () => {
      this.channels.letGo(handle, !this.life.isOver);
      this.link?.asks.look(handle.channels);
      this.flushSoon();
    });
    this.waits.look([handle]);
  }

  // What its dialect may ask.

  get state(): LifeState {
    return this.life.state;
  }

  backoffMs(n: number): number {
    return retryDelayMs(this.settings.reconnect, n, this.random());
  }

  wanted(channel: string): Desired | undefined {
    return this.channels.desired(channel);
  }

  isWanted(channel: string): boolean {
    return this.channels.isWanted(channel);
  }

  listens(event: string): boolean {
    return this.listeners.count(event) > 0;
  }

  fail(error: PriceStreamError): void {
    this.inTurn(() => this.life.fail(error));
  }

  need(): void {
    this.inTurn(() => {
      if (this.state.status === 'idle') this.life.connect();
      else this.link?.flush();
    });
  }

  inTurn(task: () => void): void {
    this.turn.run(task);
  }

  resubscribe(channel: string): void {
    this.inTurn(() => {
      if (this.link?.asks.renew(channel) === true) this.link.pump();
    });
  }

  // What follows.

  /** Sends what is owed once the code that runs now is done, so that many subscribes become one frame. */
  flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.flushNow();
    });
  }

  flushNow(): void {
    this.turn.run(() => this.link?.flush());
  }

  /** A way for prices that come without a socket. */
  lane(dialect: Dialect): Link {
    return new Link(this, 0, dialect);
  }

  /** Takes over what is shown in place of the connection. */
  show(): void {
    this.turn.run(() => this.#show());
  }

  protected released(channels: readonly string[]): void {
    this.link?.asks.release(channels);
    for (const channel of channels) {
      this.prices.unfollow(channel);
      this.call(this.dialect, 'released', channel);
    }
    this.flushSoon();
  }

  protected settled(): void {
    const { channels, life } = this;
    this.settle();
    if (life.state !== this.#state) {
      const { state } = life;
      this.#state = state;
      if (state.status === 'connected') this.spoke = state.dialect;
      this.follow(state.status);
      this.followed?.(state);
      // The signal of the options may outlive many streams: it is listened to only while there is something to close.
      this.#followSignal(!life.isOver);
      channels.changed = undefined;
      this.#show();
    }
    this.tell();
    const { changed } = channels;
    if (changed?.size === 0) return;
    channels.changed = new Set();
    this.waits.look(changed && channels.holding(changed));
  }

  #show(): void {
    const { channels, life, prices, shown } = this;
    const error = life.state.status === 'failed' ? life.state.error : undefined;
    // A listener may connect anew: the loops that it opens then are not among those that end.
    const loops = life.isOver ? this.#looping : [];
    if (life.isOver) channels.over(error);
    const instead = this.instead?.();
    if (instead !== undefined && shown.status === 'connected' && shown.transport === 'polling') return;
    const current = instead ?? life.state;
    this.shown = current;
    const confirms = instead !== undefined || this.link?.dialect.vouches === true;
    prices.vouching = current.status !== 'connected' ? 'nothing' : confirms ? 'heads' : 'link';
    if (life.isOver) prices.rest();
    else prices.refresh();
    this.emit('connection', current);
    for (const queue of loops) queue.end(error);
  }

  #followSignal(wanted: boolean): void {
    const { signal } = this.settings;
    if (wanted === (this.#undoSignal !== undefined)) return;
    this.#undoSignal?.();
    this.#undoSignal = wanted ? onAbort(signal, () => this.close()) : undefined;
    if (wanted && signal?.aborted === true) this.close();
  }
}
