/** The class of the metals seed, `PriceStreamServer`, as a thin face over the same server: no behaviour of its own. */
import type { FastifyInstance } from 'fastify';
import { loadConfig, type Environment } from './config.js';
import { buildServer, type ServerDependencies } from './server.js';

/** The `ws` package's server, and its sockets. */
export type SocketServer = FastifyInstance['websocketServer'];
export type ServerSocket = SocketServer['clients'] extends Set<infer S> ? S : never;

/** What an embedding program may bring along. */
export interface PriceStreamServerOptions {
  /** Settings by the names of the environment; the port given to the constructor counts before them. @default warnings are logged, all else as documented */
  readonly environment?: Environment;
  /** @default none: the machine's clock, an engine in memory, the configured sources */
  readonly dependencies?: ServerDependencies;
}

/** The reference server behind the seed's four names. It may be started again after it was stopped. */
export class PriceStreamServer {
  readonly #clients = new Set<ServerSocket>();
  readonly #port: number;
  readonly #options: PriceStreamServerOptions;
  #running: { app: FastifyInstance; started: Promise<SocketServer> } | undefined;
  #isListening = false;

  /** @param port 0 takes a free one, which `port` then tells @default 3001 */
  constructor(port = 3001, options: PriceStreamServerOptions = {}) {
    this.#port = port;
    this.#options = options;
  }

  /** Open sockets. */
  get clients(): ReadonlySet<ServerSocket> {
    return this.#clients;
  }

  /** Whether it takes connections. */
  get isRunning(): boolean {
    return this.#isListening;
  }

  /** The port that it listens on; before `start` the one that it was given. */
  get port(): number {
    const address = this.#running?.app.server.address();
    return typeof address === 'object' && address !== null ? address.port : this.#port;
  }

  /**
   * Starts the sources and listens; a second call waits for the first.
   *
   * @throws ConfigurationError for a setting that cannot be; what `listen` throws for a port that is taken
   */
  async start(): Promise<SocketServer> {
    this.#running ??= this.#begin();
    return this.#running.started;
  }

  /** Gives the port back at once, says good-bye to the clients, and resolves when all is ended. Idempotent. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    this.#isListening = false;
    // Whoever does not await this, as the seed's tests do not, may start the next server on the port right away.
    running.app.server.close();
    await running.app.close();
  }

  #begin(): { app: FastifyInstance; started: Promise<SocketServer> } {
    const { environment = { LOG_LEVEL: 'warn' }, dependencies = {} } = this.#options;
    const config = loadConfig({ ...environment, WEBSOCKET_PORT: String(this.#port) });
    const app = buildServer(config, dependencies);
    const started = (async () => {
      try {
        await app.ready();
        app.websocketServer.on('connection', (socket) => this.#keep(socket));
        await app.listen({ host: config.host, port: config.port });
      } catch (error) {
        if (this.#running?.app === app) this.#running = undefined;
        await app.close();
        throw error;
      }
      this.#isListening = this.#running?.app === app;
      return app.websocketServer;
    })();
    return { app, started };
  }

  #keep(socket: ServerSocket): void {
    this.#clients.add(socket);
    socket.on('close', () => void this.#clients.delete(socket));
  }
}
