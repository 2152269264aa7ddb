/** The demo's server in this process, with the dashboard: its prices are those that a test tells. */
import {
  buildServer,
  loadConfig,
  type Instrument,
  type Limits,
  type PriceSink,
  type PriceSource,
  type SourceTick,
} from '@tickwire/example-server';
import { coin, metal } from '@tickwire/protocol';

const shared = { source: 'manual', staleAfterMs: 600_000 };
const coins: readonly (readonly [id: string, symbol: string])[] = [
  ['bitcoin', 'BTC'],
  ['ethereum', 'ETH'],
  ['solana', 'SOL'],
  ['pepe', 'PEPE'],
];
const instruments: readonly Instrument[] = [
  ...coins.map(([id, symbol]): Instrument => {
    return { ...shared, kind: 'coin', id, channel: coin(id), aliases: [symbol], currency: 'USD' };
  }),
  { ...shared, kind: 'metal', id: 'gold', channel: metal('gold'), aliases: ['XAU'], currency: 'INR', unit: 'gram' },
];

/** What one server is made of. */
export interface DemoServerOptions {
  /** Folder of the built dashboard. */
  readonly pages: string;
  /** @default a free one */
  readonly port?: number;
  readonly limits?: Partial<Limits>;
}

/** A running server. */
export class DemoServer {
  readonly app: ReturnType<typeof buildServer>;
  port = 0;
  #sink: PriceSink | undefined;

  private constructor({ pages, limits }: DemoServerOptions) {
    const config = loadConfig({
      LOG_LEVEL: 'silent',
      JWT_SECRET: 'a secret that only these tests know, and nobody else',
      WS_LOOP_DELAY_MS: '60000',
      PAGES_DIR: pages,
      DEMO_ACCOUNTS: 'true',
      DEMO_FAULTS: 'true',
      DEMO_HISTORY: 'true',
    });
    const source: PriceSource = {
      name: 'manual',
      start: (sink) => {
        this.#sink = sink;
        sink.instruments(instruments);
        return Promise.resolve();
      },
      stop: () => Promise.resolve(),
      status: () => ({ name: 'manual', state: 'running', ticks: 0 }),
    };
    this.app = buildServer({ ...config, limits: { ...config.limits, ...limits } }, { sources: [source] });
  }

  static async start(options: DemoServerOptions): Promise<DemoServer> {
    const server = new DemoServer(options);
    await server.app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
    const address = server.app.server.address();
    server.port = typeof address === 'object' && address !== null ? address.port : 0;
    return server;
  }

  /** Where the dashboard is. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Tells the price of a coin. */
  tell(id: string, price: number): void {
    const timestamp = new Date().toISOString();
    const range = { high: price * 1.1, low: price * 0.9, priceChange24h: 1.5 };
    const tick: SourceTick = { kind: 'coin', id, price, currency: 'USD', source: 'manual', timestamp, ...range };
    this.#sink?.ticks([tick]);
  }

  /** Tells of a whale's movement of so many dollars. */
  async whale(coinId: string, usdValue: number): Promise<void> {
    await this.app.realtime.broadcastToCoin(coinId, {
      type: 'whale_movement',
      data: {
        ...{ coinId, amount: usdValue / 100, usdValue, txHash: `0x${usdValue}`, timestamp: new Date().toISOString() },
        ...{ fromAddress: '0xaaaa', toAddress: '0xbbbb' },
      },
    });
  }

  async close(): Promise<void> {
    await this.app.close();
  }
}
