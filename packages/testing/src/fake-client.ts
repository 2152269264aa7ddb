/** A client for tests of components: the real one over a socket that leads nowhere, so that all it does is as in earnest. */
import {
  PriceStreamError,
  PriceWebSocketClient,
  type ClientEventName,
  type ClientEvents,
  type ClientOptions,
  type Connection,
  type ConnectionStore,
} from '@tickwire/client';
import { FakeClock } from './fake-clock.js';
import { FakeConnectionStore } from './fake-connection-store.js';
import { FakeEnvironment } from './fake-environment.js';
import { FakeSockets, type FakeSocket } from './fake-socket.js';
import {
  PriceFeedService,
  type EventChannelName,
  type FakePrice,
  type PriceChannelName,
} from './price-feed-service.js';

/** What `createFakeClient` takes; everything may be left out. */
export interface FakeClientOptions extends Omit<ClientOptions, 'WebSocket' | 'environment' | 'clock' | 'dialect'> {
  /** Prices that are there from the start, by channel. */
  prices?: Readonly<Record<PriceChannelName, FakePrice>> | undefined;
  /** @default 'connected' */
  connection?: Connection['status'] | Connection | undefined;
  /** Time, which stands still until it is told to move. @default one that starts at the present */
  clock?: FakeClock | undefined;
}

/** Fits wherever a `PriceWebSocketClient` goes, and can be told what the server does. */
export interface FakeClient extends PriceWebSocketClient {
  /** Time as the client sees it: `await client.clock.advance(60_000)`. */
  readonly clock: FakeClock;
  /** The channels that the code under test follows now. */
  readonly watched: readonly string[];
  /** A price arrives: at once where somebody follows the channel, and in `client.prices` in any case. @throws RangeError for a wrong name or number */
  price(channel: PriceChannelName, price: FakePrice): void;
  /** An event arrives; what `data` leaves out is filled in. While the connection is lost it is kept and comes with the resume. @throws RangeError for a wrong name */
  event(channel: EventChannelName, data?: Readonly<Record<string, unknown>>): void;
  /**
   * The connection becomes this and stays so. A word does what it says to a real client (prices are no longer fresh while
   * it reconnects); a whole `Connection` also says so word by word.
   */
  setConnection(connection: Connection['status'] | Connection): void;
  /** From now on the server refuses a channel, or a request by its type (`alert_create`). @param code @default 'UNKNOWN_CHANNEL', for a request 'BAD_MESSAGE' */
  refuse(what: string, code?: string): void;
}

const forbidden = 4403;
const abnormal = 1006;

/** A client that opens nothing, is connected at once, and gets its prices from the test. */
export function createFakeClient(options: FakeClientOptions = {}): FakeClient {
  return new PuppetClient(options);
}

class PuppetClient extends PriceWebSocketClient implements FakeClient {
  readonly clock: FakeClock;
  declare readonly connection: ConnectionStore;
  readonly #real: ConnectionStore;
  readonly #service: PriceFeedService;
  readonly #sockets: FakeSockets;
  readonly #environment: FakeEnvironment;
  readonly #shown: FakeConnectionStore;
  /** Own subscriptions, so that what a test says is in `prices` whoever looks. */
  readonly #held = new Set<string>();
  #reachable = false;

  constructor({
    prices = {},
    connection = 'connected',
    clock = new FakeClock(Date.now()),
    ...options
  }: FakeClientOptions) {
    const sockets = new FakeSockets();
    const environment = new FakeEnvironment();
    super('wss://prices.invalid/ws', {
      ...options,
      dialect: 'tickwire',
      WebSocket: sockets.WebSocket,
      environment,
      clock,
    });
    this.clock = clock;
    this.#sockets = sockets;
    this.#environment = environment;
    this.#service = new PriceFeedService({ prices, unasked: true, now: () => clock.now() });
    this.#real = this.connection;
    this.#shown = new FakeConnectionStore(this.connection);
    this.connection = this.#shown.view;
    sockets.dialled = (socket) => this.#dialled(socket);
    for (const channel of Object.keys(prices)) this.#hold(channel as PriceChannelName);
    this.setConnection(connection);
  }

  get watched(): readonly string[] {
    return this.inspect()
      .subscriptions.filter(({ channel, handles }) => handles > (this.#held.has(channel) ? 1 : 0))
      .map(({ channel }) => channel);
  }

  price(channel: PriceChannelName, price: FakePrice): void {
    const tell = this.#service.prepared(channel, price);
    this.#hold(channel);
    tell();
  }

  event(channel: EventChannelName, data: Readonly<Record<string, unknown>> = {}): void {
    this.#service.event(channel, data);
  }

  refuse(what: string, code?: string): void {
    this.#service.refuse(what, code);
  }

  setConnection(connection: Connection['status'] | Connection): void {
    const wanted = typeof connection === 'string' ? connection : connection.status;
    this.#shown.show(undefined);
    this.#become(wanted);
    if (typeof connection === 'object') this.#shown.show(connection);
    else if (this.connection.get().status !== wanted) this.#shown.show(this.#madeUp(wanted));
  }

  override on<Name extends ClientEventName>(event: Name, listener: (payload: ClientEvents[Name]) => void): () => void {
    return event === 'connection'
      ? this.#shown.on(listener as (connection: Connection) => void)
      : super.on(event, listener);
  }

  override off<Name extends ClientEventName>(event: Name, listener: (payload: ClientEvents[Name]) => void): void {
    if (event === 'connection') this.#shown.off(listener as (connection: Connection) => void);
    else super.off(event, listener);
  }

  #hold(channel: PriceChannelName): void {
    if (this.#held.has(channel)) return;
    this.subscribe(channel, () => undefined);
    this.#held.add(channel);
  }

  #dialled(socket: FakeSocket): void {
    if (!this.#reachable) return;
    queueMicrotask(() => this.#answer(socket));
  }

  #answer(socket: FakeSocket): void {
    if (socket.readyState !== 0) return;
    socket.open();
    const connection = this.#service.connect((message) => socket.receive(message));
    // No server answers before `send` has returned.
    socket.onSent = (message) => queueMicrotask(() => connection.receive(message));
    socket.onEnd = () => connection.end();
    connection.greet();
  }

  #become(status: Connection['status']): void {
    const now = (): Connection['status'] => this.#real.get().status;
    this.#environment.change({ online: status !== 'paused' });
    this.#reachable = status === 'connected';
    if (status === 'closed') {
      void this.close();
      return;
    }
    if (status === 'idle' || now() === status) return;
    if (status !== 'connected') this.#lose(status === 'failed' ? forbidden : abnormal);
    if (status === 'connecting' || status === 'connected') {
      void this.connect().catch(() => undefined);
      const last = this.#sockets.all.at(-1);
      if (this.#reachable && last !== undefined) this.#answer(last);
    }
  }
  /** Ends what stands, and what is tried until the session waits for its next attempt. */
  #lose(code: number): void {
    if (!['connected', 'connecting'].includes(this.#real.get().status)) void this.connect().catch(() => undefined);
    this.#sockets.all.at(-1)?.drop(code, code === forbidden ? 'forbidden' : '');
  }

  /** For what the real client does not become by being told: it has to be shown. */
  #madeUp(status: Connection['status']): Connection {
    const now = this.clock.now();
    switch (status) {
      case 'idle':
        return { status };
      case 'connecting':
        return { status, attempt: 1 };
      case 'connected':
        return {
          status,
          since: now,
          transport: 'websocket',
          dialect: 'tickwire',
          authenticated: false,
          rttMs: null,
          mute: false,
        };
      case 'reconnecting':
        return { status, attempt: 1, retryAt: now + 1_000, cause: null };
      case 'paused':
        return { status, reason: 'offline' };
      case 'closed':
        return { status, code: 1000, reason: '' };
      case 'failed':
        return {
          status,
          error: new PriceStreamError('CONNECT_FAILED', 'The test says that the connection has failed.'),
        };
    }
  }
}
