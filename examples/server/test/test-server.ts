/** A server on a free port, with prices made by hand, that a test closes again together with its clients. */
import type { FastifyInstance } from 'fastify';
import type { ClientOptions } from 'ws';
import { buildServer, loadConfig, type Environment, type Limits, type ServerDependencies } from '../src/index.js';
import { createManualSource, type ManualSource } from './manual-source.js';
import { StreamClient } from './stream-client.js';

export interface TestServer {
  readonly app: FastifyInstance;
  readonly source: ManualSource;
  /** `ws://…/ws` and `http://…`. */
  readonly url: string;
  readonly base: string;
  open(protocols?: string[], options?: ClientOptions & { path?: string }): StreamClient;
  openTickwire(): Promise<StreamClient>;
  close(): Promise<void>;
}

export async function startTestServer(
  limits: Partial<Limits> = {},
  environment: Environment = {},
  dependencies: ServerDependencies = {},
  extend: (app: FastifyInstance) => void = () => undefined,
): Promise<TestServer> {
  // The load is that of the machine, which has other things to do: nobody is refused for it, or for being slow to sign in.
  const config = loadConfig({
    LOG_LEVEL: 'silent',
    WS_LOOP_DELAY_MS: '60000',
    WS_AUTH_TIMEOUT_MS: '60000',
    ...environment,
  });
  const source = createManualSource();
  const app = buildServer(
    { ...config, limits: { ...config.limits, sweepMs: 20, flushMs: 10, ...limits } },
    { sources: [source], ...dependencies },
  );
  void app.register((own, _options, done) => {
    extend(own);
    done();
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = `ws://127.0.0.1:${port}/ws`;
  const clients: StreamClient[] = [];
  const kept = (client: StreamClient): StreamClient => {
    clients.push(client);
    return client;
  };
  return {
    app,
    source,
    url,
    base: `http://127.0.0.1:${port}`,
    open: (protocols = [], { path, ...options } = {}) =>
      kept(new StreamClient(path === undefined ? url : `ws://127.0.0.1:${port}${path}`, protocols, options)),
    openTickwire: async () => kept(await StreamClient.tickwire(url)),
    async close() {
      const results = await Promise.allSettled(clients.map((client) => client.close()));
      await app.close();
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    },
  };
}
