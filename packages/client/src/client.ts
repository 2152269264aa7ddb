/** The client as users have it: what stands behind is wired in `client-rooms.ts`. */
import type { Channel } from '@tickwire/protocol';
import type { ConnectionStore } from './connection.js';
import { clockOffsetMs } from './core/heartbeat.js';
import type { ClientEventName, ClientEvents } from './events.js';
import { inspect, type Inspection } from './inspection.js';
import { settingsOf, type ClientOptions, type Credential, type UrlSource } from './options.js';
import type { PriceView } from './price-tick.js';
import { lifetimesOf, type Alerts, type Catalog, type HistoryPage, type HistoryQuery } from './requests.js';
import type { ClientStats } from './statistics.js';
import type { ChannelDelivery, StreamOptions, SubscribeOptions, Subscription } from './subscription.js';
import { checkedChannels } from './subscription-registry.js';
import { ClientRooms } from './client-rooms.js';

/**
 * A stream of prices over one WebSocket that reconnects, resubscribes, and says when a price is old.
 *
 * @example
 * const client = new PriceWebSocketClient('wss://prices.example/ws');
 * const subscription = client.subscribe('coin:bitcoin', (tick) => render(tick.price));
 */
export class PriceWebSocketClient {
  readonly #rooms: ClientRooms;

  /** The state of the connection, to read and to follow. */
  readonly connection: ConnectionStore;
  /** The last price of each channel, to read and to follow. */
  readonly prices: PriceView;
  /** Alert rules of the authenticated user; `tickwire` servers only. */
  readonly alerts: Alerts;

  /**
   * Opens nothing yet: the first `subscribe` connects, or `connect`.
   *
   * @param url where the server is, `wss://…`; a function is asked before each attempt
   * @throws PriceStreamError `CONFIGURATION` when an option is wrong
   */
  constructor(url: UrlSource, options: ClientOptions = {}) {
    this.#rooms = new ClientRooms(settingsOf(url, options));
    this.connection = this.#rooms.connection.view;
    this.prices = this.#rooms.store.view;
    this.alerts = this.#rooms.requests.alerts;
  }

  /**
   * Connects, unless there is a connection or an attempt already.
   *
   * @returns a promise of the connection; a lost network only delays it
   * @throws PriceStreamError when the connection has failed for good, `CLOSED` when it is closed or the signal of the
   * client's options has aborted; the reason of the signal given here
   */
  connect(options: { signal?: AbortSignal } = {}): Promise<void> {
    const { refusal } = this.#rooms.signal;
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.#rooms.connection.whenConnected(options.signal, () => this.#rooms.runner.dispatch({ type: 'connect' }));
  }

  /** Closes for good, until `connect` is called. Resolves within 3 s, whatever the server does. */
  async close(): Promise<void> {
    this.#rooms.runner.dispatch({ type: 'close' });
    // Called from a listener, the event waits for its turn, which comes before any microtask.
    await Promise.resolve();
    await this.#rooms.runner.socketsGone();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Subscribes to one channel or several; connects if nothing has yet. Without a listener the values are for a loop:
   * `for await (const tick of client.subscribe('coin:bitcoin'))`.
   *
   * @throws PriceStreamError `CONFIGURATION` for an ill-formed channel, `TOO_MANY_SUBSCRIPTIONS` above 10,000 channels
   */
  subscribe<const C extends Channel>(
    channels: C | readonly C[],
    listener?: (message: ChannelDelivery<C>) => void,
    options: SubscribeOptions = {},
  ): Subscription<ChannelDelivery<C>> {
    const asked = checkedChannels(channels, this.#rooms.subscriptions.size);
    const take = listener as ((message: unknown) => unknown) | undefined;
    const handle = this.#rooms.subscriptions.add(asked, take, options);
    if (options.signal?.aborted === true) handle.unsubscribe();
    else {
      const { minIntervalMs, filter } = options;
      this.#rooms.runner.dispatch({
        type: 'subscribe',
        holder: handle.id,
        channels: asked,
        options: {
          ...(minIntervalMs === undefined ? {} : { minIntervalMs }),
          ...(filter === undefined ? {} : { filter }),
        },
      });
      this.#rooms.whenEnded((error) => handle.clientEnded(error));
    }
    return handle as Subscription<ChannelDelivery<C>>;
  }

  /** Listens to an event; returns its undo. A listener that throws stops nobody and is reported to `error`. */
  on<Name extends ClientEventName>(event: Name, listener: (payload: ClientEvents[Name]) => void): () => void {
    return this.#rooms.events.on(event, listener);
  }

  /** Removes a listener from an event. */
  off<Name extends ClientEventName>(event: Name, listener: (payload: ClientEvents[Name]) => void): void {
    this.#rooms.events.off(event, listener);
  }

  /** An event as a loop. It ends when the loop is left, the signal aborts, or the client closes. */
  events<Name extends ClientEventName>(
    event: Name,
    options: StreamOptions = {},
  ): AsyncIterableIterator<ClientEvents[Name]> {
    const loop = this.#rooms.streams.open<ClientEvents[Name]>(
      event,
      (take) => this.#rooms.events.on(event, take),
      options,
    );
    this.#rooms.whenEnded(this.#rooms.streams.ofNow());
    return loop;
  }

  /**
   * Brings a credential, now and for later connections. Also done by itself from the option `token`.
   *
   * @throws PriceStreamError when the server refuses it, or `CLOSED`
   */
  authenticate(credential: Credential): Promise<void> {
    this.#rooms.tokens.replace(credential);
    this.#rooms.polling?.replaceToken(credential);
    return this.#rooms.requests.authenticate(credential);
  }

  /** The channels that the server has; `tickwire` servers only, others reject with `UNAVAILABLE`. */
  async catalog(): Promise<Catalog> {
    const catalog = await this.#rooms.requests.catalog();
    this.#rooms.store.setLifetimes(lifetimesOf(catalog));
    return catalog;
  }

  /** Messages of a channel after a position, or its newest; `tickwire` servers only. */
  history(channel: Channel, query: HistoryQuery = {}): Promise<HistoryPage> {
    return this.#rooms.requests.history(channel, query);
  }

  /** Counters and measurements; a new object at each call. */
  stats(): ClientStats {
    const { session } = this.#rooms.runner;
    const rttMs = session.connection.status === 'connected' ? session.connection.rttMs : null;
    const reconnects = Math.max(0, session.socketId - 1);
    return { ...this.#rooms.counters, reconnects, rttMs, clockOffsetMs: clockOffsetMs(session.link) };
  }

  /** The client as JSON for a bug report: without tokens, headers, and what follows the path of an address. */
  inspect(): Inspection {
    return inspect({
      settings: this.#rooms.settings,
      credentials: this.#rooms.tokens.kind,
      session: this.#rooms.runner.session,
      connection: this.connection.get(),
      prices: this.prices,
      stats: this.stats(),
      fallback: this.#rooms.polling?.report ?? null,
    });
  }
}
