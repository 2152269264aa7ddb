/** The sockets of a stream and the life that decides about them: what it asks for is done here. */
import { isNearby, type EnvironmentState } from '../io/environment.js';
import type { UpgradeVerdict } from '../io/web-socket-like.js';
import { openSocket } from '../io/web-socket.js';
import { closedError, type StreamConnection } from './connection.js';
import type { Dialect } from './dialect.js';
import { PriceStreamError } from './errors.js';
import { LeavingSockets } from './leaving-sockets.js';
import type { LifePort, LifeState, LifeTimer } from './life-state.js';
import { Life } from './life.js';
import { Link } from './link.js';
import { webSocketUrl, type Settings } from './options.js';
import { Rooms, type Extras } from './rooms.js';

const abnormalClosure = 1006;

type Change = EnvironmentState & { woke: boolean };

/** The links of one stream. */
export abstract class Links extends Rooms implements LifePort {
  readonly life: Life;
  /** The one that counts. */
  link: Link | undefined;
  /** Kept beside it until it can take over. */
  leaving: Link | undefined;
  /** The connection as users see it; the same object until it changes. */
  shown: StreamConnection = { status: 'idle' };
  /** What is shown in place of the connection: prices come another way meanwhile. */
  instead: (() => StreamConnection | undefined) | undefined;
  /** How many there have been. */
  count = 0;
  /** Sockets that were let go. */
  readonly left: LeavingSockets;
  /** Whether the server is reached without the internet. */
  #isNear = false;
  #unfollow: (() => void) | undefined;

  constructor(settings: Settings, extras: Extras) {
    super(settings, extras);
    this.life = new Life(settings, this);
    this.left = new LeavingSockets(settings.clock);
  }

  /** Why nothing comes before the next `connect`; `undefined` while something may. */
  get ending(): PriceStreamError | undefined {
    if (this.shown.status === 'failed') return this.shown.error;
    return this.shown.status === 'closed' ? closedError() : undefined;
  }

  // What the life asks for.

  start(timer: LifeTimer, delayMs: number): void {
    // Without these two, a Node process would end while it waits for its server.
    const keepAlive = timer === 'reconnect' || timer === 'connect';
    const fired = (): void => {
      if (timer === 'reconnect') this.turn.run(() => this.sample());
      this.step(`timer-fired(${timer})`, () => {
        if (timer === 'stable') this.link?.silent();
        this.life.fired(timer);
      });
    };
    this.alarms.start(timer, delayMs, fired, { keepAlive });
  }

  stop(timer: LifeTimer): void {
    this.alarms.stop(timer);
  }

  dial(): void {
    this.count += 1;
    const link = new Link(this, this.count);
    this.link = link;
    const { url } = this.settings;
    const fail = (cause: unknown): void => this.#notMade(link, cause);
    try {
      const given = typeof url === 'function' ? url() : url;
      if (typeof given === 'string') this.#open(link, given);
      else Promise.resolve(given).then((address) => this.#open(link, address), fail);
    } catch (cause) {
      fail(cause);
    }
  }

  drop(which: 'link' | 'leaving', code: number, reason: string, gone: boolean): void {
    const link = this[which];
    this[which] = undefined;
    if (link === undefined) return;
    link.ended();
    if (!gone && link.socket !== undefined) this.left.add(link.socket, code, reason);
    link.socket = undefined;
  }

  leave(): void {
    this.leaving = this.link;
    this.leaving?.leave();
    this.link = undefined;
  }

  ended(error: PriceStreamError | undefined): void {
    this.call(this.dialect, 'ended', error ?? closedError());
  }

  ungreeted(): string {
    if (!this.life.opened) return '';
    const first = this.link?.inbox.first ?? '';
    const { greets = 'a greeting' } = this.#spoken;
    const came = first === '' ? 'The server sent nothing' : `The server sent ${first} instead of ${greets}`;
    return ` ${came}: ${this.#whoIsIt('is')}.`;
  }

  /** What has not come where a server has to greet, and what to look at. */
  get greeting(): string {
    return `${this.#spoken.greets ?? 'greeting'}. ${this.#whoIsIt('Is')}`;
  }

  // What else follows from the life.

  /** The old link is let go as soon as the new one carries all that it carried. */
  protected settle(): void {
    const { link, leaving } = this;
    if (leaving !== undefined && link?.up === true && this.#carries(link, leaving)) this.life.letGo();
  }

  /** Listeners on the platform stand only while there is a connection to keep. */
  protected follow(status: LifeState['status']): void {
    if (status === 'idle' || status === 'closed' || status === 'failed') {
      this.#unfollow?.();
      this.#unfollow = undefined;
      return;
    }
    this.#unfollow ??= this.settings.environment.subscribe((change) => this.#changed(change));
    if (status === 'connecting') this.sample();
  }

  /** Some platforms never say that they are back online: the flags are read anew before they decide anything. */
  protected sample(): void {
    const { online, visible } = this.settings.environment.read();
    if ((online || this.#isNear) !== this.life.online || visible !== this.life.visible)
      this.#changed({ online, visible, woke: false });
  }

  get #spoken(): Dialect {
    return (this.link ?? this).dialect;
  }

  #whoIsIt(is: string): string {
    return `${is} it a ${this.#spoken.name} server?${this.extras.findsOut ?? ''}`;
  }

  /** Whether nothing is missing that the link before it carried. */
  #carries(link: Link, leaving: Link): boolean {
    if (link.hook('busy', link, leaving) === true) return false;
    for (const channel of this.channels) {
      const key = link.carry(channel);
      if (typeof key !== 'string') continue;
      const status = link.asked(key)?.status;
      // Servers that never vouch need not answer; one that should and did not carries nothing yet.
      const stands =
        status === 'confirmed' || status === 'refused' || (status === 'unconfirmed' && !link.dialect.vouches);
      if (!stands) return false;
    }
    return true;
  }

  /** Opens the socket of a link where the URL leads, if it is still wanted. */
  #open(link: Link, address: string): void {
    if (link !== this.link) return;
    const { WebSocket, protocols, headers } = this.settings;
    try {
      const resolved = webSocketUrl(address);
      this.#isNear = isNearby(resolved);
      const wallNow = (): number => this.wallNow();
      link.socket = openSocket(
        resolved,
        { WebSocket, protocols, headers, wallNow },
        {
          opened: () =>
            this.step('socket-opened', () => {
              if (link !== this.link || this.life.opened) return;
              this.life.open();
              // Those who wait for a greeting learn of it.
              this.channels.changed = undefined;
              link.opened();
            }),
          received: (data) => {
            // A listener that closes ends the batch at once; only what comes in the middle of a step waits.
            if (this.turn.running) this.turn.run(() => link.received(data));
            else link.received(data);
          },
          closed: (code, reason, cause, upgrade) => this.#closed(link, code, reason, cause, upgrade),
        },
      );
      if (link.socket !== undefined) return;
    } catch (cause) {
      this.#notMade(link, cause);
      return;
    }
    // Prices come by polling then, and a WebSocket may still turn up.
    if (this.extras.goesWithout === true) this.#closed(link, abnormalClosure, '', undefined);
    else
      this.step('no-web-socket', () => {
        const message = 'There is no WebSocket here. Pass one as options.WebSocket.';
        if (link === this.link) this.life.fail(new PriceStreamError('UNAVAILABLE', message));
      });
  }

  /** What the user's code or the constructor threw counts as a connection that could not be made. */
  #notMade(link: Link, cause: unknown): void {
    if (link !== this.link) return;
    const message = 'The URL function or the WebSocket threw.';
    this.report(new PriceStreamError('CONNECT_FAILED', message, { retryable: true, cause }));
    this.#closed(link, abnormalClosure, '', cause);
  }

  #closed(link: Link, code: number, reason: string, cause: unknown, upgrade?: UpgradeVerdict): void {
    this.turn.run(() => {
      link.socket = undefined;
      if (link === this.leaving) this.step('socket-closed', () => this.life.letGo(true));
      if (link !== this.link) return;
      this.sample();
      const word = this.#wordOf(code, reason);
      const verdict = upgrade ?? link.hook('closed', code, reason, link);
      const httpStatus = upgrade?.httpStatus;
      this.step(`socket-closed(${code})`, () => this.life.closed({ code, reason, cause, word, verdict, httpStatus }));
    });
  }

  /** What the user says of a close; anything but the three words, and what is thrown, is no word. */
  #wordOf(code: number, reason: string): 'retry' | 'stop' | 'fail' | undefined {
    try {
      const word: unknown = this.settings.onClose?.(code, reason);
      return word === 'retry' || word === 'stop' || word === 'fail' ? word : undefined;
    } catch (thrown) {
      this.failed('onClose', thrown);
      return undefined;
    }
  }

  #changed({ online, visible, woke }: Change): void {
    // A server that is reached without the internet does not mind.
    const isOnline = online || this.#isNear;
    this.step(`surroundings(${isOnline ? 'online' : 'offline'}, ${visible ? 'visible' : 'hidden'})`, () => {
      if (!this.life.surroundings(isOnline, visible, woke)) return;
      const { link } = this;
      if (woke) link?.hook('woke', link);
      link?.flush(true);
    });
  }
}
