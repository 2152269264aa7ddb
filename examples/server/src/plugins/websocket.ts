/**
 * The WebSocket plugin: owns connections and their life. It decides who may upgrade, bounds what a socket may send, and
 * never reads a message.
 */
import websocket from '@fastify/websocket';
import { CloseCode } from '@tickwire/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { PerMessageDeflateOptions, ServerOptions, WebSocket } from 'ws';
import type { Clock } from '../clock.js';
import { KeyedBuckets } from '../keyed-buckets.js';
import type { Limits } from '../limits.js';
import type { Connection, SocketLike } from './connection.js';
import type { ConnectionRegistry } from './connection-registry.js';
import { addressKey } from './address.js';
import { createUpgradeGate } from './upgrade-gate.js';
import type { UpgradeLimits } from './upgrade-limits.js';

/** What the plugin needs. */
export interface WebSocketPluginOptions {
  readonly registry: ConnectionRegistry;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly upgrades: UpgradeLimits;
  /** The `onRequest` hook of upgrades: it answers those that are refused. */
  readonly guard: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /** Whether clients may ask for `permessage-deflate`. */
  readonly compression: boolean;
  /** What stands between a connection and its socket; `undefined`: nothing does. */
  readonly between: (socket: WebSocket, request: FastifyRequest) => SocketLike | undefined;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every open connection. */
    connections: ConnectionRegistry;
    /** Makes a connection of an upgraded socket and feeds its frames to the listener; `onClose` runs once. */
    acceptSocket(
      socket: WebSocket,
      request: FastifyRequest,
      onFrame: (connection: Connection, text: string) => void,
      onClose: (connection: Connection) => void,
    ): Connection;
  }
}

/** Subprotocols that the server speaks; it completes the handshake without one for all others. */
const subprotocols: readonly string[] = ['tickwire-v1', 'swarnaai-v1'];
/**
 * Compression whose cost is bounded: nothing is kept between messages, our windows are small (a bound on the client's would
 * refuse every client that does not offer one), two messages are compressed at a
 * time, and a price of a few hundred bytes goes out as it is.
 */
const safeCompression: PerMessageDeflateOptions = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 10,
  zlibDeflateOptions: { level: 1, memLevel: 4 },
  concurrencyLimit: 2,
  threshold: 1_024,
};

const controlWaitMs = 30_000;

/** The plugin; decorates the instance with `connections` and `acceptSocket`. */
export const webSocketPlugin = fp<WebSocketPluginOptions>(
  async (app, options) => {
    const controlFrames = new KeyedBuckets({
      capacity: options.limits.controlFramesPerSecond,
      refillMs: 1_000,
      maxKeys: options.limits.maxRememberedKeys,
    });
    const { registry, limits, clock, upgrades, guard } = options;
    const gate = createUpgradeGate(app, { clock, limits });
    const serverOptions: Omit<ServerOptions, 'WebSocket'> & { closeTimeout: number } = {
      server: gate.upgrades,
      maxPayload: limits.maxFrameBytes,
      maxFragments: limits.maxFragments,
      maxBufferedChunks: limits.maxBufferedChunks,
      closeTimeout: limits.closeTimeoutMs,
      perMessageDeflate: options.compression ? safeCompression : false,
      clientTracking: false,
      // Pongs are sent below, within the budget.
      autoPong: false,
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
      if (request.ws) await guard(request, reply);
    });

    app.decorate('connections', registry);
    app.decorate('acceptSocket', (socket, request, onFrame, onClose) => {
      const between = options.between(socket, request);
      const connection = registry.add(
        between ?? socket,
        between === undefined && socket.extensions === '' ? request.raw.socket : undefined,
        addressKey(request.ip),
      );
      upgrades.opened(connection.address);
      gate.accepted(request.raw.socket);
      const isWithinBudget = (): boolean => {
        connection.heard();
        if (connection.isClosed()) return false;
        if (controlFrames.take(connection.id, clock.monotonic()) === 0) return true;
        connection.close(CloseCode.RATE_LIMITED, `control_frames;ra=${controlWaitMs}`);
        return false;
      };
      socket.on('pong', isWithinBudget);
      socket.on('ping', (data: Buffer) => {
        if (isWithinBudget()) socket.pong(data, false, () => undefined);
      });
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        connection.heardFrame();
        if (connection.isClosed()) return;
        if (isBinary) connection.close(CloseCode.UNSUPPORTED_DATA, 'binary_not_supported');
        else onFrame(connection, data.toString('utf8'));
      });
      socket.on('close', () => {
        registry.remove(connection);
        upgrades.closed(connection.address);
        onClose(connection);
      });
      return connection;
    });
  },
  { name: 'tickwire-websocket', fastify: '5.x' },
);
