/** One stream at work: its rooms, and the doors between them and the outside. It decides nothing itself. */
import type { UpgradeVerdict } from '../io/web-socket-like.js';
import type { Socket } from '../io/web-socket.js';
import { answerTo } from './answers.js';
import { Announcer } from './announcer.js';
import { Channels } from './channels.js';
import { closedError, Shown } from './connection.js';
import type { Dialect, DialectHost, DialectSource } from './dialect.js';
import { PriceStreamError } from './errors.js';
import { Cures } from './frames.js';
import { Handle, type HandleOptions, type HandleOwner, type ReadyOptions } from './handle.js';
import { LeavingSockets } from './leaving-sockets.js';
import { Life, type LifePort, type LifeState, type LifeTimer } from './life.js';
import { Link, missingError } from './link.js';
import { EventStreams } from './loops.js';
import type { Settings } from './options.js';
import { unpaced } from './pace.js';
import { Prices } from './prices.js';
import { Readiness, type Standing } from './readiness.js';
import type { Rooms } from './rooms.js';
import { onAbort } from './signals.js';
import { Sockets } from './sockets.js';
import { StepLog } from './step-log.js';
import { Timers } from './timers.js';
import { Turn } from './turn.js';
import { retryDelayMs } from './verdicts.js';

const abnormalClosure = 1006;

/** What the façade adds to a stream. */
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
  readonly settings: Settings;
  readonly announcer: Announcer;
  readonly shown: Shown;
  readonly prices: Prices;
  readonly channels: Channels;
  readonly life: Life;
  readonly turn = new Turn(() => this.#settle());
  readonly log: StepLog;
  readonly loops: EventStreams;
  readonly dialect: Dialect;
  /** What is shown in place of the connection: prices come another way meanwhile. */
  instead: (() => LifeState | undefined) | undefined;
  /** Called when the connection's state is another. */
  followed: ((state: LifeState) => void) | undefined;
  link: Link | undefined;
  /** Kept beside it until it can take over. */
  leaving: Link | undefined;
  sockets = 0;
  /** The dialect that was spoken last. */
  spoke = 'undecided';
  readonly #rooms: Rooms;
  readonly #host: DialectHost;
  readonly #readiness: Readiness;
  readonly #door: Sockets;
  readonly #leaving: LeavingSockets;
  readonly #timers: Timers<LifeTimer>;
  readonly #extras: CoreExtras;
  #state: LifeState;
  #flushing = false;
  #undoEnvironment: (() => void) | undefined;
  #undoSignal: (() => void) | undefined;

  constructor(settings: Settings, source: DialectSource, extras: CoreExtras = {}) {
    this.settings = settings;
    const { clock, logger } = settings;
    const sink = typeof logger?.error === 'function' ? logger.error.bind(logger) : undefined;
    // Who listens from now on is to miss nothing from now on.
    this.announcer = new Announcer(sink, () => this.flushNow());
    this.shown = new Shown((event, cause) => this.announcer.failed(event, cause));
    this.prices = new Prices(clock, settings.staleAfterMs, this.announcer);
    this.channels = new Channels(clock, settings.lingerMs, (channels) => this.#released(channels));
    this.life = new Life(settings, this.#makePort());
    this.log = new StepLog(logger);
    this.loops = new EventStreams(() => (this.announcer.counters.conflated += 1));
    this.#door = new Sockets(settings);
    this.#leaving = new LeavingSockets(clock);
    this.#timers = new Timers(clock);
    this.#extras = extras;
    this.#state = this.life.state;
    this.#readiness = new Readiness(
      clock,
      this.life,
      this.channels,
      (channel) => this.standing(channel),
      () => `${(this.link?.dialect ?? this.dialect).greets ?? 'greeting'}. ${this.#whoIsIt('Is')}`,
    );
    this.#host = this.#makeHost();
    this.dialect = typeof source === 'function' ? source(this.#host) : source;
    this.#rooms = {
      clock,
      heartbeat: settings.heartbeat,
      advice: extras.advice ?? 'Check the address and the dialect.',
      announcer: this.announcer,
      channels: this.channels,
      prices: this.prices,
      life: this.life,
      paced: unpaced(),
      cures: new Cures(),
      turn: this.turn,
      dialect: this.dialect,
      requests: { last: 0 },
    };
    this.#followSignal('idle');
  }

  // What the user wants.

  connect(signal: AbortSignal | undefined): Promise<void> {
    const { refusal } = this;
    if (refusal !== undefined) throw refusal;
    return this.shown.whenConnected(signal, () =>
      this.#run('connect', () => {
        if (this.life.isOver) {
          this.#rooms.cures.gaveUp.clear();
          this.#rooms.cures.foreignTold = false;
          this.dialect.restarted?.();
        }
        this.life.connect();
      }),
    );
  }

  /** The user closes: what waits in a loop is dropped, and nothing comes any more. */
  close(): void {
    this.turn.run(() => {
      this.channels.drop();
      this.loops.drop();
    });
    this.#run('close', () => this.life.close());
  }

  /** Resolves once every socket that was let go has closed, or has had its time. */
  socketsGone(): Promise<void> {
    return this.#leaving.gone();
  }

  subscribe(channels: readonly string[], listener: ((message: unknown) => unknown) | undefined, options: HandleOptions): Handle {
    const handle = new Handle(this, channels, listener, options);
    const { fresh, unheld } = this.channels.hold(handle);
    if (options.signal?.aborted === true) {
      handle.unsubscribe();
      return handle;
    }
    this.#run('subscribe', () => {
      const { link } = this;
      link?.want(channels);
      const missing = link?.missing(unheld) ?? [];
      if (link !== undefined && missing.length > 0) this.announcer.report(missingError(link.dialect.name, missing));
      this.#wanted(fresh);
    });
    this.whenOver((error) => handle.over(error));
    handle.greet((channel) => {
      // A stream that has ended delivers nothing.
      const tick = this.life.isOver ? undefined : this.prices.view.get(channel);
      return tick === undefined ? undefined : { payload: tick, data: (tick.source as { data?: unknown }).data };
    });
    return handle;
  }

  /** Calls `end` when the stream is closed or has failed, and no `connect` is on its way. */
  whenOver(end: (error: PriceStreamError) => void): void {
    this.turn.run(() => {
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
    this.turn.run(() => this.link?.flush());
  }

  /** Where a channel stands on this connection. */
  standing(channel: string): Standing {
    const { ending } = this.shown;
    if (ending !== undefined) return { state: 'refused', error: ending };
    // Nobody confirms a channel that comes another way.
    if (this.instead?.() !== undefined) return { state: 'ready', confirmed: this.#hasCome(channel) };
    const { link } = this;
    if (link?.up !== true) return { state: 'pending' };
    const key = link.carry(channel);
    if (key === undefined) return { state: 'refused', error: missingError(link.dialect.name, [channel]) };
    const asked = key === true ? undefined : link.asked(key);
    if (asked?.status === 'refused' && asked.error !== undefined) return { state: 'refused', error: asked.error };
    if (asked?.status === 'confirmed') return { state: 'ready', confirmed: true };
    if (key === true || asked?.status === 'unconfirmed') return { state: 'ready', confirmed: this.#hasCome(channel) };
    return { state: 'pending' };
  }

  /** What is wanted, for who reads prices that come another way. */
  get wishes(): Pick<DialectHost, 'isWanted' | 'channels'> {
    return this.#host;
  }

  /** A way for prices that come without a socket. */
  lane(dialect: Dialect): Link {
    return new Link({ ...this.#rooms, dialect }, 0);
  }

  /** Takes over what is shown in place of the connection. */
  show(): void {
    this.turn.run(() => this.#show());
  }

  /** Settles those who wait for a subscription. */
  settleReady(): void {
    this.#readiness.settle(undefined);
  }

  // What handles ask.

  now(): number {
    return this.settings.clock.monotonic();
  }

  isOver(): boolean {
    const { status } = this.shown.current;
    return status === 'closed' || status === 'failed';
  }

  isEvents(channel: string): boolean {
    return (this.link?.dialect ?? this.dialect).isEvents?.(channel) ?? false;
  }

  ended(handle: Handle): void {
    this.#run('unsubscribe', () => {
      this.channels.letGo(handle, !this.life.isOver);
      this.link?.look(handle.channels);
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

  // Inside.

  #run(what: string, task: () => void): void {
    this.turn.run(() => {
      const { status } = this.life.state;
      task();
      this.log.step(status, what, this.life.state, this.settings.clock.now());
    });
  }

  /** The first wish connects. */
  #wanted(_fresh: readonly string[]): void {
    if (this.life.state.status === 'idle') this.life.connect();
    else this.flushSoon();
  }

  #released(channels: readonly string[]): void {
    this.link?.release(channels);
    for (const channel of channels) {
      this.prices.unfollow(channel);
      this.dialect.released?.(channel);
    }
    this.flushSoon();
  }

  /** A channel whose standing cannot be confirmed counts as confirmed once data of this connection has come. */
  #hasCome(channel: string): boolean {
    const { current } = this.shown;
    const tick = this.prices.view.get(channel);
    return current.status === 'connected' && tick !== undefined && tick.receivedAt >= current.since;
  }

  /** After each step: what it has changed is shown and told. */
  #settle(): void {
    const { life, channels, link, leaving } = this;
    if (leaving !== undefined && link?.up === true && link.carries(leaving)) life.letGo();
    if (life.state !== this.#state) {
      this.#state = life.state;
      if (life.state.status === 'connected') this.spoke = life.state.dialect;
      this.#followEnvironment(life.state.status);
      this.followed?.(life.state);
      this.#followSignal(life.state.status);
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
    const state = this.life.state;
    const isOver = state.status === 'closed' || state.status === 'failed';
    const error = state.status === 'failed' ? state.error : undefined;
    // A listener may connect anew: the loops that it opens then are not among those that end.
    const endLoops = isOver ? this.loops.ofNow() : undefined;
    if (isOver) this.channels.over(error);
    const instead = this.instead?.();
    const before = this.shown.current;
    if (instead !== undefined && before.status === 'connected' && before.transport === 'polling') return;
    this.shown.current = instead ?? state;
    const { current } = this.shown;
    this.prices.vouching =
      current.status !== 'connected'
        ? 'nothing'
        : instead !== undefined || this.link?.dialect.vouches === true
          ? 'heads'
          : 'link';
    if (isOver) this.prices.rest();
    else this.prices.refresh();
    this.shown.tell();
    this.announcer.emit('connection', current);
    endLoops?.(error);
  }

  #makePort(): LifePort {
    const { clock, random } = this.settings;
    return {
      now: () => clock.monotonic(),
      wallNow: () => clock.now(),
      random,
      dial: () => this.#dial(),
      drop: (which, code, reason, gone) => this.#drop(which, code, reason, gone),
      start: (timer, delayMs) => {
        // Without these two, a Node process would end while it waits for its server.
        const keepAlive = timer === 'reconnect' || timer === 'connect';
        this.#timers.start(timer, Math.max(0, Math.ceil(delayMs)), () => this.#fired(timer), { keepAlive });
      },
      stop: (timer) => this.#timers.stop(timer),
      leave: () => {
        this.leaving = this.link;
        this.leaving?.leave();
        this.link = undefined;
      },
      ended: (error) => this.dialect.ended?.(error ?? closedError()),
      report: (error) => this.announcer.report(error),
      ungreeted: () => {
        const { first } = this.link?.understanding ?? { first: '' };
        if (!this.life.opened) return '';
        return ` ${this.#notGreeted(first)}`;
      },
    };
  }

  #notGreeted(first: string): string {
    const { greets = 'a greeting' } = this.link?.dialect ?? this.dialect;
    const came = first === '' ? 'The server sent nothing' : `The server sent ${first} instead of ${greets}`;
    return `${came}: ${this.#whoIsIt('is')}.`;
  }

  #whoIsIt(is: string): string {
    return `${is} it a ${(this.link?.dialect ?? this.dialect).name} server?${this.#extras.findsOut ?? ''}`;
  }

  #makeHost(): DialectHost {
    const core = this;
    const { clock, random, reconnect } = this.settings;
    return {
      clock,
      timers: new Timers(clock),
      counters: this.announcer.counters,
      get link() {
        return core.link;
      },
      random,
      backoffMs: (n) => retryDelayMs(reconnect, n, random()),
      wanted: (channel) => this.channels.desired(channel),
      isWanted: (channel) => this.channels.isWanted(channel),
      get channels() {
        return core.channels.names;
      },
      listens: (event) => this.announcer.listeners.count(event) > 0,
      report: (error) => this.turn.run(() => this.announcer.report(error)),
      fail: (error) => this.turn.run(() => this.life.fail(error)),
      emit: (event, payload) => this.announcer.emit(event, payload),
      request: () => {
        this.#rooms.requests.last += 1;
        return `r${this.#rooms.requests.last}`;
      },
      get state() {
        return core.life.state;
      },
      get ending() {
        return core.shown.ending;
      },
      need: () =>
        this.turn.run(() => {
          if (this.life.state.status === 'idle') this.life.connect();
          else this.link?.flush();
        }),
      lifetimes: (staleAfterMs) => this.prices.setLifetimes(staleAfterMs),
      inTurn: (task) => this.turn.run(task),
      resubscribe: (channel) =>
        this.turn.run(() => {
          if (this.link?.asks.renew(channel) === true) this.link.pump();
        }),
    };
  }

  #fired(timer: LifeTimer): void {
    if (timer === 'reconnect') this.turn.run(() => this.#sampleEnvironment());
    this.#run(`timer-fired(${timer})`, () => {
      if (timer === 'stable') this.link?.understanding.tellForeign();
      this.life.fired(timer);
    });
  }

  #dial(): void {
    this.sockets += 1;
    const link = new Link(this.#rooms, this.sockets);
    this.link = link;
    const made = (socket: Socket | undefined): void => {
      link.socket = socket;
      if (socket !== undefined) return;
      // Prices come by polling then, and a WebSocket may still turn up.
      if (this.#extras.goesWithout === true) this.#closed(link, abnormalClosure, '', undefined);
      else
        this.#run('no-web-socket', () => {
          const message = 'There is no WebSocket here. Pass one as options.WebSocket.';
          if (link === this.link) this.life.fail(new PriceStreamError('UNAVAILABLE', message));
        });
    };
    this.#door.open(
      {
        made,
        opened: () =>
          this.#run('socket-opened', () => {
            if (link !== this.link || this.life.opened) return;
            this.life.open();
            // Those who wait learn of it.
            this.channels.changed = undefined;
            link.opened();
          }),
        received: (data) => {
          if (this.turn.running) this.turn.run(() => this.#received(link, data));
          else this.#received(link, data);
        },
        closed: (code, reason, cause, upgrade) => this.#closed(link, code, reason, cause, upgrade),
        // What the user's code or the constructor threw counts as a connection that could not be made.
        failed: (cause) => {
          if (link !== this.link) return;
          const message = 'The URL function or the WebSocket threw.';
          this.turn.run(() =>
            this.announcer.report(new PriceStreamError('CONNECT_FAILED', message, { retryable: true, cause })),
          );
          this.#closed(link, abnormalClosure, '', cause);
        },
      },
      () => link === this.link,
    );
  }

  #received(link: Link, data: unknown): void {
    if (link.live) link.received(data);
  }

  #closed(link: Link, code: number, reason: string, cause: unknown, upgrade?: UpgradeVerdict): void {
    this.turn.run(() => {
      link.socket = undefined;
      if (link === this.leaving) this.#run('socket-closed', () => this.life.letGo(true));
      if (link !== this.link) return;
      this.#sampleEnvironment();
      let word: unknown;
      try {
        word = this.settings.onClose?.(code, reason);
      } catch (thrown) {
        this.announcer.failed('onClose', thrown);
      }
      // Anything but the three words is no word.
      const known = word === 'retry' || word === 'stop' || word === 'fail' ? word : undefined;
      const verdict = upgrade ?? link.verdict(code, reason);
      const { httpStatus } = upgrade ?? {};
      this.#run(`socket-closed(${code})`, () =>
        this.life.closed({ code, reason, cause, word: known, verdict, httpStatus }),
      );
    });
  }

  #drop(which: 'current' | 'leaving', code: number, reason: string, gone: boolean): void {
    const link = which === 'current' ? this.link : this.leaving;
    if (which === 'current') this.link = undefined;
    else this.leaving = undefined;
    if (link === undefined) return;
    link.ended();
    if (!gone && link.socket !== undefined) this.#leaving.add(link.socket, code, reason);
    link.socket = undefined;
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

  /** Listeners on the platform stand only while there is a connection to keep. */
  #followEnvironment(status: LifeState['status']): void {
    if (status === 'idle' || status === 'closed' || status === 'failed') {
      this.#undoEnvironment?.();
      this.#undoEnvironment = undefined;
      return;
    }
    this.#undoEnvironment ??= this.settings.environment.subscribe(({ online, visible, woke }) => {
      this.#surroundings(online, visible, woke);
    });
    if (status === 'connecting') this.#sampleEnvironment();
  }

  /** Some platforms never say that they are back online: the flags are read anew before they decide anything. */
  #sampleEnvironment(): void {
    const { online, visible } = this.settings.environment.read();
    if ((online || this.#door.isNear) === this.life.online && visible === this.life.visible) return;
    this.#surroundings(online, visible, false);
  }

  #surroundings(online: boolean, visible: boolean, woke: boolean): void {
    this.#run(`surroundings(${online ? 'online' : 'offline'}, ${visible ? 'visible' : 'hidden'})`, () => {
      const { link, life } = this;
      if (!life.surroundings(online || this.#door.isNear, visible, woke)) return;
      if (woke) link?.woke();
      link?.probe();
    });
  }
}
