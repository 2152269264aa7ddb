/**
 * The WebSocket plugin: owns connections and their life. It decides who may upgrade, bounds what a socket may send, and
 * never reads a message.
 */
import websocket from '@fastify/websocket';
import { CloseCode } from '@tickwire/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { ServerOptions, WebSocket } from 'ws';
import type { Limits } from '../limits.js';
import type { Connection, Wire } from './connection.js';
import type { ConnectionRegistry } from './connection-registry.js';
import { isOriginAllowed, type OriginPolicy } from './origin.js';

/** What the plugin needs. */
export interface WebSocketPluginOptions {
  readonly registry: ConnectionRegistry;
  readonly limits: Limits;
  readonly origins: OriginPolicy;
  /** Paths that may be upgraded. */
  readonly paths: readonly string[];
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every open connection. */
    connections: ConnectionRegistry;
    /** Makes a connection of an upgraded socket and feeds its frames to the listener; `onClose` runs once. */
    acceptSocket(
      socket: WebSocket,
      wire: Wire,
      onFrame: (connection: Connection, text: string) => void,
      onClose: (connection: Connection) => void,
    ): Connection;
  }
}

/** Subprotocols that the server speaks; it completes the handshake without one for all others. */
const subprotocols: readonly string[] = ['tickwire-v1', 'swarnaai-v1'];
const retryAfterSeconds = '5';
const capacityAnswer = { error: 'The server is at capacity' };

/** Answers an upgrade that is refused; `undefined` when it may go on. */
function refusalOf(
  request: FastifyRequest,
  { registry, origins, paths }: WebSocketPluginOptions,
): { status: number; body: { error: string }; headers?: Record<string, string> } | undefined {
  const path = request.url.split('?', 1)[0] ?? '';
  if (!paths.includes(path)) return { status: 404, body: { error: 'No WebSocket here; use /ws' } };
  // Version 8 names its origin in another header, which would slip past the check below.
  if (request.headers['sec-websocket-version'] !== '13') {
    return { status: 400, body: { error: 'Use WebSocket version 13' }, headers: { 'Sec-WebSocket-Version': '13' } };
  }
  if (!isOriginAllowed(request.headers.origin, request.headers.host, origins)) {
    return { status: 403, body: { error: 'This origin may not connect' } };
  }
  if (registry.isDraining || registry.isFull) {
    return { status: 503, body: capacityAnswer, headers: { 'Retry-After': retryAfterSeconds } };
  }
  return undefined;
}

async function guard(request: FastifyRequest, reply: FastifyReply, options: WebSocketPluginOptions): Promise<void> {
  const refusal = refusalOf(request, options);
  if (refusal !== undefined)
    await reply
      .code(refusal.status)
      .headers(refusal.headers ?? {})
      .send(refusal.body);
}

/** The plugin; decorates the instance with `connections` and `acceptSocket`. */
export const webSocketPlugin = fp<WebSocketPluginOptions>(
  async (app, options) => {
    const { registry, limits } = options;
    const serverOptions: Omit<ServerOptions, 'WebSocket'> & { closeTimeout: number } = {
      maxPayload: limits.maxFrameBytes,
      maxFragments: limits.maxFragments,
      maxBufferedChunks: limits.maxBufferedChunks,
      closeTimeout: limits.closeTimeoutMs,
      perMessageDeflate: false,
      clientTracking: false,
      // `protocols` is a Set; `false` completes the handshake without a subprotocol.
      handleProtocols: (protocols) => subprotocols.find((name) => protocols.has(name)) ?? false,
    };
    await app.register(websocket, {
      options: serverOptions,
      // ws has answered with a close frame already; cutting the socket here would lose it.
      errorHandler: (error) => app.log.debug({ reason: error.message }, 'socket failed'),
      preClose: (done) => {
        app.websocketServer.close();
        done();
      },
    });
    app.addHook('onRequest', async (request, reply) => {
      if (request.ws) await guard(request, reply, options);
    });

    app.decorate('connections', registry);
    app.decorate('acceptSocket', (socket, wire, onFrame, onClose) => {
      const connection = registry.add(socket, wire);
      socket.on('pong', () => connection.heard());
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        connection.heard();
        if (connection.isClosed()) return;
        if (isBinary) connection.close(CloseCode.UNSUPPORTED_DATA, 'binary_not_supported');
        else onFrame(connection, data.toString('utf8'));
      });
      socket.on('close', () => {
        registry.remove(connection);
        onClose(connection);
      });
      return connection;
    });
  },
  { name: 'tickwire-websocket', fastify: '5.x' },
);
