/** A stage for a dialect: a real stream over fake sockets, where every frame that goes out is answered by a script. */
import {
  PriceStream,
  type Dialect,
  type DialectHost,
  type DialectLink,
  type DialectSource,
  type Quote,
} from '@tickwire/client/core';
import { FakeClock, settle } from './fake-clock.js';
import { FakeEnvironment } from './fake-environment.js';
import { FakeSockets, type FakeSocket } from './fake-socket.js';

/** What a server says to a frame: nothing, one message or several; a text goes out as it is, all else as JSON. */
export type Answers = (sent: Record<string, unknown>, socket: number) => unknown;

/** A frame that went out: when, on which socket (counted from 1), and what it said. */
export interface SentFrame {
  readonly at: number;
  readonly socket: number;
  readonly message: Record<string, unknown>;
}

/** An event as it was told: by the dialect's name for it, or by the channel that delivered it. */
export interface ReplayedEvent {
  readonly name: string;
  readonly payload: unknown;
}

/** What a stage is set up with. */
export interface StageOptions {
  readonly answers?: Answers | undefined;
  /** Epoch ms. */
  readonly startsAt?: number | undefined;
  /** Whether pings go out as they would; else nothing ends a connection but the test. */
  readonly heartbeat?: boolean;
  readonly lingerMs?: number;
}

/** A dialect that writes frames for ever is stopped. */
const mostSent = 5_000;
const never = 2 ** 30;
/** Told by the stream itself: listened to, not taken from the dialect. */
const ownEvents = new Set(['price', 'connection', 'stale', 'error', 'invalid', 'unknown']);

/** One stream in one dialect, from the first dial to the end. */
export class DialectStage {
  readonly clock: FakeClock;
  readonly sockets = new FakeSockets();
  readonly stream: PriceStream;
  readonly sent: SentFrame[] = [];
  readonly events: ReplayedEvent[] = [];
  /** Prices as the dialect gave them, asked for or not. */
  readonly quotes: Quote[] = [];
  /** What the dialect is given to speak with, of each socket that was up. */
  readonly links: DialectLink[] = [];
  /** Whether the dialect wrote more than anybody reads. */
  floods = false;
  /** Pings that went out. */
  pings = 0;
  readonly #answers: Answers;
  #failure: { readonly cause: unknown } | undefined;

  constructor(source: DialectSource, { answers, startsAt, heartbeat = true, lingerMs = 1_000 }: StageOptions = {}) {
    this.clock = new FakeClock(startsAt);
    this.#answers = answers ?? (() => undefined);
    this.sockets.dialled = (socket) => this.#dialled(socket);
    this.stream = new PriceStream('wss://dialect.invalid/', {
      dialect: (host) => this.#watched(typeof source === 'function' ? source(this.#heard(host)) : source),
      WebSocket: this.sockets.WebSocket,
      environment: new FakeEnvironment(),
      clock: this.clock,
      random: () => 0,
      lingerMs,
      heartbeat: heartbeat ? {} : { idleMs: never, timeoutMs: never },
    });
  }

  /** What the dialect speaks with on the socket that counts. */
  get link(): DialectLink | undefined {
    return this.links.at(-1);
  }

  /** Whether frames may go out. */
  get isUp(): boolean {
    return this.link?.live === true && this.link.up;
  }

  /** Connects; what is subscribed before goes out with it. */
  async open(): Promise<void> {
    this.stream.connect().catch(() => undefined);
    await this.clock.advance(0);
  }

  /** A frame comes, as it is. */
  async play(frame: string | Uint8Array): Promise<void> {
    this.sockets.last.receiveRaw(frame);
    await settle();
  }

  /** The network goes, and whatever the back-off waits for is over. */
  async reconnect(code = 1006, reason = ''): Promise<void> {
    const { length } = this.sockets.all;
    this.sockets.last.drop(code, reason);
    for (let tries = 0; tries < 100 && this.sockets.all.length === length; tries += 1) await this.clock.advance(10_000);
  }

  /** The frames of one socket, counted from 1. */
  sentOn(socket: number): Record<string, unknown>[] {
    return this.sent.filter((frame) => frame.socket === socket).map(({ message }) => message);
  }

  /** Ends it. @throws what `answers` has thrown */
  async close(): Promise<void> {
    const closed = this.stream.close();
    await this.clock.advance(0);
    await closed;
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  #dialled(socket: FakeSocket): void {
    const number = this.sockets.all.length;
    socket.onSent = (message) => {
      this.sent.push({ at: this.clock.monotonic(), socket: number, message });
      if (this.sent.length >= mostSent) {
        this.floods = true;
        queueMicrotask(() => void this.stream.close());
        return;
      }
      // No server answers before `send` has returned.
      queueMicrotask(() => this.#answer(socket, message, number));
    };
    queueMicrotask(() => socket.open());
  }

  #answer(socket: FakeSocket, message: Record<string, unknown>, number: number): void {
    try {
      const said = this.#answers(message, number);
      for (const each of Array.isArray(said) ? (said as unknown[]) : [said])
        if (each !== undefined) socket.receive(each);
    } catch (cause) {
      // Thrown from here, it would reach nobody who waits.
      this.#failure ??= { cause };
    }
  }

  /** What a dialect tells over its host. */
  #heard(host: DialectHost): DialectHost {
    const emit = host.emit.bind(host);
    host.emit = (name, payload) => {
      this.#told(name, payload);
      emit(name, payload);
    };
    return host;
  }

  #told(name: string, payload: unknown): void {
    if (!ownEvents.has(name)) this.events.push({ name, payload });
  }

  /** The same dialect, whose links are seen: a class keeps its `this`, and a link is the one that the kernel knows. */
  #watched(dialect: Dialect): Dialect {
    const bound = new Map<PropertyKey, unknown>();
    const meet = (link: DialectLink): void => {
      if (this.links.includes(link)) return;
      this.links.push(link);
      const emit = link.emit.bind(link);
      link.emit = (name, payload) => {
        if (link.live) this.#told(name, payload);
        emit(name, payload);
      };
      const price = link.price.bind(link);
      link.price = (quote, source, seq) => {
        this.quotes.push(quote);
        price(quote, source, seq);
      };
    };
    const hook = (name: 'waiting' | 'opened') => (link: DialectLink) => {
      meet(link);
      dialect[name]?.(link);
    };
    const ping: Dialect['ping'] = (id, link) => {
      this.pings += 1;
      return dialect.ping?.(id, link);
    };
    return new Proxy({} as Dialect, {
      get: (_target, key) => {
        if (key === 'waiting' || key === 'opened') return hook(key);
        const value: unknown = Reflect.get(dialect, key);
        if (typeof value !== 'function') return value;
        if (!bound.has(key)) bound.set(key, key === 'ping' ? ping : value.bind(dialect));
        return bound.get(key);
      },
    });
  }
}
