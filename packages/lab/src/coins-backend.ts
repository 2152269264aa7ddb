/**
 * The older coins backend as published, on a real socket: everything it says is a `price_update`, prices are decimal strings,
 * and a connection that sends no JSON ping for five minutes is forgotten without being closed.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { WebSocket } from 'ws';
import { BackendHost, BackendPeer, readObject } from './backend-host.js';
import { realClock, type Clock, type Message } from '@tickwire/testing';

/** Where a price says whose it is: in `data`, in the envelope, in both, or nowhere. */
export type PriceOwner = 'both' | 'data' | 'envelope' | 'none';

/** How the backend is set up; everything may be left out. */
export interface CoinsBackendOptions {
  /** @default realClock */
  clock?: Clock;
  /** Time between two pings of the server. @default 30,000 */
  pingIntervalMs?: number;
  /** A connection that sends no JSON ping for longer is dropped from the broadcasts. @default 300,000 */
  muteAfterMs?: number;
  /** The user of a token; `undefined` refuses it. @default any token but "" is user 42 */
  userOf?: (token: string) => string | number | undefined;
  /** Where one price after the other names its coin, in turns. @default ['both', 'envelope', 'data'] */
  owners?: readonly PriceOwner[];
}

/** What may stand beside a price. */
export interface CoinPriceExtras {
  /** Overrules the turn of `owners`. */
  owner?: PriceOwner;
  marketCap?: number | string;
  volume24h?: number | string;
  priceChange24h?: number | string;
}

const subscriptionLimit = 1_000;
const supportedTypes = ['ping', 'subscribe', 'unsubscribe', 'authenticate'];

/** One connection of the coins backend. */
export class CoinsPeer extends BackendPeer {
  /** `coin:bitcoin`, `global`: what it has subscribed to. */
  readonly subscriptions = new Set<string>();
  userId: string | number | undefined;
  lastPingAt: number;
  /** Whether the broadcasts have forgotten it. */
  evicted = false;

  constructor(socket: WebSocket, number: number, headers: IncomingHttpHeaders, connectedAt: number) {
    super(socket, number, headers);
    this.lastPingAt = connectedAt;
  }
}

/** A decimal as a database column of scale 10 prints it; a string stays as it is. */
function decimal(value: number | string): string {
  if (typeof value === 'string') return value;
  const fixed = value.toFixed(10);
  return Number(fixed) === value ? fixed : String(value);
}

/** The coins backend as published, on a port of its own: it speaks in `price_update` frames and drops mute connections silently. */
export class CoinsBackend {
  readonly #clock: Clock;
  readonly #pingIntervalMs: number;
  readonly #muteAfterMs: number;
  readonly #userOf: (token: string) => string | number | undefined;
  readonly #owners: readonly PriceOwner[];
  readonly #host: BackendHost<CoinsPeer>;
  #timer: unknown;
  #turn = 0;

  private constructor(options: CoinsBackendOptions) {
    this.#clock = options.clock ?? realClock;
    this.#pingIntervalMs = options.pingIntervalMs ?? 30_000;
    this.#muteAfterMs = options.muteAfterMs ?? 300_000;
    this.#userOf = options.userOf ?? ((token) => (token === '' ? undefined : 42));
    this.#owners = options.owners ?? ['both', 'envelope', 'data'];
    this.#host = new BackendHost({
      peer: (socket, number, headers) => new CoinsPeer(socket, number, headers, this.#clock.monotonic()),
      connected: (peer) => this.#say(peer, { message: 'You are connected', connectionId: `conn-${peer.number}` }),
      received: (peer, text) => this.#received(peer, text),
    });
  }

  /** Starts a backend on a free port. */
  static async start(options: CoinsBackendOptions = {}): Promise<CoinsBackend> {
    const backend = new CoinsBackend(options);
    await backend.restart();
    return backend;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#host.port}`;
  }

  get port(): number {
    return this.#host.port;
  }

  /** Everybody who has ever connected. */
  get peers(): readonly CoinsPeer[] {
    return this.#host.peers;
  }

  /** The connections that broadcasts reach: open and not forgotten. */
  get reachable(): CoinsPeer[] {
    const now = this.#clock.monotonic();
    for (const peer of this.#host.peers) {
      if (now - peer.lastPingAt > this.#muteAfterMs) peer.evicted = true;
    }
    return this.#host.peers.filter((peer) => peer.open && !peer.evicted);
  }

  /** Ends every connection without a close frame and frees the port. */
  async stop(): Promise<void> {
    this.#clock.clearTimeout(this.#timer);
    await this.#host.stop();
  }

  /** Stops, and listens again on the same port; subscriptions are gone. */
  async restart(): Promise<void> {
    await this.stop();
    await this.#host.start();
    this.#schedulePing();
  }

  /** Sends a price to those who have subscribed to the coin; numbers become decimal strings. */
  publish(coinId: string, price: number | string, extras: CoinPriceExtras = {}): void {
    const owner = extras.owner ?? this.#owners[this.#turn++ % this.#owners.length] ?? 'both';
    const timestamp = this.#timestamp();
    const data: Record<string, unknown> = { price: decimal(price), timestamp };
    for (const key of ['marketCap', 'volume24h', 'priceChange24h'] as const) {
      const value = extras[key];
      if (value !== undefined) data[key] = decimal(value);
    }
    if (owner === 'both' || owner === 'data') data['coinId'] = coinId;
    const envelope = owner === 'both' || owner === 'envelope' ? { coinId } : {};
    this.broadcastToCoin(coinId, { type: 'price_update', data, timestamp, ...envelope });
  }

  /** Sends a message to everybody who is reachable. */
  broadcastGlobal(message: Message): void {
    for (const peer of this.reachable) peer.send(message);
  }

  /** Sends a message to those who have subscribed to a coin. */
  broadcastToCoin(coinId: string, message: Message): void {
    for (const peer of this.reachable) {
      if (peer.subscriptions.has(`coin:${coinId}`)) peer.send(message);
    }
  }

  /** Sends a message to every connection of a user. */
  broadcastToUser(userId: string | number, message: Message): void {
    for (const peer of this.reachable) {
      if (peer.userId !== undefined && String(peer.userId) === String(userId)) peer.send(message);
    }
  }

  #schedulePing(): void {
    this.#timer = this.#clock.setTimeout(() => {
      for (const peer of this.reachable) this.#say(peer, { type: 'ping' });
      this.#schedulePing();
    }, this.#pingIntervalMs);
  }

  #timestamp(): string {
    return new Date(this.#clock.now()).toISOString();
  }

  #say(peer: CoinsPeer, data: Record<string, unknown>): void {
    const timestamp = this.#timestamp();
    const stamped = 'connectionId' in data ? { ...data, timestamp } : data;
    peer.send({ type: 'price_update', data: stamped, timestamp });
  }

  #received(peer: CoinsPeer, text: string): void {
    const message = readObject(text);
    if (message === undefined) {
      this.#say(peer, { error: 'Invalid message format', message: 'The message is not JSON' });
      return;
    }
    const data = readData(message['data']);
    switch (message['type']) {
      case 'ping':
        peer.lastPingAt = this.#clock.monotonic();
        this.#say(peer, { type: 'pong' });
        return;
      case 'subscribe':
      case 'unsubscribe':
        this.#subscription(peer, message['type'], data);
        return;
      case 'authenticate':
        this.#authenticate(peer, data['token']);
        return;
      default:
        this.#say(peer, { error: 'Unknown message type', supportedTypes });
    }
  }

  #subscription(peer: CoinsPeer, op: 'subscribe' | 'unsubscribe', data: Record<string, unknown>): void {
    const { coinId, channel } = data;
    const ofCoin = typeof coinId === 'string' || typeof coinId === 'number';
    if (!ofCoin && typeof channel !== 'string') {
      this.#say(peer, { error: 'Invalid subscription', message: 'A coinId or a channel is required' });
      return;
    }
    const name = ofCoin ? `coin:${coinId}` : String(channel);
    if (op === 'unsubscribe') peer.subscriptions.delete(name);
    else if (peer.subscriptions.size < subscriptionLimit) peer.subscriptions.add(name);
    const [done, preposition] = op === 'subscribe' ? ['Subscribed', 'to'] : ['Unsubscribed', 'from'];
    if (ofCoin) this.#say(peer, { message: `${done} ${preposition} coin updates`, coinId, subscription: name });
    else this.#say(peer, { message: `${done} ${preposition} channel`, channel });
  }

  #authenticate(peer: CoinsPeer, token: unknown): void {
    const userId = typeof token === 'string' ? this.#userOf(token) : undefined;
    if (userId === undefined) {
      this.#say(peer, { error: 'Authentication failed', message: 'Token is not valid' });
      return;
    }
    peer.userId = userId;
    this.#say(peer, { message: 'Authentication successful', userId });
  }
}

function readData(data: unknown): Record<string, unknown> {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
}
