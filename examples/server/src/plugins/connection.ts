/**
 * One client's connection: its socket, its signs of life, its outgoing bytes and its inbox. It knows no channel and no
 * price.
 */
import { CloseCode } from '@tickwire/protocol';
import type { Identity } from '../auth/identity.js';
import { countOne, type Counters } from '../counters.js';
import type { Limits } from '../limits.js';
import type { PreparedFrame } from './prepared-frame.js';
import { fullBudget, type MessageBudget } from './message-budget.js';

/** What a connection needs of a socket; the `ws` package's fits. */
export interface SocketLike {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string | Buffer, options: { binary: boolean }, onSent: (error?: Error) => void): void;
  ping(data: undefined, mask: undefined, onSent: (error?: Error) => void): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** The TCP side of a socket that compresses nothing; `net.Socket` fits. */
export interface Wire {
  readonly writable: boolean;
  /** Bytes that wait in this process. */
  readonly writableLength: number;
  write(bytes: Buffer): unknown;
  cork(): void;
  uncork(): void;
}

/** How a connection speaks, as far as it has told. `undecided`: an older client that has not shown which. */
export type Dialect = 'undecided' | 'coins' | 'metals' | 'tickwire';

/** What all connections of a server share; one object, for it is held by each of thousands. */
export interface SharedOptions {
  readonly limits: Limits;
  readonly counters: Counters;
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Told of a task of the inbox that failed. */
  readonly onTaskError: (error: unknown) => void;
  /** The frame that a connection gets before it is closed for reading too slowly. */
  readonly slowFrame: () => string;
}

/** What a connection is made of. */
export interface ConnectionOptions {
  readonly id: string;
  readonly socket: SocketLike;
  /** @default none: each frame is a write of its own */
  readonly wire?: Wire | undefined;
  /** Where it comes from, as `addressKey` makes it. @default 'unknown' */
  readonly address?: string | undefined;
  readonly shared: SharedOptions;
}

const open = 1;
const textFrame = { binary: false } as const;
/** Failures of a send show as a close; there is nothing to do about them. */
const ignoreResult = (): void => undefined;
/** Pings are spread by this part of their interval, so that many connections do not ping in one moment. */
const jitter = 0.1;

/** A client's connection. Its methods never throw, whatever state the socket is in. */
export class Connection {
  readonly id: string;
  readonly openedAt: number;
  readonly address: string;
  /** Whose it is, once that is proven. */
  identity: Identity | undefined = undefined;
  /** When it last asked for something other than an answer to a ping, or was seen to have a subscription. */
  usedAt: number;
  /** What it sent before it was anybody's. */
  strangerMessages = 0;
  strangerBytes = 0;
  /** Proofs that failed since one succeeded. */
  authFailures = 0;
  dialect: Dialect = 'undecided';
  /** Whether it has sent anything but pings, which every dialect has. */
  hasSpoken = false;
  /** Whether the time in which a client may show its dialect is over. */
  isSilenceOver = false;
  /** Whether the typed greeting of the coins dialect has gone out. */
  isWelcomed = false;
  budget: MessageBudget;
  /** When the next heartbeat is due; only ② clients get them. */
  nextHeartbeatAt: number;

  readonly #options: SharedOptions;
  readonly #socket: SocketLike;
  readonly #wire: Wire | undefined;
  readonly #inbox: (() => Promise<void> | void)[] = [];
  #isRunning = false;
  #isClosed = false;
  #nextPingAt: number;
  #pongDueAt: number | undefined;
  #congestedSince: number | undefined;

  constructor(options: ConnectionOptions) {
    const { limits, random } = options.shared;
    const now = options.shared.now();
    this.id = options.id;
    this.address = options.address ?? 'unknown';
    this.#options = options.shared;
    this.#socket = options.socket;
    this.#wire = options.wire;
    this.openedAt = now;
    this.usedAt = now;
    this.budget = fullBudget(limits, now);
    this.nextHeartbeatAt = now + limits.heartbeatMs * (0.5 + random() / 2);
    this.#nextPingAt = now + this.#pingDelayMs();
  }

  /** Whether nothing can be sent any more. */
  isClosed(): boolean {
    return this.#isClosed || this.#socket.readyState !== open;
  }

  /** Bytes that were given to the socket and have not left. */
  get unsentBytes(): number {
    return this.#wire?.writableLength ?? this.#socket.bufferedAmount;
  }

  /** Whether so much is unsent that prices should be held back. */
  get isCongested(): boolean {
    return this.unsentBytes > this.#options.limits.softBufferBytes;
  }

  /** Sends one frame of text. Cuts the connection when it is too far behind; never throws. */
  send(text: string | Buffer): void {
    if (this.isClosed()) return;
    if (this.unsentBytes > this.#options.limits.hardBufferBytes) {
      this.closeAsSlow();
      return;
    }
    this.#write(text);
  }

  /** Sends a frame that many connections get. As `send`, but it costs a fraction. */
  sendPrepared({ bytes, payload }: PreparedFrame): void {
    const wire = this.#wire;
    const { counters, limits } = this.#options;
    if (wire === undefined || this.#isClosed || !wire.writable || wire.writableLength > limits.hardBufferBytes) {
      this.send(payload);
      return;
    }
    counters.framesOut += 1;
    counters.bytesOut += payload.length;
    // ws writes each of its own frames in one go, so a whole frame never comes between the parts of another.
    wire.write(bytes);
  }

  #write(text: string | Buffer): void {
    const { counters } = this.#options;
    counters.framesOut += 1;
    counters.bytesOut += text.length;
    this.#socket.send(text, textFrame, ignoreResult);
  }

  /** Gathers the frames that `run` sends into one write. */
  together(run: () => void): void {
    this.#wire?.cork();
    run();
    this.#wire?.uncork();
  }

  /** Says SLOW_CONSUMER and closes with 1013. */
  closeAsSlow(): void {
    if (this.isClosed()) return;
    this.#options.counters.slowConsumers += 1;
    this.#write(this.#options.slowFrame());
    this.close(CloseCode.TRY_AGAIN_LATER, 'slow_consumer');
  }

  /** Starts the closing handshake; the reason is a short ASCII token. Idempotent. */
  close(code: number, reason: string): void {
    if (this.isClosed()) return;
    this.#isClosed = true;
    this.#inbox.length = 0;
    countOne(this.#options.counters.closes, code);
    this.#socket.close(code, reason);
  }

  /** Cuts the socket without a handshake. */
  terminate(): void {
    this.#isClosed = true;
    this.#inbox.length = 0;
    this.#socket.terminate();
  }

  /** The peer lives: a frame or a pong came. */
  heard(): void {
    this.#pongDueAt = undefined;
  }

  /** As `heard`, for a frame. */
  heardFrame(): void {
    this.#options.counters.framesIn += 1;
    this.heard();
  }

  /** Runs the task after those before it, one at a time; `false` when the inbox is full. */
  enqueue(task: () => Promise<void> | void): boolean {
    if (this.#inbox.length >= this.#options.limits.inboxMessages) return false;
    this.#inbox.push(task);
    if (!this.#isRunning) void this.#work();
    return true;
  }

  async #work(): Promise<void> {
    this.#isRunning = true;
    for (let task = this.#inbox.shift(); task !== undefined; task = this.#inbox.shift()) {
      if (this.isClosed()) break;
      try {
        await task();
      } catch (error) {
        this.#options.onTaskError(error);
      }
    }
    this.#isRunning = false;
  }

  /**
   * Looks at the deadlines: pings when it is time, cuts a peer that did not answer or that reads too slowly.
   *
   * @param lateMs how long this look was overdue: the process stood still, so the peer gets that time on top
   */
  sweep(now: number, lateMs: number): void {
    if (this.isClosed()) return;
    if (this.#pongDueAt !== undefined) {
      this.#pongDueAt += lateMs;
      if (now > this.#pongDueAt) {
        this.#options.counters.deadPeers += 1;
        this.terminate();
        return;
      }
    }
    this.#congestedSince = this.isCongested ? (this.#congestedSince ?? now) : undefined;
    if (this.#congestedSince !== undefined && now - this.#congestedSince > this.#options.limits.slowConsumerMs) {
      this.closeAsSlow();
      return;
    }
    if (now < this.#nextPingAt) return;
    this.#nextPingAt = now + this.#pingDelayMs();
    this.#pongDueAt ??= now + this.#options.limits.pongTimeoutMs;
    this.#socket.ping(undefined, undefined, ignoreResult);
  }

  #pingDelayMs(): number {
    return this.#options.limits.pingIntervalMs * (1 - jitter + 2 * jitter * this.#options.random());
  }
}
