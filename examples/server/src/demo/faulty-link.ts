/** One socket that can be made to misbehave; between faults it does nothing but hand on. */
import type { Clock } from '../clock.js';
import type { SocketLike } from '../plugins/connection.js';

/** Every kind of fault, in the order in which they are told. */
export const faultKinds = ['drop', 'freeze', 'refuse', 'slow', 'lose'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A socket that can be told not to read; the `ws` package's fits. */
export interface PausableSocket extends SocketLike {
  pause(): void;
  resume(): void;
}

/** What it is made of. */
export interface FaultyLinkOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** In [0, 1). */
  readonly random: () => number;
}

interface HeldFrame {
  readonly data: string | Buffer;
  readonly options: { binary: boolean };
  readonly onSent: (error?: Error) => void;
  readonly dueAt: number;
}

/** By so much a slow link delays each frame. */
export const slowMs = 1_500;
/** What a frozen or slow link holds; one that holds more is cut, as a link would be whose buffers are full. */
const mostHeldBytes = 4_194_304;
const lostShare = 0.5;
/** How a message ends that is sent as it is published; answers, snapshots and replays end otherwise. */
const liveEnd = /,"sub":"[^"]*","seq":\d+,"epoch":"[^"]*"(?:,"skip":\d+)?\}$/;

/** Whether the frame is one live message of a channel: what may get lost without harm to what was asked and answered. */
export function isLiveMessage(text: string): boolean {
  return liveEnd.test(text);
}

/** The socket of a connection whose page may break it. */
export class FaultyLink implements SocketLike {
  readonly #socket: PausableSocket;
  readonly #options: FaultyLinkOptions;
  readonly #held: HeldFrame[] = [];
  #heldBytes = 0;
  #fault: FaultKind | undefined;
  #cancel: (() => void) | undefined;

  constructor(socket: PausableSocket, options: FaultyLinkOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  /** Begins to misbehave. */
  suffer(kind: FaultKind): void {
    if (kind === 'drop' || kind === 'refuse') {
      this.terminate();
      return;
    }
    this.#fault = kind;
    if (kind === 'freeze') this.#socket.pause();
  }

  /** Behaves again, and hands on what it held. */
  mend(): void {
    if (this.#fault === 'freeze') this.#socket.resume();
    this.#fault = undefined;
    this.#release();
  }

  send(data: string | Buffer, options: { binary: boolean }, onSent: (error?: Error) => void): void {
    if (this.#fault === 'lose' && isLiveMessage(data.toString()) && this.#options.random() < lostShare) return;
    const isHeld = this.#fault === 'freeze' || this.#fault === 'slow' || this.#held.length > 0;
    if (isHeld) this.#hold(data, options, onSent);
    else this.#socket.send(data, options, onSent);
  }

  ping(data: undefined, mask: undefined, onSent: (error?: Error) => void): void {
    if (this.#fault !== 'freeze') this.#socket.ping(data, mask, onSent);
  }

  close(code: number, reason: string): void {
    // A socket that does not read would not see the answer.
    if (this.#fault === 'freeze') this.#socket.resume();
    this.forget();
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.forget();
    this.#socket.terminate();
  }

  /** Drops what is held, and its timer. */
  forget(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#held.length = 0;
    this.#heldBytes = 0;
  }

  #hold(data: string | Buffer, options: { binary: boolean }, onSent: (error?: Error) => void): void {
    const delayMs = this.#fault === 'slow' ? slowMs : 0;
    this.#heldBytes += data.length;
    if (this.#heldBytes > mostHeldBytes) {
      this.terminate();
      return;
    }
    this.#held.push({ data, options, onSent, dueAt: this.#options.clock.monotonic() + delayMs });
    this.#release();
  }

  /** Hands on what is due, in order, and waits for the next. */
  #release(): void {
    if (this.#fault === 'freeze') return;
    const now = this.#options.clock.monotonic();
    let count = 0;
    for (const { data, options, onSent, dueAt } of this.#held) {
      if (dueAt > now) break;
      this.#heldBytes -= data.length;
      this.#socket.send(data, options, onSent);
      count += 1;
    }
    this.#held.splice(0, count);
    const [next] = this.#held;
    this.#cancel?.();
    this.#cancel = next && this.#options.clock.after(next.dueAt - now, () => this.#release());
  }
}
