/**
 * The life of a connection as a machine: what happens goes in as calls, what is to be done comes out at a small port. It has
 * no timer, socket or clock of its own, and is asked as a table: `docs/connection.md` is printed from it.
 */
import { PriceStreamError } from './errors.js';
import type { Closing, LifePolicy, LifePort, LifeState, LifeTimer } from './life-state.js';
import { offlineDelayMs, retryDelayMs, verdictOf, wakeDelayMs, type Verdict } from './verdicts.js';

const normal = 1000;
const renewed = 4000;
const afterStop =
  "It stays closed until connect() is called; an onClose option that returns 'retry' reconnects instead.";
const neverOpened =
  ' Check the address and its path, and whether the server allows this origin: a refusal (HTTP 403) looks like this to a page.';
const nothingListens = ' ECONNREFUSED: is the server running at that address? Check host and port.';
const hintAfter = 3;
/** As long as the probe of a wake-up takes, with its grace. */
const wokenMs = 5_000;

/** The life of one stream's connection. */
export class Life {
  state: LifeState = { status: 'idle' };
  /** Whether there is a socket that counts; whether it has opened; whether frames may go out on it. */
  socket = false;
  opened = false;
  up = false;
  /** Whether a socket is kept beside it until it can take over. */
  leaving = false;
  /** Dials since the connection was last stable. */
  attempt = 0;
  online = true;
  visible = true;
  everConnected = false;
  readonly #policy: LifePolicy;
  readonly #port: LifePort;
  /** Retries of this outage: the exponent of the next back-off. */
  #retries = 0;
  #dialledAt = -Infinity;
  #wokeAt = -Infinity;
  /** No retry before this instant, because the server said so. */
  #notBefore = -Infinity;
  #closes = { meaning: '', count: 0 };
  #leaveBy = Infinity;
  /** When the connection has lasted: its timer may stand still with the process. */
  #stableAt = Infinity;

  constructor(policy: LifePolicy, port: LifePort) {
    this.#policy = policy;
    this.#port = port;
  }

  get isOver(): boolean {
    return this.state.status === 'closed' || this.state.status === 'failed';
  }

  /** `connect` was called: now, unless there is a connection already or nobody looks. That the machine says it is offline is no reason not to try. */
  connect(): void {
    const { status } = this.state;
    if (status === 'reconnecting' || (status === 'paused' && this.visible)) this.#port.stop('reconnect');
    else if (this.isOver) {
      this.#stable();
      this.#notBefore = -Infinity;
    } else if (status !== 'idle') return;
    this.#dial();
  }

  /** The user closes. */
  close(reason = ''): void {
    this.#end(this.state.status === 'closed' ? this.state : { status: 'closed', code: normal, reason }, false);
  }

  /** The socket has opened. */
  open(): void {
    this.opened = true;
  }

  /** Frames may go out: the server has greeted, or need not. */
  greeted(dialect: string): void {
    if (!this.up) {
      this.up = true;
      this.#port.stop('connect');
      if (this.state.status !== 'connected')
        this.state = {
          ...{ status: 'connected', since: this.#port.wallNow(), transport: 'websocket', dialect },
          ...{ authenticated: false, rttMs: null, mute: false },
        };
      this.#stableAt = this.#port.now() + this.#policy.reconnect.stableAfterMs;
      this.#port.start('stable', this.#policy.reconnect.stableAfterMs);
    }
    this.show({ dialect });
  }

  /** Changes what is shown while connected. */
  show(facts: { dialect?: string; authenticated?: boolean; rttMs?: number; mute?: boolean }): void {
    const { state } = this;
    if (state.status !== 'connected') return;
    const next = { ...state, ...facts };
    if (Object.entries(next).some(([name, value]) => Reflect.get(state, name) !== value)) this.state = next;
  }

  /** A timer has fired. */
  fired(timer: LifeTimer): void {
    if (timer === 'connect') {
      if (!this.socket || this.up) return;
      const message = `No connection within ${this.#policy.connectTimeoutMs} ms.${this.#port.ungreeted()}`;
      const error = new PriceStreamError('CONNECT_TIMEOUT', message, { retryable: true });
      this.lost(error, {}, false, 'connect_timeout');
    } else if (timer === 'reconnect') {
      const { status } = this.state;
      if (status === 'reconnecting' || (status === 'paused' && this.visible)) this.#dial();
    } else if (timer === 'stable') this.#stable();
    else if (timer === 'leave') this.#move();
    else this.letGo();
  }

  /** The machine went offline or the page was hidden, or one of them woke up. @returns whether a standing link should be probed */
  surroundings(online: boolean, visible: boolean, woke: boolean): boolean {
    const wentOffline = this.online && !online;
    this.online = online;
    this.visible = visible;
    if (woke) this.#wokeAt = this.#port.now();
    const { state } = this;
    if (state.status === 'connected') return woke || wentOffline;
    if (state.status !== 'reconnecting' && state.status !== 'paused') return false;
    if (!online || !visible) {
      this.#port.stop('reconnect');
      this.#pause(0);
      return false;
    }
    if (state.status === 'reconnecting' && !woke) return false;
    const delayMs = wakeDelayMs(this.#port.now(), this.#dialledAt, this.#notBefore);
    this.#port.stop('reconnect');
    if (delayMs <= 0) this.#dial();
    else this.#wait(delayMs, state.status === 'reconnecting' ? state.cause : null);
    return false;
  }

  /** The socket closed by itself. */
  closed({ code, reason, cause, word, verdict = verdictOf(code), httpStatus }: Closing): void {
    if (this.#port.now() >= this.#stableAt) this.#stable();
    const { meaning, maxInARow = Infinity } = verdict;
    const action = word ?? verdict.action;
    const isLost = !this.everConnected && !this.opened && this.#retries + 1 >= hintAfter;
    const isRefused = typeof cause === 'string' && cause.includes('ECONNREFUSED');
    const hint = isRefused ? nothingListens : isLost ? neverOpened : '';
    const happened = this.up ? 'The connection was closed' : 'The connection could not be made';
    const said = `${happened}: ${meaning} (${httpStatus === undefined ? code : `HTTP ${httpStatus}`}).${verdict.advice ?? ''}${hint}`;
    const error = (name: string, text: string, retryable: boolean): PriceStreamError =>
      new PriceStreamError(name, text, { retryable, closeCode: code, cause });
    const errorCode = verdict.code ?? 'CONNECT_FAILED';
    if (action === 'stop') {
      this.#end({ status: 'closed', code, reason }, true);
      // Whose word it was knows of it.
      if (word === undefined) this.#port.report(error('CLOSED', `${said} ${afterStop}`, false));
      return;
    }
    const count = this.#closes.meaning === meaning ? this.#closes.count + 1 : 1;
    this.#closes = { meaning, count };
    // The user's word counts more than the table's.
    if (action === 'fail') this.fail(error(errorCode, said, false), true);
    else if (word !== 'retry' && count > maxInARow) this.fail(error(errorCode, said, false), true, verdict.told);
    else this.lost(error(errorCode, said, true), verdict, true);
  }

  /** The connection is lost, or given up: the next attempt is planned, unless the machine is offline or the page hidden. */
  lost(
    cause: PriceStreamError | null,
    { minDelayMs = 0, spreadMs = 0 }: Partial<Verdict>,
    gone: boolean,
    reason = '',
  ): void {
    const { reconnect } = this.#policy;
    const now = this.#port.now();
    if (now >= this.#stableAt) this.#stable();
    this.#tearDown(gone, renewed, reason);
    if (this.#retries >= reconnect.maxAttempts && this.online) {
      const message = `Gave up after ${this.#retries} attempts to reconnect.`;
      this.fail(new PriceStreamError('CONNECT_FAILED', message, { cause: cause ?? undefined }), true);
      return;
    }
    // A link from before a wake-up that turns out to be gone is replaced as the wake-up would have done it, once.
    const slept = this.#dialledAt < this.#wokeAt && now - this.#wokeAt < wokenMs;
    const delayMs =
      slept && minDelayMs === 0 && spreadMs === 0
        ? wakeDelayMs(now, this.#dialledAt, now)
        : retryDelayMs(reconnect, this.#retries, this.#port.random(), minDelayMs, spreadMs);
    this.#notBefore = minDelayMs > 0 ? now + minDelayMs : -Infinity;
    if (!this.online || !this.visible) {
      // A slow try while offline costs none of the attempts.
      this.#pause(minDelayMs);
      return;
    }
    this.#retries += 1;
    this.#wait(delayMs, cause);
  }

  /** A refusal for good. @param known the user has been told of it already */
  fail(error: PriceStreamError, gone = false, known = false): void {
    this.#end({ status: 'failed', error }, gone, error);
    if (!known) this.#port.report(error);
  }

  /** The server says that it goes away. @param inMs when to move @param byMs by when it will have gone */
  moving(inMs: number, byMs: number): void {
    this.#leaveBy = this.#port.now() + byMs;
    // One that goes away again and again is no better than one that breaks: it does not become stable any more.
    this.#port.stop('stable');
    this.#stableAt = Infinity;
    const backoffMs = this.#retries > 0 ? retryDelayMs(this.#policy.reconnect, this.#retries, this.#port.random()) : 0;
    this.#port.start('leave', Math.max(backoffMs, inMs));
  }

  /** The socket that was kept until its successor could take over is let go. @param gone it has closed by itself */
  letGo(gone = false): void {
    if (!this.leaving) return;
    this.leaving = false;
    this.#port.stop('farewell');
    this.#port.drop('leaving', normal, '', gone);
    // With nothing heard any more, the attempt is what it is.
    if (this.state.status === 'connected' && this.socket && !this.up)
      this.state = { status: 'connecting', attempt: this.attempt };
  }

  #dial(): void {
    this.attempt += 1;
    this.socket = true;
    this.opened = false;
    this.up = false;
    this.#leaveBy = Infinity;
    this.#dialledAt = this.#port.now();
    // While the socket before is still there to be heard, the user stays connected.
    if (!this.leaving || this.state.status !== 'connected')
      this.state = { status: 'connecting', attempt: this.attempt };
    // The timer goes first: opening may fail at once, and the failure stops it.
    this.#port.start('connect', this.#policy.connectTimeoutMs);
    this.#port.dial();
  }

  /** Opens the next socket beside this one. Offline or hidden, the close of the server is waited for instead. */
  #move(): void {
    if (!this.up || !this.online || !this.visible) return;
    // Never more than two.
    this.letGo();
    this.#stop();
    // One move is what servers do; the next one before anything was stable is a retry.
    if (this.attempt > 1) this.#retries += 1;
    this.leaving = true;
    this.#port.start('farewell', this.#leaveBy - this.#port.now());
    this.#port.leave();
    this.#dial();
  }

  #stable(): void {
    this.#stableAt = Infinity;
    this.attempt = 0;
    this.#retries = 0;
    this.#closes = { meaning: '', count: 0 };
  }

  #stop(): void {
    this.#stableAt = Infinity;
    for (const timer of ['connect', 'stable', 'leave'] as const) this.#port.stop(timer);
  }

  #tearDown(gone: boolean, code: number, reason: string): void {
    if (!this.socket) return;
    this.#stop();
    this.socket = false;
    this.up = false;
    this.#port.drop('link', code, reason, gone);
  }

  #wait(delayMs: number, cause: PriceStreamError | null): void {
    const retryAt = this.#port.wallNow() + delayMs;
    this.state = { status: 'reconnecting', attempt: this.attempt + 1, retryAt, cause };
    this.#port.start('reconnect', delayMs);
  }

  /** Offline or hidden: nothing is planned, but for a slow try where somebody looks. */
  #pause(leastMs: number): void {
    this.state = { status: 'paused', reason: this.online ? 'hidden' : 'offline' };
    if (this.visible)
      this.#port.start('reconnect', offlineDelayMs(this.#policy.reconnect, this.#port.random(), leastMs));
  }

  /** Nothing reconnects before the next `connect`. */
  #end(state: LifeState, gone: boolean, error?: PriceStreamError): void {
    // Who hears that a socket is gone can tell that none will follow.
    this.state = state;
    this.#tearDown(gone, normal, '');
    this.letGo();
    this.#port.stop('reconnect');
    this.#port.ended(error);
  }
}
