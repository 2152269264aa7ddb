/**
 * Stands between the HTTP server and the upgrades: lets through what is a WebSocket, and lets no socket stay that nobody
 * looks after. Node hands every request with an `Upgrade` header over, whatever it asks for and whatever came before it.
 */
import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.js';
import type { Limits } from '../limits.js';

/** Answers a request that offers another protocol, such as `h2c` of Java's and curl's clients, as if it did not. */
function answerPlainly(app: FastifyInstance, request: IncomingMessage, socket: Socket): void {
  socket.on('error', () => socket.destroy());
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => socket.destroySoon());
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (!hasBody) {
    app.routing(request, response);
    return;
  }
  // Node has let go of the connection, so the body will not be read.
  response.writeHead(400, { 'Content-Type': 'application/json' });
  response.end(
    JSON.stringify({ error: 'A request with a body cannot offer another protocol; leave the Upgrade header out' }),
  );
}

/** What the gate is made of. */
export interface UpgradeGateOptions {
  readonly clock: Pick<Clock, 'after'>;
  /** An upgrade that is neither accepted nor ended for so long is cut. */
  readonly limits: Pick<Limits, 'requestTimeoutMs'>;
}

/** The gate of one server. */
export interface UpgradeGate {
  /** Emits `upgrade` for what asks for a WebSocket; it never listens. */
  readonly upgrades: Server;
  /** The socket is a connection now, and somebody else's to look after. */
  accepted(socket: Socket): void;
}

/** Takes the upgrades of the server. */
export function createUpgradeGate(app: FastifyInstance, { clock, limits }: UpgradeGateOptions): UpgradeGate {
  const upgrades = createServer();
  const unanswered = new WeakMap<Socket, number>();
  /** What undoes the deadline of each socket that waits for its upgrade. */
  const waiting = new Map<Socket, () => void>();

  const count = (socket: Socket, change: number): void => {
    unanswered.set(socket, (unanswered.get(socket) ?? 0) + change);
  };
  function settle(this: Socket): void {
    this.off('close', settle);
    waiting.get(this)?.();
    waiting.delete(this);
  }
  function wait(socket: Socket): void {
    waiting.set(
      socket,
      clock.after(limits.requestTimeoutMs, () => socket.destroy()),
    );
    socket.on('close', settle);
  }

  app.server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    count(socket, 1);
    response.once('close', () => count(socket, -1));
  });
  app.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    // Behind a request that has no answer yet there is nobody who would answer the upgrade, or end it.
    if ((unanswered.get(socket) ?? 0) > 0) {
      socket.destroy();
      return;
    }
    wait(socket);
    if (/websocket/i.test(request.headers.upgrade ?? '')) upgrades.emit('upgrade', request, socket, head);
    else answerPlainly(app, request, socket);
  });
  return { upgrades, accepted: (socket) => settle.call(socket) };
}
