/** The route `/ws`: says hello, decodes frames, bounds what a connection may ask, and hands messages on in their order. */
import { CloseCode, ErrorCode } from '@tickwire/protocol';
import { decodeClientMessage } from '@tickwire/protocol/codec';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { isAway } from '../engine/engine.js';
import { payForMessage, strikeForBadMessage } from '../plugins/message-budget.js';
import type { Connection } from '../plugins/connection.js';
import { heartbeatFrame, helloFrame } from '../services/frames.js';
import { AnonymousRules } from './anonymous-rules.js';
import { refusalOf } from './refusals.js';
import type { RequestOptions, Requests } from './requests.js';

/** What the route needs. */
export interface SocketRouteOptions extends RequestOptions {
  readonly requests: Requests;
  /** Whether connections have to authenticate. */
  readonly isAuthRequired: boolean;
}

const awayMs = 5_000;

/** Takes an upgraded socket in. */
export type SocketHandler = (socket: WebSocket, request: FastifyRequest) => void;

/** Gives what takes upgraded sockets in; one for all paths that are upgraded. */
export function createSocketHandler(app: FastifyInstance, options: SocketRouteOptions): SocketHandler {
  const { requests, membership, authentication, catalog, clock, limits, isAuthRequired } = options;
  const rules = new AnonymousRules({ isRequired: isAuthRequired, membership, limits });
  const globalWish = { channel: 'global', isImplied: true };

  /** Without what comes unasked a connection would miss it unawares: it had better try again, here or on another node. */
  function endUnserved(connection: Connection, retryAfterMs = awayMs): void {
    connection.close(CloseCode.TRY_AGAIN_LATER, `server_busy;ra=${retryAfterMs}`);
  }

  function onFrame(connection: Connection, text: string): void {
    if (!rules.countFrame(connection, Buffer.byteLength(text))) return;
    const now = clock.monotonic();
    const decoded = decodeClientMessage(text, {
      maxLength: limits.maxFrameBytes,
      maxChannels: limits.maxChannelsPerFrame,
    });
    const isPing = decoded.ok && decoded.kind === 'known' && decoded.message.type === 'ping';
    if (!isPing) {
      connection.hasSpoken = true;
      connection.usedAt = now;
    }
    const paid = payForMessage(connection.budget, limits, now);
    connection.budget = paid.budget;
    if (paid.verdict !== 'admit') {
      const about =
        decoded.ok && decoded.kind === 'known'
          ? { id: decoded.message.id as string | number | undefined, op: decoded.message.type }
          : {};
      requests.refuse(connection, ErrorCode.RATE_LIMITED, { ...about, retryAfterMs: paid.retryAfterMs });
      if (paid.verdict === 'close')
        connection.close(CloseCode.RATE_LIMITED, `rate_limited;ra=${limits.strikeWindowMs / 2}`);
      return;
    }
    if (!decoded.ok) {
      const { code, ...about } = refusalOf(text, decoded, limits);
      requests.refuse(connection, code, about);
      const strike = strikeForBadMessage(connection.budget, limits, now);
      connection.budget = strike.budget;
      if (strike.verdict === 'close') connection.close(CloseCode.BAD_MESSAGES, 'bad_messages');
      return;
    }
    if (decoded.kind === 'unknown') {
      requests.refuse(connection, ErrorCode.UNKNOWN_TYPE);
      return;
    }
    const { message } = decoded;
    const about = { id: message.id as string | number | undefined, op: message.type };
    const isTaken = connection.enqueue(async () => {
      try {
        if (rules.allows(connection, message.type)) await requests.answer(connection, message);
        else requests.refuse(connection, ErrorCode.UNAUTHENTICATED, about);
      } catch (error) {
        if (isAway(error)) {
          requests.refuse(connection, ErrorCode.SERVER_BUSY, { ...about, retryAfterMs: error.retryAfterMs });
          if (message.type === 'authenticate') endUnserved(connection, error.retryAfterMs);
          return;
        }
        app.log.error({ err: error, op: message.type }, 'request failed');
        requests.refuse(connection, ErrorCode.INTERNAL, about);
      }
    });
    if (!isTaken) requests.refuse(connection, ErrorCode.SERVER_BUSY, about);
  }

  /** A client that at most pings is taken for an older metals client: its backend sent all prices on connect. */
  function breakSilence(connection: Connection): void {
    connection.isSilenceOver = true;
    if (connection.dialect !== 'undecided') return;
    connection.enqueue(async () => {
      const wishes = catalog.metals.map((name) => ({ channel: `metal:${name}`, isImplied: true }));
      if (!connection.hasSpoken && !rules.isStranger(connection)) await membership.join(connection, wishes, () => []);
      requests.welcome(connection);
    });
  }

  app.connections.onSweep((connection, now) => {
    if (!connection.isSilenceOver && now - connection.openedAt >= limits.silenceMs) breakSilence(connection);
    authentication.sweep(connection, clock.now());
    rules.sweep(connection, now);
    if (connection.dialect === 'tickwire' && now >= connection.nextHeartbeatAt) {
      connection.nextHeartbeatAt = now + limits.heartbeatMs;
      connection.send(heartbeatFrame(clock.now(), membership.headsOf(connection)));
    }
  });

  return (socket, request) => {
    const connection = app.acceptSocket(socket, request, onFrame, (closed) => {
      authentication.forget(closed);
      membership.leaveAll(closed);
    });
    connection.send(helloFrame(connection.id, clock.now(), limits));
    const { identity } = request;
    connection.enqueue(async () => {
      try {
        if (identity !== undefined) await authentication.adopt(connection, identity);
        else if (!isAuthRequired) await membership.join(connection, [globalWish], () => []);
      } catch (error) {
        if (!isAway(error)) throw error;
        endUnserved(connection, error.retryAfterMs);
      }
    });
  };
}
