/** The class of the older metals page, for those who have it already: its surface, on the real client. */
import type { MetalPricesMessage } from '@tickwire/protocol';
import { decimalToNumber, type Channel } from '@tickwire/protocol/rules';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import { checkedChannels } from './checks/call-checks.js';
import { PriceWebSocketClient as Client } from './client.js';
import { resolveWebSocket } from './io/socket.js';
import type { WebSocketConstructor, WebSocketLike } from './io/web-socket-like.js';
import { readable } from './checks/fields.js';
import { checkedOptions, type ClientOptions } from './options.js';

/** One metal as the older pages read it; what no frame has told yet is absent. */
export interface MetalPrice {
  price: number;
  change?: number;
  changePercent?: number;
  high?: number;
  low?: number;
  timestamp?: string;
  [key: string]: unknown;
}

/** One price that moved by more than the server's threshold. */
export interface MetalChange {
  metal: string;
  oldPrice: number;
  newPrice: number;
  changePercent: number;
  direction: 'up' | 'down';
}

const firstMetals = ['gold', 'silver', 'platinum', 'palladium'];
/** Names that are remembered; a server that invents more is not followed. */
const mostMetals = 1_000;
const numberKeys: ReadonlySet<string> = new Set([
  ...['price', 'change', 'changePercent', 'high', 'low'],
  ...['oldPrice', 'newPrice'],
]);

/** The values that are there: decimals as numbers, as the older pages expect them. */
function present(values: object): Record<string, unknown> {
  const entries = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, numberKeys.has(key) ? (decimalToNumber(value) ?? value) : value]),
  );
}

/**
 * Streams the prices of metals. Assign or override `onPriceUpdate` and `onPong`, then `connect()`.
 *
 * @example
 * const client = new PriceWebSocketClient('wss://prices.example');
 * client.onPriceUpdate = (prices, changes) => render(prices.gold.price);
 * client.connect();
 */
export class PriceWebSocketClient {
  url: string;
  /** The socket of the last attempt. */
  ws: WebSocketLike | null = null;
  /** Attempts to reconnect since the last connection. */
  reconnectAttempts = 0;
  /** Read by `connect`. */
  maxReconnectAttempts = 5;
  /** Milliseconds before the first attempt, at most; doubled with each further one. Read by `connect`. */
  reconnectDelay = 1000;
  readonly #options: ClientOptions;
  readonly #prices = new Map<string, MetalPrice>();
  readonly #wanted = new Set<Channel>();
  #client: Client | undefined;
  #closed = false;

  /** @param options of the real client, for what the original had no place for: a clock, a logger, headers */
  constructor(url: string, options: ClientOptions = {}) {
    this.url = url;
    // Looked at here: what is wrong is told where it was written.
    this.#options = readable('options', () => ({ ...options }));
    checkedOptions(() => url, this.#options);
  }

  /**
   * Connects, unless it is connected or trying to be.
   *
   * @throws PriceStreamError `CONFIGURATION` when the URL is none
   */
  connect(): void {
    const status = this.#client?.connection.get().status;
    if (this.#client === undefined || status === 'closed' || status === 'failed') this.#client = this.#makeClient();
    this.#closed = false;
    this.#client.connect().catch(() => undefined);
  }

  /** Subscribes to metals besides those that it has; they are kept over reconnects. */
  subscribeToMetals(metals: readonly string[]): void {
    const names = readable('metals', () => Array.from(metals, (name) => `metal:${name}`));
    for (const channel of names.length === 0 ? [] : checkedChannels(names, 0)) {
      if (this.#wanted.has(channel)) continue;
      this.#wanted.add(channel);
      this.#client?.subscribe(channel);
    }
  }

  /** Takes a message of the server; what of it is no price is left out. Override it to see each one. */
  handleMessage(message: { readonly type: string }): void {
    const { type, text } = readable('message', () => ({ type: message.type, text: JSON.stringify(message) }));
    if (type === 'pong') this.#tell('onPong');
    if (type !== 'priceUpdate') return;
    const result = decodeServerMessage(text);
    if (!result.ok || result.message.type !== 'priceUpdate') return;
    const { data, changes } = result.message as MetalPricesMessage;
    const leftOut = new Set(result.reported?.map(({ path }) => path));
    const maps: [string, object][] = Array.isArray(data)
      ? data.map((map, index) => [`data.${index}`, map])
      : [['data', data]];
    for (const [path, map] of maps) {
      for (const [name, entry] of Object.entries(map as Record<string, object | null>)) {
        if (entry !== null && !leftOut.has(`${path}.${name}`)) this.#merge(name, entry);
      }
    }
    this.#tell('onPriceUpdate', Object.fromEntries(this.#prices), changes?.map(present));
  }

  /** Tries again at once, unless it is connected, was closed, or has used up its attempts. */
  reconnect(): void {
    if (!this.#closed && this.reconnectAttempts < this.maxReconnectAttempts) this.connect();
  }

  /** Closes. Nothing reconnects before the next `connect`. */
  close(): void {
    this.#closed = true;
    void this.#client?.close();
  }

  /** Assign or override: every metal known so far by name, and what moved, if the server says so. */
  onPriceUpdate(_prices: Record<string, MetalPrice>, _changes?: MetalChange[]): void {
    return;
  }

  /** Assign or override: the server has answered a ping. */
  onPong(): void {
    return;
  }

  /** A frame is partial: what it leaves out stays as it was. A metal without a price is not shown yet. */
  #merge(name: string, entry: object): void {
    const known = this.#prices.get(name);
    const merged = { ...known, ...present(entry) };
    if (merged.price === undefined || (known === undefined && this.#prices.size >= mostMetals)) return;
    this.#prices.set(name, merged as MetalPrice);
  }

  /** Older pages take listeners away by assigning nothing. */
  #tell(name: 'onPriceUpdate' | 'onPong', ...args: unknown[]): void {
    const listener: unknown = Reflect.get(this, name);
    if (typeof listener === 'function') Reflect.apply(listener, this, args);
  }

  #makeClient(): Client {
    const firstDelayMs = Math.max(1, this.reconnectDelay);
    const client = new Client(this.url, {
      // Its servers speak nothing else, and one that speaks more understands it.
      dialect: 'metals',
      reconnect: {
        minDelayMs: Math.min(250, firstDelayMs),
        baseDelayMs: firstDelayMs,
        maxDelayMs: Math.max(30_000, firstDelayMs),
        maxAttempts: this.maxReconnectAttempts,
      },
      // The original came back whatever the server said.
      onClose: (code) => (code === 1000 ? 'retry' : undefined),
      ...this.#options,
      ...this.#shownSocket(),
    });
    client.connection.subscribe(({ status }) => {
      if (status === 'reconnecting') this.reconnectAttempts += 1;
      if (status !== 'connected') return;
      this.reconnectAttempts = 0;
      this.subscribeToMetals(firstMetals);
    });
    for (const event of ['priceUpdate', 'pong', 'unknown'] as const) {
      client.on(event, (message) => this.handleMessage(message));
    }
    if (this.#wanted.size > 0) client.subscribe([...this.#wanted]);
    return client;
  }

  /** A constructor that puts each socket it makes into `ws`; none where there is none. */
  #shownSocket(): { WebSocket?: WebSocketConstructor } {
    const { WebSocket = resolveWebSocket(this.#options.headers !== undefined) } = this.#options;
    if (WebSocket === undefined) return {};
    const show = (socket: WebSocketLike): void => {
      this.ws = socket;
    };
    const made = function (...args: ConstructorParameters<WebSocketConstructor>): WebSocketLike {
      const socket = new WebSocket(...args);
      show(socket);
      return socket;
    };
    return { WebSocket: made as unknown as WebSocketConstructor };
  }
}
