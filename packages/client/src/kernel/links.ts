/** The sockets of a stream and the life that decides about them: what it asks for is done here. */
import type { UpgradeVerdict } from '../io/web-socket-like.js';
import type { Socket } from '../io/web-socket.js';
import { closedError } from './connection.js';
import type { Dialect } from './dialect.js';
import { PriceStreamError } from './errors.js';
import { Hooks } from './hooks.js';
import { LeavingSockets } from './leaving-sockets.js';
import type { LifePort, LifeTimer } from './life-state.js';
import { Life } from './life.js';
import { Link } from './link.js';
import type { Rooms } from './rooms.js';
import { Sockets } from './sockets.js';
import { Surroundings } from './surroundings.js';
import { Timers } from './timers.js';

const abnormalClosure = 1006;

/** The links of one stream. */
export class Links implements LifePort {
  readonly life: Life;
  /** The one that counts. */
  current: Link | undefined;
  /** Kept beside it until it can take over. */
  leaving: Link | undefined;
  /** How many there have been. */
  count = 0;
  readonly surroundings: Surroundings;
  /** Sockets that were let go. */
  readonly left: LeavingSockets;
  readonly #rooms: Rooms;
  readonly #hooks: Hooks;
  readonly #sockets: Sockets;
  readonly #timers: Timers<LifeTimer>;

  constructor(rooms: Rooms) {
    const { settings } = rooms;
    this.#rooms = rooms;
    this.#hooks = new Hooks(rooms.announcer, rooms.turn);
    this.life = new Life(settings, this);
    this.left = new LeavingSockets(settings.clock);
    this.#sockets = new Sockets(settings);
    this.#timers = new Timers(settings.clock);
    this.surroundings = new Surroundings(settings.environment, this.life, this.#sockets, (state) =>
      this.#changed(state),
    );
  }

  /** Does something with the life, and writes it down. */
  step(what: string, task: () => void): void {
    this.#rooms.turn.run(() => {
      const { status } = this.life.state;
      task();
      this.#rooms.log.step(status, what, this.life.state, this.wallNow());
    });
  }

  /** The old link is let go as soon as the new one carries all that it carried. */
  settle(): void {
    const { current, leaving } = this;
    if (leaving !== undefined && current?.up === true && this.#carries(current, leaving)) this.life.letGo();
  }

  /** Calls a hook for what belongs to no link. */
  hook<Answer>(name: string, call: (dialect: Dialect) => Answer, dialect = this.#rooms.dialect): Answer | undefined {
    return this.#hooks.call(dialect, name, () => call(dialect));
  }

  // What the life asks for.

  now(): number {
    return this.#rooms.settings.clock.monotonic();
  }

  wallNow(): number {
    return this.#rooms.settings.clock.now();
  }

  random(): number {
    return this.#rooms.settings.random();
  }

  start(timer: LifeTimer, delayMs: number): void {
    // Without these two, a Node process would end while it waits for its server.
    const keepAlive = timer === 'reconnect' || timer === 'connect';
    this.#timers.start(timer, Math.max(0, Math.ceil(delayMs)), () => this.#fired(timer), { keepAlive });
  }

  stop(timer: LifeTimer): void {
    this.#timers.stop(timer);
  }

  dial(): void {
    this.count += 1;
    const link = new Link(this.#rooms, this.life, this.count);
    this.current = link;
    this.#sockets.open(
      {
        made: (socket) => this.#made(link, socket),
        opened: () =>
          this.step('socket-opened', () => {
            if (link !== this.current || this.life.opened) return;
            this.life.open();
            // Those who wait for a greeting learn of it.
            this.#rooms.channels.changed = undefined;
            link.opened();
          }),
        received: (data) => {
          // A listener that closes ends the batch at once; only what comes in the middle of a step waits.
          if (this.#rooms.turn.running) this.#rooms.turn.run(() => link.received(data));
          else link.received(data);
        },
        closed: (code, reason, cause, upgrade) => this.#closed(link, code, reason, cause, upgrade),
        failed: (cause) => this.#notMade(link, cause),
      },
      () => link === this.current,
    );
  }

  drop(which: 'current' | 'leaving', code: number, reason: string, gone: boolean): void {
    const link = this[which];
    this[which] = undefined;
    if (link === undefined) return;
    link.ended();
    if (!gone && link.socket !== undefined) this.left.add(link.socket, code, reason);
    link.socket = undefined;
  }

  leave(): void {
    this.leaving = this.current;
    this.leaving?.leave();
    this.current = undefined;
  }

  ended(error: PriceStreamError | undefined): void {
    this.hook('ended', (dialect) => dialect.ended?.(error ?? closedError()));
  }

  report(error: PriceStreamError): void {
    this.#rooms.announcer.report(error);
  }

  ungreeted(): string {
    if (!this.life.opened) return '';
    const first = this.current?.understanding.first ?? '';
    const { greets = 'a greeting' } = this.#spoken;
    const came = first === '' ? 'The server sent nothing' : `The server sent ${first} instead of ${greets}`;
    return ` ${came}: ${this.#whoIsIt('is')}.`;
  }

  /** What has not come where a server has to greet, and what to look at. */
  get greeting(): string {
    return `${this.#spoken.greets ?? 'greeting'}. ${this.#whoIsIt('Is')}`;
  }

  get #spoken() {
    return this.current?.dialect ?? this.#rooms.dialect;
  }

  #whoIsIt(is: string): string {
    return `${is} it a ${this.#spoken.name} server?${this.#rooms.findsOut}`;
  }

  /** Whether nothing is missing that the link before it carried. */
  #carries(current: Link, leaving: Link): boolean {
    const { dialect, hooks, asks } = current;
    if (hooks.call(dialect, 'busy', () => dialect.busy?.(current, leaving)) === true) return false;
    for (const channel of this.#rooms.channels.names) {
      const key = current.carry(channel);
      if (typeof key !== 'string') continue;
      const status = asks.get(key)?.status;
      // Servers that never vouch need not answer; one that should and did not carries nothing yet.
      const stands = status === 'confirmed' || status === 'refused' || (status === 'unconfirmed' && !dialect.vouches);
      if (!stands) return false;
    }
    return true;
  }

  #fired(timer: LifeTimer): void {
    if (timer === 'reconnect') this.#rooms.turn.run(() => this.surroundings.sample());
    this.step(`timer-fired(${timer})`, () => {
      if (timer === 'stable') this.current?.silent();
      this.life.fired(timer);
    });
  }

  #made(link: Link, socket: Socket | undefined): void {
    link.socket = socket;
    if (socket !== undefined) return;
    // Prices come by polling then, and a WebSocket may still turn up.
    if (this.#rooms.goesWithout) this.#closed(link, abnormalClosure, '', undefined);
    else
      this.step('no-web-socket', () => {
        const message = 'There is no WebSocket here. Pass one as options.WebSocket.';
        if (link === this.current) this.life.fail(new PriceStreamError('UNAVAILABLE', message));
      });
  }

  /** What the user's code or the constructor threw counts as a connection that could not be made. */
  #notMade(link: Link, cause: unknown): void {
    if (link !== this.current) return;
    const message = 'The URL function or the WebSocket threw.';
    const error = new PriceStreamError('CONNECT_FAILED', message, { retryable: true, cause });
    this.#rooms.turn.run(() => this.report(error));
    this.#closed(link, abnormalClosure, '', cause);
  }

  #closed(link: Link, code: number, reason: string, cause: unknown, upgrade?: UpgradeVerdict): void {
    this.#rooms.turn.run(() => {
      link.socket = undefined;
      if (link === this.leaving) this.step('socket-closed', () => this.life.letGo(true));
      if (link !== this.current) return;
      this.surroundings.sample();
      const word = this.#wordOf(code, reason);
      const verdict = upgrade ?? link.verdict(code, reason);
      const { httpStatus } = upgrade ?? {};
      this.step(`socket-closed(${code})`, () => this.life.closed({ code, reason, cause, word, verdict, httpStatus }));
    });
  }

  /** What the user says of a close; anything but the three words, and what is thrown, is no word. */
  #wordOf(code: number, reason: string): 'retry' | 'stop' | 'fail' | undefined {
    try {
      const word: unknown = this.#rooms.settings.onClose?.(code, reason);
      return word === 'retry' || word === 'stop' || word === 'fail' ? word : undefined;
    } catch (thrown) {
      this.#rooms.announcer.failed('onClose', thrown);
      return undefined;
    }
  }

  #changed({ online, visible, woke }: { online: boolean; visible: boolean; woke: boolean }): void {
    this.step(`surroundings(${online ? 'online' : 'offline'}, ${visible ? 'visible' : 'hidden'})`, () => {
      if (!this.life.surroundings(online, visible, woke)) return;
      const { current } = this;
      if (woke) current?.hooks.call(current.dialect, 'woke', () => current.dialect.woke?.(current));
      current?.probe();
    });
  }
}
