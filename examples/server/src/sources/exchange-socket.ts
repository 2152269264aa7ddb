/** How this server's links go to an exchange: on its own clock, with bounds, and heard of where they are refused. */
import type { Clock as StreamClock, WebSocketConstructor } from '@tickwire/client/core';
import { WebSocket, type ClientOptions } from 'ws';
import type { Clock } from '../clock.js';
import { retryAfterMsOf } from './http.js';

const largestFrameBytes = 1_048_576;
/** Longer than this an exchange is not left alone, whatever it asks for. */
const longestPauseMs = 300_000;

/** The clock of this server as a stream takes it. */
export function streamClock(clock: Clock): StreamClock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimeout: (callback, delayMs) => clock.after(delayMs, callback),
    clearTimeout: (cancel) => (cancel as () => void)(),
  };
}

/** What is heard of the sockets of a stream. */
export interface SocketEar {
  /** Another one is dialled. */
  dialled(): void;
  /** An answer in HTTP to the upgrade. @param pauseMs what it asks for, in ms; 0 where it asks for nothing */
  refused(status: number, pauseMs: number): void;
}

/** The sockets of a stream. What a refused upgrade means for users with tokens is not asked: an exchange knows no user. */
export function exchangeSocket(clock: Clock, ear: SocketEar): WebSocketConstructor {
  return class extends WebSocket {
    constructor(url: string, protocols?: string | string[], options: ClientOptions = {}) {
      const bounds = { maxPayload: largestFrameBytes, perMessageDeflate: false, followRedirects: false };
      super(url, protocols ?? [], { ...options, ...bounds });
      ear.dialled();
    }

    /** Said by the package alone; where nobody listens it ends the attempt by itself. */
    override emit(event: string | symbol, ...given: unknown[]): boolean {
      if (event !== 'unexpected-response') return super.emit(event, ...given);
      const { statusCode, headers } = given[1] as { statusCode: number; headers: Record<string, string | undefined> };
      const pauseMs = retryAfterMsOf(headers['retry-after'] ?? null, clock.now());
      ear.refused(statusCode, Math.min(longestPauseMs, pauseMs));
      return false;
    }
  };
}
