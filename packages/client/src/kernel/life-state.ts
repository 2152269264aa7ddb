/** What a life is in, what it asks for, and what it is told. */
import type { PriceStreamError } from './errors.js';
import type { Backoff, Verdict } from './verdicts.js';

/** What the user sees of the connection. Instants (`since`, `retryAt`) are epoch milliseconds. */
export type LifeState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting'; readonly attempt: number }
  | {
      readonly status: 'connected';
      readonly since: number;
      readonly transport: 'websocket' | 'polling';
      readonly dialect: string;
      readonly authenticated: boolean;
      /** Round trip of the last ping in milliseconds; `null` before the first answer. */
      readonly rttMs: number | null;
      /** The socket is open but a ping's deadline has passed; the client is about to give it up. */
      readonly mute: boolean;
    }
  | {
      readonly status: 'reconnecting';
      readonly attempt: number;
      readonly retryAt: number;
      readonly cause: PriceStreamError | null;
    }
  | { readonly status: 'paused'; readonly reason: 'offline' | 'hidden' }
  | { readonly status: 'closed'; readonly code: number; readonly reason: string }
  | { readonly status: 'failed'; readonly error: PriceStreamError };

/** What stays the same over all attempts. Durations in ms. */
export interface LifePolicy {
  readonly reconnect: Backoff;
  readonly connectTimeoutMs: number;
}

/** The timers of a life; there is never more than one of a name. */
export type LifeTimer = 'connect' | 'reconnect' | 'stable' | 'leave' | 'farewell';

/** What a life asks for, and where it gets its facts from. */
export interface LifePort {
  /** Monotonic ms. */
  now(): number;
  /** Epoch ms. */
  wallNow(): number;
  random(): number;
  /** Opens the next socket. */
  dial(): void;
  /** Lets a socket go. `leaving`: the one that was kept beside its successor. `gone`: it has closed by itself. */
  drop(which: 'link' | 'leaving', code: number, reason: string, gone: boolean): void;
  start(timer: LifeTimer, delayMs: number): void;
  stop(timer: LifeTimer): void;
  /** The socket that counted is being left: the next one is opened beside it. */
  leave(): void;
  /** Nothing comes any more before the next `connect`. */
  ended(error: PriceStreamError | undefined): void;
  report(error: PriceStreamError): void;
  /** Why no greeting has come, where one was waited for; the empty text for a socket that has not even opened. */
  ungreeted(): string;
}

/** How a socket has closed. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
  /** What the platform said of the failure, for people. */
  readonly cause?: unknown;
  /** The user's word, which counts more than the verdict's. */
  readonly word?: 'retry' | 'stop' | 'fail' | undefined;
  /** What the dialect says of it, or the answer to an upgrade. @default what RFC 6455 says */
  readonly verdict?: Verdict | undefined;
  /** The status with which the server answered the upgrade. */
  readonly httpStatus?: number | undefined;
}
