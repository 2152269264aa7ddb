/** One stream at work: its rooms, and the doors between them and the user. It decides nothing itself. */
import { Announcer } from './announcer.js';
import { answerTo } from './answers.js';
import { Channels } from './channels.js';
import { Shown } from './connection.js';
import type { Dialect, DialectSource } from './dialect.js';
import { PriceStreamError } from './errors.js';
import { Cures } from './frames.js';
import { Handle, type HandleOptions, type HandleOwner, type ReadyOptions } from './handle.js';
import { checkedDialect } from './hooks.js';
import { Host } from './host.js';
import type { LifeState } from './life-state.js';
import { Link } from './link.js';
import { Links } from './links.js';
import { EventStreams } from './loops.js';
import { missingError } from './missing-channels.js';
import type { Settings } from './options.js';
import { unpaced } from './pace.js';
import { Prices } from './prices.js';
import { Readiness } from './readiness.js';
import type { Rooms } from './rooms.js';
import { onAbort } from './signals.js';
import { Standings } from './standings.js';
import { StepLog } from './step-log.js';
import { Turn } from './turn.js';

/** What a façade adds to a stream. */
export interface CoreExtras {
  /** What is told to look at when nothing that comes is understood. */
  readonly advice?: string;
  /** What helps where a server does not greet. */
  readonly findsOut?: string;
  /** Whether a stream goes on without a WebSocket: prices come another way. */
  readonly goesWithout?: boolean;
  /** Looks at what a wait for a subscription takes. */
  readonly readyOptions?: (given: unknown) => ReadyOptions;
}

/** Everything that one stream consists of. */
export class Core implements HandleOwner {
  readonly rooms: Rooms;
  readonly settings: Settings;
  readonly announcer: Announcer;
  readonly channels: Channels;
  readonly prices: Prices;
  readonly shown: Shown;
  readonly links: Links;
  readonly host: Host;
  readonly loops: EventStreams;
  readonly standings: Standings;
  /** Called when the connection's state is another. */
  followed: ((state: LifeState) => void) | undefined;
  /** The dialect that was spoken last. */
  spoke = 'undecided';
  readonly #readiness: Readiness;
  readonly #extras: CoreExtras;
  #state: LifeState;
  #flushing = false;
  #undoSignal: (() => void) | undefined;

  constructor(settings: Settings, source: DialectSource, extras: CoreExtras = {}) {
    this.settings = settings;
    this.#extras = extras;
    const { clock, logger } = settings;
    const sink = typeof logger?.error === 'function' ? logger.error.bind(logger) : undefined;
    // Who listens from now on is to miss nothing from now on.
    this.announcer = new Announcer(sink, () => this.flushNow());
    this.channels = new Channels(clock, settings.lingerMs, (channels) => this.#released(channels));
    this.prices = new Prices(clock, settings.staleAfterMs, this.announcer);
    const rooms: Omit<Rooms, 'dialect'> = {
      settings,
      announcer: this.announcer,
      channels: this.channels,
      prices: this.prices,
      paced: unpaced(),
      cures: new Cures(),
      turn: new Turn(() => this.#settle()),
      log: new StepLog(logger),
      advice: extras.advice ?? 'Check the address and the dialect.',
      findsOut: extras.findsOut ?? '',
      goesWithout: extras.goesWithout === true,
      requests: 0,
    };
    this.rooms = rooms as Rooms;
    this.shown = new Shown((event, cause) => this.announcer.failed(event, cause));
    this.links = new Links(this.rooms);
    this.host = new Host(this.rooms, this.links, this.shown);
    this.rooms.dialect = checkedDialect(typeof source === 'function' ? source(this.host) : source);
    this.loops = new EventStreams(() => this.conflated());
    this.#state = this.links.life.state;
    this.standings = new Standings(this.links, this.shown, this.prices);
    this.#readiness = new Readiness(clock, this.links, this.channels, this.standings);
    this.#followSignal('idle');
  }

  connect(signal: AbortSignal | undefined): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    const { life } = this.links;
    return this.shown.whenConnected(signal, () =>
      this.links.step('connect', () => {
        if (life.isOver) {
          this.rooms.cures.forget();
          this.links.hook('restarted', (dialect) => dialect.restarted?.());
        }
        life.connect();
      }),
    );
  }

  /** The user closes: what waits in a loop is dropped, and nothing comes any more. */
  close(): void {
    this.rooms.turn.run(() => {
      this.channels.drop();
      this.loops.drop();
    });
    this.links.step('close', () => this.links.life.close());
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
    this.links.step('subscribe', () => {
      const { current, life } = this.links;
      current?.asks.want(channels);
      const missing = current?.missing(unheld) ?? [];
      if (current !== undefined && missing.length > 0)
        this.announcer.report(missingError(current.dialect.name, missing));
      if (life.state.status === 'idle') life.connect();
      else this.flushSoon();
    });
    this.looped(handle);
    handle.greet((channel) => {
      // A stream that has ended delivers nothing.
      const tick = this.links.life.isOver ? undefined : this.prices.view.get(channel);
      return tick === undefined ? undefined : { payload: tick, data: (tick.source as { data?: unknown }).data };
    });
    return handle;
  }

  /** Calls `end` when the stream is closed or has failed, and no `connect` is on its way. */
  whenOver(end: (error: PriceStreamError) => void): void {
    this.rooms.turn.run(() => {
      const { ending } = this.shown;
      if (ending !== undefined) end(ending);
    });
  }

  /** Why the stream cannot connect any more; `undefined` while it can. */
  get refusal(): PriceStreamError | undefined {
    const { signal } = this.settings;
    if (signal?.aborted !== true) return undefined;
    const message = 'The signal of the options has aborted. Make a new client.';
    return new PriceStreamError('CLOSED', message, { cause: signal.reason });
  }

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
    this.rooms.turn.run(() => this.links.current?.flush());
  }

  /** A way for prices that come without a socket. */
  lane(dialect: Dialect): Link {
    return new Link({ ...this.rooms, dialect }, this.links.life, 0);
  }

  /** Takes over what is shown in place of the connection. */
  show(): void {
    this.rooms.turn.run(() => this.#show());
  }

  /** Settles those who wait for a subscription. */
  settleReady(): void {
    this.#readiness.settle(undefined);
  }

  now(): number {
    return this.settings.clock.monotonic();
  }

  isOver(): boolean {
    return this.shown.ending !== undefined;
  }

  isEvents(channel: string): boolean {
    return this.links.hook('isEvents', (its) => its.isEvents?.(channel), this.links.current?.dialect) === true;
  }

  ended(handle: Handle): void {
    this.links.step('unsubscribe', () => {
      this.channels.letGo(handle, !this.links.life.isOver);
      this.links.current?.asks.look(handle.channels);
      this.flushSoon();
    });
    this.#readiness.settleOne(handle);
  }

  looped(handle: Handle): void {
    this.whenOver((error) => handle.over(error));
  }

  ready(handle: Handle, given: ReadyOptions | undefined): Promise<{ confirmed: boolean }> {
    let signal: AbortSignal | undefined;
    return answerTo(
      () => {
        const options = this.#extras.readyOptions?.(given) ?? given;
        signal = options?.signal;
        return this.#readiness.wait(handle, options);
      },
      () => signal,
    );
  }

  conflated(): void {
    this.announcer.counters.conflated += 1;
  }

  failed(cause: unknown): void {
    this.announcer.failed('subscribe', cause);
  }

  #released(channels: readonly string[]): void {
    this.links.current?.asks.release(channels);
    for (const channel of channels) {
      this.prices.unfollow(channel);
      this.links.hook('released', (dialect) => dialect.released?.(channel));
    }
    this.flushSoon();
  }

  /** After each step: what it has changed is shown and told. */
  #settle(): void {
    const { links, channels } = this;
    const { life } = links;
    links.settle();
    if (life.state !== this.#state) {
      this.#state = life.state;
      const { status } = life.state;
      if (life.state.status === 'connected') this.spoke = life.state.dialect;
      links.surroundings.follow(status);
      this.followed?.(life.state);
      this.#followSignal(status);
      channels.changed = undefined;
      this.#show();
    }
    this.announcer.tell();
    const { changed } = channels;
    if (changed !== undefined && changed.size === 0) return;
    channels.changed = new Set();
    this.#readiness.settle(changed);
  }

  #show(): void {
    const { state } = this.links.life;
    const isOver = state.status === 'closed' || state.status === 'failed';
    const error = state.status === 'failed' ? state.error : undefined;
    // A listener may connect anew: the loops that it opens then are not among those that end.
    const endLoops = isOver ? this.loops.ofNow() : undefined;
    if (isOver) this.channels.over(error);
    const instead = this.shown.instead?.();
    const before = this.shown.current;
    if (instead !== undefined && before.status === 'connected' && before.transport === 'polling') return;
    const current = instead ?? state;
    this.shown.current = current;
    const confirms = instead !== undefined || this.links.current?.dialect.vouches === true;
    this.prices.vouching = current.status !== 'connected' ? 'nothing' : confirms ? 'heads' : 'link';
    if (isOver) this.prices.rest();
    else this.prices.refresh();
    this.shown.tell();
    this.announcer.emit('connection', current);
    endLoops?.(error);
  }

  /** The signal of the options may outlive many streams: it is listened to only while there is something to close. */
  #followSignal(status: LifeState['status']): void {
    const { signal } = this.settings;
    const wanted = status !== 'closed' && status !== 'failed';
    if (wanted === (this.#undoSignal !== undefined)) return;
    this.#undoSignal?.();
    this.#undoSignal = wanted ? onAbort(signal, () => this.close()) : undefined;
    if (wanted && signal?.aborted === true) this.close();
  }
}
