/**
 * The older metals backend as published, on a real socket: all metals once on connect, then silence until one of them moves by
 * more than the threshold. It acknowledges nothing, broadcasts to everybody, and closes with 1008 for three reasons.
 */
import { detectPriceChanges } from '@tickwire/protocol';
import { BackendHost, BackendPeer, readObject } from './backend-host.js';
import { realClock, type Clock, type Message } from '@tickwire/testing';

/** How the backend is set up; everything may be left out. */
export interface MetalsBackendOptions {
  /** @default realClock */
  clock?: Clock;
  /** The metals it knows and their first prices. @default gold, silver, platinum and palladium */
  prices?: Readonly<Record<string, number>>;
  /** A metal is broadcast when it has moved by more than this since it was last looked at. @default 1 */
  thresholdPercent?: number;
  /** Messages a connection may send within the window, pings included. @default 10 */
  messagesPerWindow?: number;
  /** @default 60,000 */
  windowMs?: number;
  /** Connections at once. @default 100 */
  capacity?: number;
  /** Whether an `Authorization` header is good. @default everybody may come */
  authorize?: (authorization: string | undefined) => boolean;
  /** Whether `data` is an array of maps, a map a metal: the batched form. @default false */
  batched?: boolean;
}

interface Quote {
  price: number;
  change: number;
  changePercent: number;
  high: number;
  low: number;
  timestamp: string;
}

const firstPrices = { gold: 13_925.4, silver: 246.1, platinum: 6_120, palladium: 4_480.75 };
const policyViolation = 1008;
const subprotocol = 'swarnaai-v1';

/** One connection of the metals backend. */
export class MetalsPeer extends BackendPeer {
  /** The set it asked for last; kept, and of no effect on what it gets. */
  metals: readonly string[] = [];
  /** When it sent what counts for the limit, on the monotonic clock. */
  sentAt: number[] = [];
}

/** The metals backend as published, on a port of its own: silent for hours, 10 messages a minute, a snapshot on connect only. */
export class MetalsBackend {
  readonly #clock: Clock;
  readonly #options: MetalsBackendOptions;
  readonly #quotes = new Map<string, Quote>();
  readonly #members = new Set<MetalsPeer>();
  readonly #host: BackendHost<MetalsPeer>;

  private constructor(options: MetalsBackendOptions) {
    this.#clock = options.clock ?? realClock;
    this.#options = options;
    for (const [metal, price] of Object.entries(options.prices ?? firstPrices)) {
      // Nothing but the price is known at first; the published code then fills in zeros.
      this.#quotes.set(metal, { price, change: 0, changePercent: 0, high: price, low: price, timestamp: this.#now() });
    }
    this.#host = new BackendHost({
      peer: (socket, number, headers) => new MetalsPeer(socket, number, headers),
      connected: (peer) => this.#connected(peer),
      received: (peer, text) => this.#received(peer, text),
      handleProtocols: (protocols) => (protocols.has(subprotocol) ? subprotocol : false),
      maxPayload: 16_384,
    });
  }

  /** Starts a backend on a free port. */
  static async start(options: MetalsBackendOptions = {}): Promise<MetalsBackend> {
    const backend = new MetalsBackend(options);
    await backend.#host.start();
    return backend;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#host.port}`;
  }

  get port(): number {
    return this.#host.port;
  }

  /** Everybody who has ever connected, also those who were sent away. */
  get peers(): readonly MetalsPeer[] {
    return this.#host.peers;
  }

  /** The connections that broadcasts reach. */
  get reachable(): MetalsPeer[] {
    for (const peer of this.#members) {
      if (!peer.open) this.#members.delete(peer);
    }
    return [...this.#members];
  }

  /** Ends every connection without a close frame and frees the port. */
  async stop(): Promise<void> {
    this.#members.clear();
    await this.#host.stop();
  }

  /** Stops, and listens again on the same port; prices are kept. */
  async restart(): Promise<void> {
    await this.stop();
    await this.#host.start();
  }

  /** A metal has a new price. @returns whether it moved enough to be broadcast */
  move(metal: string, price: number): boolean {
    return this.moveAll({ [metal]: price });
  }

  /** Metals have new prices at once: one frame, with those that moved enough. @returns whether there was one */
  moveAll(prices: Readonly<Record<string, number>>): boolean {
    const changes = detectPriceChanges(this.#quotes, prices, this.#options.thresholdPercent ?? 1);
    for (const [metal, price] of Object.entries(prices)) this.#quote(metal, price);
    if (changes.length === 0) return false;
    const message = this.#priceUpdate(changes.map(({ metal }) => metal));
    this.broadcast({ ...message, changes });
    return true;
  }

  /** Sends a message to everybody, whatever they subscribed to. */
  broadcast(message: Message): void {
    for (const peer of this.reachable) peer.send(message);
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }

  #quote(metal: string, price: number): void {
    const last = this.#quotes.get(metal);
    if (last === undefined) throw new RangeError(`The backend has no metal "${metal}"`);
    const change = price - last.price;
    this.#quotes.set(metal, {
      price,
      change,
      changePercent: last.price === 0 ? 0 : (change / last.price) * 100,
      high: Math.max(last.high, price),
      low: Math.min(last.low, price),
      timestamp: this.#now(),
    });
  }

  #priceUpdate(metals: Iterable<string>): Message {
    const entries = [...metals].map((metal) => [metal, this.#quotes.get(metal)] as const);
    const data =
      this.#options.batched === true
        ? entries.map((entry) => Object.fromEntries([entry]))
        : Object.fromEntries(entries);
    return { type: 'priceUpdate', data, timestamp: this.#now() };
  }

  #connected(peer: MetalsPeer): void {
    const { authorize, capacity = 100 } = this.#options;
    if (authorize !== undefined && !authorize(peer.headers.authorization)) {
      peer.close(policyViolation, 'Unauthorized');
      return;
    }
    if (this.reachable.length >= capacity) {
      peer.close(policyViolation, 'Server at capacity');
      return;
    }
    this.#members.add(peer);
    peer.send(this.#priceUpdate(this.#quotes.keys()));
  }

  #received(peer: MetalsPeer, text: string): void {
    if (!this.#members.has(peer)) return;
    if (this.#exceeds(peer)) {
      this.#members.delete(peer);
      peer.close(policyViolation, 'Rate limit exceeded');
      return;
    }
    const message = readObject(text);
    if (message?.['type'] === 'ping') peer.send({ type: 'pong' });
    const metals: unknown = message?.['metals'];
    if (!Array.isArray(metals)) return;
    if (message?.['type'] === 'subscribe') peer.metals = metals.map(String);
    if (message?.['type'] === 'unsubscribe') peer.metals = peer.metals.filter((metal) => !metals.includes(metal));
  }

  #exceeds(peer: MetalsPeer): boolean {
    const { windowMs = 60_000, messagesPerWindow = 10 } = this.#options;
    const now = this.#clock.monotonic();
    peer.sentAt = peer.sentAt.filter((at) => now - at < windowMs);
    if (peer.sentAt.length >= messagesPerWindow) return true;
    peer.sentAt.push(now);
    return false;
  }
}
