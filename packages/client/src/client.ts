/** The client: wires session, price store, router and subscriptions together and decides nothing itself. */
import type { Channel, ServerMessage } from '@tickwire/protocol';
import { ClosingSignal } from './closing-signal.js';
import type { ConnectionStore } from './connection.js';
import { ConnectionHolder, errorOf } from './connection-store.js';
import { clockOffsetMs } from './core/heartbeat.js';
import type { ConnectionState } from './core/session-state.js';
import { activeCoins, readiness } from './core/subscriptions.js';
import { PriceStreamError } from './errors.js';
import type { ClientEventName, ClientEvents } from './events.js';
import { takeFrame } from './inbound-frames.js';
import { EventStreams } from './event-stream.js';
import { Listeners } from './listeners.js';
import { MessageRouter } from './message-router.js';
import { settingsOf, type ClientOptions, type Credential, type UrlSource } from './options.js';
import { PriceStore } from './price-store.js';
import type { PriceView } from './price-tick.js';
import { Requests, type Alerts, type Catalog, type HistoryPage, type HistoryQuery } from './requests.js';
import { SessionRunner } from './session-runner.js';
import { zeroCounters, type ClientStats } from './statistics.js';
import type { ChannelDelivery, StreamOptions, SubscribeOptions, Subscription } from './subscription.js';
import { checkedChannels, SubscriptionRegistry } from './subscription-registry.js';
import { TokenSource } from './token-source.js';

/** Channels that one client may hold. */
const mostChannels = 10_000;

/**
 * A stream of prices over one WebSocket that reconnects, resubscribes, and says when a price is old.
 *
 * @example
 * const client = new PriceWebSocketClient('wss://prices.example/ws');
 * const subscription = client.subscribe('coin:bitcoin', (tick) => render(tick.price));
 */
export class PriceWebSocketClient {
  readonly #settings;
  readonly #counters = zeroCounters();
  readonly #tokens: TokenSource;
  readonly #runner: SessionRunner;
  readonly #events: Listeners<ClientEvents>;
  readonly #connection: ConnectionHolder;
  readonly #store: PriceStore;
  readonly #subscriptions: SubscriptionRegistry;
  readonly #requests: Requests;
  readonly #signal: ClosingSignal;
  readonly #streams = new EventStreams(() => (this.#counters.conflated += 1));

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
    const settings = settingsOf(url, options);
    this.#settings = settings;
    const listenerFailed = (event: string, cause: unknown): void => this.#listenerFailed(event, cause);
    this.#tokens = new TokenSource(settings.clock, settings.token);
    this.#events = new Listeners(listenerFailed);
    this.#connection = new ConnectionHolder(listenerFailed);
    this.#store = new PriceStore({
      clock: settings.clock,
      staleAfterMs: settings.staleAfterMs,
      vouching: () => this.#vouching(),
      aged: (tick, ageMs) => {
        this.#events.emit('stale', { channel: tick.channel, freshness: tick.freshness, ageMs });
      },
      listenerFailed,
    });
    this.#subscriptions = new SubscriptionRegistry({
      clock: settings.clock,
      readiness: (channel) => readiness(this.#runner.session, channel),
      hasData: (channel) => this.#hasData(channel),
      errorOf,
      ended: (handle) => {
        this.#runner.dispatch({ type: 'unsubscribe', holder: handle.id, channels: handle.channels });
      },
      looped: (handle) => this.#whenEnded((error) => handle.clientEnded(error)),
      conflated: () => (this.#counters.conflated += 1),
      listenerFailed: (cause) => this.#listenerFailed('subscribe', cause),
    });
    this.#runner = this.#makeRunner();
    this.#requests = new Requests((event) => this.#runner.dispatch(event));
    this.connection = this.#connection.view;
    this.prices = this.#store.view;
    this.alerts = this.#requests.alerts;
    this.#signal = new ClosingSignal(settings.signal, () => this.#runner.dispatch({ type: 'close' }));
    this.#signal.follow('idle');
  }

  /**
   * Connects, unless there is a connection or an attempt already.
   *
   * @returns a promise of the connection; a lost network only delays it
   * @throws PriceStreamError when the connection has failed for good, `CLOSED` when it is closed or the signal of the
   * client's options has aborted; the reason of the signal given here
   */
  connect(options: { signal?: AbortSignal } = {}): Promise<void> {
    const { refusal } = this.#signal;
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.#connection.whenConnected(options.signal, () => this.#runner.dispatch({ type: 'connect' }));
  }

  /** Closes for good, until `connect` is called. Resolves within 3 s, whatever the server does. */
  async close(): Promise<void> {
    this.#runner.dispatch({ type: 'close' });
    // Called from a listener, the event waits for its turn, which comes before any microtask.
    await Promise.resolve();
    await this.#runner.socketsGone();
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
    const asked = checkedChannels(channels);
    if (this.#subscriptions.size + asked.length > mostChannels) {
      const message = `A client holds at most ${mostChannels} channels. Unsubscribe from some first.`;
      throw new PriceStreamError('TOO_MANY_SUBSCRIPTIONS', message);
    }
    const take = listener as ((message: unknown) => unknown) | undefined;
    const handle = this.#subscriptions.add(asked, take, options);
    if (options.signal?.aborted === true) handle.unsubscribe();
    else {
      const { minIntervalMs, filter } = options;
      this.#runner.dispatch({
        type: 'subscribe',
        holder: handle.id,
        channels: asked,
        options: {
          ...(minIntervalMs === undefined ? {} : { minIntervalMs }),
          ...(filter === undefined ? {} : { filter }),
        },
      });
      this.#whenEnded((error) => handle.clientEnded(error));
    }
    return handle as Subscription<ChannelDelivery<C>>;
  }

  /** Listens to an event; returns its undo. A listener that throws stops nobody and is reported to `error`. */
  on<Name extends ClientEventName>(event: Name, listener: (payload: ClientEvents[Name]) => void): () => void {
    return this.#events.on(event, listener);
  }

  /** Removes a listener from an event. */
  off<Name extends ClientEventName>(event: Name, listener: (payload: ClientEvents[Name]) => void): void {
    this.#events.off(event, listener);
  }

  /** An event as a loop. It ends when the loop is left, the signal aborts, or the client closes. */
  events<Name extends ClientEventName>(
    event: Name,
    options: StreamOptions = {},
  ): AsyncIterableIterator<ClientEvents[Name]> {
    const loop = this.#streams.open<ClientEvents[Name]>(event, (take) => this.#events.on(event, take), options);
    this.#whenEnded(this.#streams.ofNow());
    return loop;
  }

  /**
   * Brings a credential, now and for later connections. Also done by itself from the option `token`.
   *
   * @throws PriceStreamError when the server refuses it, or `CLOSED`
   */
  authenticate(credential: Credential): Promise<void> {
    this.#tokens.replace(credential);
    return this.#requests.authenticate(credential);
  }

  /** The channels that the server has; `tickwire` servers only, others reject with `UNAVAILABLE`. */
  async catalog(): Promise<Catalog> {
    const catalog = await this.#requests.catalog();
    const lifetimes = new Map<string, number>();
    for (const { channel, staleAfterMs } of catalog.items) {
      if (typeof staleAfterMs === 'number' && staleAfterMs > 0) lifetimes.set(channel, staleAfterMs);
    }
    this.#store.setLifetimes(lifetimes);
    return catalog;
  }

  /** Messages of a channel after a position, or its newest; `tickwire` servers only. */
  history(channel: Channel, query: HistoryQuery = {}): Promise<HistoryPage> {
    return this.#requests.history(channel, query);
  }

  /** Counters and measurements; a new object at each call. */
  stats(): ClientStats {
    const { session } = this.#runner;
    const rttMs = session.connection.status === 'connected' ? session.connection.rttMs : null;
    return { ...this.#counters, rttMs, clockOffsetMs: clockOffsetMs(session.link) };
  }

  /** Calls `end` when the client is closed or has failed, and no `connect` is on its way. */
  #whenEnded(end: (error: PriceStreamError) => void): void {
    this.#runner.inTurn(() => {
      const { ending } = this.#connection;
      if (ending !== undefined) end(ending);
    });
  }

  #makeRunner(): SessionRunner {
    const frames = {
      router: this.#makeRouter(),
      counters: this.#counters,
      emit: <Name extends 'invalid' | 'unknown'>(event: Name, payload: ClientEvents[Name]) =>
        this.#emit(event, payload),
      refused: () => this.#runner.dispatch({ type: 'frame-refused', socketId: this.#runner.session.socketId }),
      looked: (type: string) => this.#runner.look(type),
    };
    return new SessionRunner(this.#settings, this.#tokens, {
      connectionChanged: (state) => this.#connectionChanged(state),
      stepped: () => this.#subscriptions.settleReady(),
      frameReceived: (data) => takeFrame(frames, data),
      released: (channel) => this.#store.unfollow(channel),
      settled: (key, data) => this.#requests.settle(key, data),
      rejected: (key, fault) => this.#requests.reject(key, errorOf(fault)),
      reported: (fault) => this.#events.emit('error', errorOf(fault)),
      sent: () => (this.#counters.sent += 1),
      listenerFailed: (event, cause) => this.#listenerFailed(event, cause),
    });
  }

  #makeRouter(): MessageRouter {
    return new MessageRouter({
      prices: this.#store,
      subscriptions: this.#subscriptions,
      socketId: () => this.#runner.session.link?.socketId,
      isFollowed: (channel) => this.#runner.session.wanted.has(channel as Channel),
      activeCoins: () => activeCoins(this.#runner.session),
      emit: (event, payload) => this.#emit(event, payload),
      control: (message: ServerMessage) => {
        this.#runner.dispatch({ type: 'message-received', socketId: this.#runner.session.socketId, message });
      },
      unwanted: () => (this.#counters.unwanted += 1),
    });
  }

  #emit<Name extends ClientEventName>(event: Name, payload: ClientEvents[Name]): void {
    if (event === 'gap') this.#counters.gaps += 1;
    else if (event === 'unknown') this.#counters.unknown += 1;
    else if (event === 'invalid') this.#counters.invalid += 1;
    this.#events.emit(event, payload);
  }

  #connectionChanged(state: ConnectionState): void {
    if (state.status === 'connecting' && this.#runner.session.socketId > 1) this.#counters.reconnects += 1;
    this.#signal.follow(state.status);
    const hasEnded = state.status === 'closed' || state.status === 'failed';
    const error = state.status === 'failed' ? errorOf(state.error) : undefined;
    // A listener may connect anew: the loops that it opens then are not among those that end.
    const endLoops = this.#streams.ofNow();
    if (hasEnded) this.#subscriptions.clientEnded(error);
    this.#connection.set(state);
    this.#events.emit('connection', this.connection.get());
    if (hasEnded) {
      this.#store.rest();
      endLoops(error);
    } else if (state.status !== 'connecting') this.#store.refresh();
  }

  #vouching(): 'heads' | 'link' | 'nothing' {
    const connection = this.connection.get();
    if (connection.status !== 'connected') return 'nothing';
    return connection.dialect === 'tickwire' ? 'heads' : 'link';
  }

  #hasData(channel: Channel): boolean {
    const connection = this.connection.get();
    const tick = this.prices.get(channel);
    return connection.status === 'connected' && tick !== undefined && tick.receivedAt >= connection.since;
  }

  #listenerFailed(event: string, cause: unknown): void {
    this.#counters.listenerFailures += 1;
    // A listener of `error` that throws has nobody left to be reported to.
    if (event === 'error') return;
    const message = `A listener of ${event} threw. The others were called all the same.`;
    this.#events.emit('error', new PriceStreamError('LISTENER_FAILED', message, { cause }));
  }
}
