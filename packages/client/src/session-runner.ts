/** Runs the session: feeds events to `step`, carries its effects out, owns the timers and the socket. It decides nothing. */
import { encodeMessage } from '@tickwire/protocol/codec';
import type { Channel } from '@tickwire/protocol';
import type { Acked } from './core/positions.js';
import { step } from './core/session.js';
import type { SessionEffect, SessionEvent } from './core/session-events.js';
import {
  initialSession,
  type ConnectionState,
  type Fault,
  type Moment,
  type Session,
  type TimerName,
} from './core/session-state.js';
import { isNearby } from './io/environment.js';
import { openSocket, type Socket, type SocketSink } from './io/web-socket.js';
import { LeavingSockets } from './leaving-sockets.js';
import { verdictOf, webSocketUrl, type Settings } from './options.js';
import { stepLine } from './step-log.js';
import { Timers } from './timers.js';
import type { TokenSource } from './token-source.js';

const abnormalClosure = 1006;

/** Who is told of what the session does. */
export interface RunnerHost extends Pick<Moment, 'positionOf' | 'isHeard'> {
  connectionChanged(state: ConnectionState): void;
  /** The session is another. */
  stepped(before: Session, after: Session): void;
  frameReceived(data: unknown, socketId: number): void;
  positioned(channel: string, ack: Acked, implicit: boolean): void;
  notResumed(channel: string): void;
  released(channel: Channel): void;
  settled(key: number, data: unknown): void;
  rejected(key: number, fault: Fault): void;
  reported(fault: Fault): void;
  sent(): void;
  listenerFailed(event: string, cause: unknown): void;
}

/** One session at work. Events go in by `dispatch`, in order; what they lead to comes out at the host. */
export class SessionRunner {
  readonly #settings: Settings;
  readonly #tokens: TokenSource;
  readonly #host: RunnerHost;
  readonly #timers: Timers<TimerName>;
  readonly #queue: (() => void)[] = [];
  readonly #leaving: LeavingSockets;
  #session: Session;
  #running = false;
  #flushing = false;
  /** The current one, and one that is being left. */
  readonly #sockets = new Map<number, Socket>();
  #lastFrameAt = 0;
  #isNear = false;
  #undoEnvironment: (() => void) | undefined;

  constructor(settings: Settings, tokens: TokenSource, host: RunnerHost) {
    this.#settings = settings;
    this.#tokens = tokens;
    this.#host = host;
    this.#timers = new Timers(settings.clock);
    this.#leaving = new LeavingSockets(settings.clock);
    this.#session = initialSession({ online: true, visible: true, credentials: tokens.kind });
  }

  get session(): Session {
    return this.#session;
  }

  /** Takes an event; one that is raised while another is carried out waits for its turn. */
  dispatch(event: SessionEvent): void {
    this.#run(() => this.#take(event));
  }

  /** Runs a task in turn: after the events that have been raised before it. */
  inTurn(task: () => void): void {
    this.#run(task);
  }

  /** Lets the session look at the type of a frame while it does not know yet how, and whether, the server speaks. */
  look(messageType: string, known: boolean, socketId: number): void {
    const { link } = this.#session;
    if (link?.opened !== true || (link.proved && link.heard.known)) return;
    this.dispatch({ type: 'frame-seen', socketId, messageType, known });
  }

  /** Whether what comes over this socket still counts. */
  isLive(socketId: number | undefined): boolean {
    const { link, leaving } = this.#session;
    return socketId !== undefined && (socketId === link?.socketId || socketId === leaving);
  }

  /** Resolves once every socket that was dropped has closed, or has had its time. */
  socketsGone(): Promise<void> {
    return this.#leaving.gone();
  }

  #run(task: () => void): void {
    this.#queue.push(task);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) next();
    } finally {
      this.#running = false;
    }
  }

  #take(event: SessionEvent): void {
    const before = this.#session;
    const { clock, random, policy, logger } = this.#settings;
    const moment = {
      now: clock.monotonic(),
      wallNow: clock.now(),
      random: random(),
      lastFrameAt: this.#lastFrameAt,
      positionOf: (channel: Channel) => this.#host.positionOf(channel),
      isHeard: (channel: Channel) => this.#host.isHeard(channel),
    };
    const { session, effects } = step(policy, before, event, moment);
    this.#session = session;
    logger.debug(stepLine(before, event, session, moment.wallNow));
    // Teardown and sending first: what listeners see is consistent, and what they do comes after.
    for (const effect of effects) this.#carryOut(effect);
    if (session.connection !== before.connection) {
      this.#followEnvironment(session.connection.status);
      this.#host.connectionChanged(session.connection);
    }
    for (const effect of effects) if (effect.type === 'emit-error') this.#host.reported(effect.fault);
    if (session !== before) this.#host.stepped(before, session);
  }

  #carryOut(effect: SessionEffect): void {
    switch (effect.type) {
      case 'open-socket':
        this.#open(effect.socketId);
        return;
      case 'drop-socket':
        this.#drop(effect.socketId, effect.code, effect.reason);
        return;
      case 'send':
        if (this.#sockets.get(effect.socketId)?.send(encodeMessage(effect.frame)) === true) this.#host.sent();
        return;
      case 'start-timer': {
        const { timer, delayMs } = effect;
        // Without these two, a Node process would end while it waits for its server.
        const keepAlive = timer === 'reconnect' || timer === 'connect';
        this.#timers.start(timer, delayMs, () => this.#fired(timer), { keepAlive });
        return;
      }
      case 'stop-timer':
        this.#timers.stop(effect.timer);
        return;
      case 'flush-soon':
        this.#flushSoon();
        return;
      case 'fetch-token':
        this.#tokens.fetch(effect.reason, (credential, fault) => {
          this.dispatch({ type: 'token-resolved', socketId: effect.socketId, credential, fault });
        });
        return;
      case 'settle':
        this.#host.settled(effect.key, effect.data);
        return;
      case 'reject':
        this.#host.rejected(effect.key, effect.fault);
        return;
      case 'position':
        this.#host.positioned(effect.channel, effect.ack, effect.implicit);
        return;
      case 'not-resumed':
        this.#host.notResumed(effect.channel);
        return;
      case 'release':
        this.#host.released(effect.channel);
        return;
      case 'emit-error':
        return;
    }
  }

  #fired(timer: TimerName): void {
    if (timer === 'reconnect') this.#run(() => this.#sampleEnvironment());
    this.dispatch({ type: 'timer-fired', timer });
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.dispatch({ type: 'flush' });
    });
  }

  #open(socketId: number): void {
    try {
      const url = this.#settings.url();
      if (typeof url === 'string') this.#openAt(socketId, url);
      else
        Promise.resolve(url).then(
          (resolved) => this.#run(() => this.#openAt(socketId, resolved)),
          (cause: unknown) => this.#notOpened(socketId, cause),
        );
    } catch (cause) {
      this.#notOpened(socketId, cause);
    }
  }

  #openAt(socketId: number, url: string): void {
    if (this.#session.link?.socketId !== socketId) return;
    const { WebSocket, protocols, headers } = this.#settings;
    try {
      this.#isNear = isNearby(webSocketUrl(url));
      const socket = openSocket(
        webSocketUrl(url),
        { WebSocket, protocols, headers, wallNow: () => this.#settings.clock.now() },
        {
          opened: () => {
            this.#run(() => {
              if (this.#session.link?.socketId === socketId) this.#lastFrameAt = this.#settings.clock.monotonic();
              this.#take({ type: 'socket-opened', socketId });
            });
          },
          received: (data) => {
            if (this.#running) this.#queue.push(() => this.#received(socketId, data));
            else this.#received(socketId, data);
          },
          closed: (...how) => this.#closed(socketId, ...how),
        },
      );
      if (socket !== undefined) this.#sockets.set(socketId, socket);
      // Prices come by polling then, and a WebSocket may still turn up.
      else if (this.#settings.fallback === undefined) this.dispatch({ type: 'socket-unavailable', socketId });
      else this.dispatch({ type: 'socket-closed', socketId, code: abnormalClosure, reason: '' });
    } catch (cause) {
      this.#notOpened(socketId, cause);
    }
  }

  #received(socketId: number, data: unknown): void {
    // A socket that is being left vouches for nobody but itself.
    if (this.#session.link?.socketId === socketId) this.#lastFrameAt = this.#settings.clock.monotonic();
    if (this.isLive(socketId)) this.#host.frameReceived(data, socketId);
  }

  /** What the user's code or the constructor threw counts as a connection that could not be made. */
  #notOpened(socketId: number, cause: unknown): void {
    if (this.#session.link?.socketId !== socketId) return;
    const message = 'The URL function or the WebSocket threw.';
    this.#host.reported({ code: 'CONNECT_FAILED', message, retryable: true, cause });
    this.dispatch({ type: 'socket-closed', socketId, code: abnormalClosure, reason: '', cause });
  }

  #closed(socketId: number, ...[code, reason, cause, upgrade]: Parameters<SocketSink['closed']>): void {
    this.#run(() => {
      this.#sockets.delete(socketId);
      if (this.#session.link?.socketId !== socketId) {
        this.#take({ type: 'socket-closed', socketId, code, reason });
        return;
      }
      this.#tokens.cancel();
      this.#sampleEnvironment();
      const verdict = verdictOf(this.#settings.onClose, code, reason, (thrown) => {
        this.#host.listenerFailed('onClose', thrown);
      });
      this.#take({ type: 'socket-closed', socketId, code, reason, verdict, cause, upgrade });
    });
  }

  #drop(socketId: number, code: number, reason: string): void {
    const socket = this.#sockets.get(socketId);
    this.#sockets.delete(socketId);
    if (socketId === this.#session.socketId) this.#tokens.cancel();
    if (socket !== undefined) this.#leaving.add(socket, code, reason);
  }

  /** Listeners on the platform stand only while there is a connection to keep. */
  #followEnvironment(status: ConnectionState['status']): void {
    if (status === 'idle' || status === 'closed' || status === 'failed') {
      this.#undoEnvironment?.();
      this.#undoEnvironment = undefined;
      return;
    }
    this.#undoEnvironment ??= this.#settings.environment.subscribe(({ online, visible, woke }) => {
      this.dispatch({ type: 'environment-changed', online: online || this.#isNear, visible, woke });
    });
    if (status === 'connecting') this.#sampleEnvironment();
  }

  /** Some platforms never say that they are back online: the flags are read anew before they decide anything. */
  #sampleEnvironment(): void {
    const { visible, ...flags } = this.#settings.environment.read();
    const online = flags.online || this.#isNear;
    if (online === this.#session.online && visible === this.#session.visible) return;
    this.#take({ type: 'environment-changed', online, visible, woke: false });
  }
}
