/** The reference server in this process, behind links that break; everything is closed again by `end`. */
import { createHmac } from 'node:crypto';
import { PriceWebSocketClient, type ClientOptions, type UrlSource } from '@tickwire/client';
import {
  buildServer,
  createMemoryEngine,
  loadConfig,
  type Engine,
  type Limits,
  type PriceSource,
} from '@tickwire/example-server';
import { FaultProxy } from '@tickwire/testing';

const secret = 'a secret that only these tests know, and nobody else';

/** A token that the server accepts. */
export function tokenOf(userId: string, lifetimeMs = 600_000): string {
  const seconds = Math.floor(Date.now() / 1_000);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: userId, iat: seconds, exp: seconds + Math.ceil(lifetimeMs / 1_000) };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const silent: PriceSource = {
  name: 'silent',
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  status: () => ({ name: 'silent', state: 'running', ticks: 0 }),
};

/** An engine that outlives the servers that use it, as one beside the processes would. */
export function sharedEngine(limits: Partial<Limits> = {}): Engine {
  const config = loadConfig({ LOG_LEVEL: 'silent' });
  const engine = createMemoryEngine({
    limits: { ...config.limits, ...limits },
    now: () => Date.now(),
    createEpoch: () => Math.random().toString(36).slice(2),
    onListenerError: (error) => {
      throw error;
    },
  });
  return { ...engine, close: () => Promise.resolve() };
}

/** A running server. */
export class LiveServer {
  readonly app: ReturnType<typeof buildServer>;
  url = '';
  #proxy: FaultProxy | undefined;

  private constructor(app: ReturnType<typeof buildServer>) {
    this.app = app;
  }

  static async start(options: { engine?: Engine; limits?: Partial<Limits>; port?: number } = {}): Promise<LiveServer> {
    const config = loadConfig({ LOG_LEVEL: 'silent', JWT_SECRET: secret, WS_LOOP_DELAY_MS: '60000' });
    const { engine, limits, port = 0 } = options;
    const app = buildServer(
      { ...config, limits: { ...config.limits, sweepMs: 20, flushMs: 5, ...limits } },
      { sources: [silent], ...(engine === undefined ? {} : { engine }) },
    );
    const server = new LiveServer(app);
    await app.listen({ host: '127.0.0.1', port });
    const address = app.server.address();
    const bound = typeof address === 'object' && address !== null ? address.port : 0;
    server.#proxy = await FaultProxy.start(bound);
    server.url = `${server.#proxy.url}/ws`;
    return server;
  }

  /** What stands between the clients and the server. */
  get link(): FaultProxy {
    if (this.#proxy === undefined) throw new Error('The server has ended.');
    return this.#proxy;
  }

  /** Fires alerts of a user; each carries its number as `alertId`. */
  async alert(userId: string, ...numbers: readonly number[]): Promise<void> {
    for (const alertId of numbers) {
      await this.app.realtime.broadcastToUser(userId, {
        type: 'alert_triggered',
        data: {
          alertId,
          alertType: 'price_above',
          coinId: 'bitcoin',
          condition: {},
          triggeredAt: '2026-01-01T00:00:00Z',
        },
      });
    }
  }

  /** Announces to everybody; each announcement is its number. */
  async announce(...numbers: readonly number[]): Promise<void> {
    for (const each of numbers) {
      await this.app.realtime.broadcastGlobal({ type: 'announcement', data: { message: String(each) } });
    }
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.#proxy?.close();
  }
}

/** A client whose back-off is short. */
export function clientOf(url: UrlSource, options: ClientOptions = {}): PriceWebSocketClient {
  return new PriceWebSocketClient(url, {
    reconnect: { minDelayMs: 10, baseDelayMs: 40, maxDelayMs: 200, stableAfterMs: 400 },
    ...options,
  });
}
