/** The client: wires session, price store, router and subscriptions together and decides nothing itself. */
import { clampHintMs, type Channel } from '@tickwire/protocol';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import { ClosingSignal } from './closing-signal.js';
import type { ConnectionStore } from './connection.js';
import { ChannelPositions } from './channel-positions.js';
import { ConnectionHolder, errorOf, isOf, vouchingOf } from './connection-store.js';
import { clockOffsetMs } from './core/heartbeat.js';
import type { ConnectionState } from './core/session-state.js';
import { activeCoins, intervalOf, readiness } from './core/subscriptions.js';
import { PriceStreamError } from './errors.js';
import type { ClientEventName, ClientEvents } from './events.js';
import { takeFrame } from './inbound-frames.js';
import { inspect, type Inspection } from './inspection.js';
import { EventStreams } from './event-stream.js';
import { Listeners } from './listeners.js';
import { MessageRouter, type RouterHost } from './message-router.js';
import { settingsOf, type ClientOptions, type Credential, type UrlSource } from './options.js';
import { PollingSwitch } from './polling-switch.js';
import { PriceStore } from './price-store.js';
import type { PriceView } from './price-tick.js';
import { lifetimesOf, Requests, type Alerts, type Catalog, type HistoryPage, type HistoryQuery } from './requests.js';
import { SessionRunner } from './session-runner.js';
import { zeroCounters, type ClientStats } from './statistics.js';
import type { ChannelDelivery, StreamOptions, SubscribeOptions, Subscription } from './subscription.js';
import { checkedChannels, SubscriptionRegistry } from './subscription-registry.js';
import { Timers } from './timers.js';
import { TokenSource } from './token-source.js';

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
  readonly #router: MessageRouter;
  readonly #events: Listeners<ClientEvents>;
  readonly #connection: ConnectionHolder;
  readonly #store: PriceStore;
  readonly #subscriptions: SubscriptionRegistry;
  readonly #requests: Requests;
  readonly #positions: ChannelPositions;
  readonly #polling: PollingSwitch | undefined;
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
      vouching: () => vouchingOf(this.connection.get()),
      aged: (tick, ageMs) => {
        this.#events.emit('stale', { channel: tick.channel, freshness: tick.freshness, ageMs });
      },
      listenerFailed,
    });
    this.#subscriptions = new SubscriptionRegistry({
      clock: settings.clock,
      // Nobody confirms a channel that is polled.
      readiness: (channel) =>
        this.#polling?.since === undefined
          ? readiness(this.#runner.session, channel)
          : { state: 'ready', confirmed: false },
      hasData: (channel) => isOf(this.connection.get(), this.prices.get(channel)),
      errorOf,
      ended: (handle) => {
        this.#runner.dispatch({ type: 'unsubscribe', holder: handle.id, channels: handle.channels });
      },
      looped: (handle) => this.#whenEnded((error) => handle.clientEnded(error)),
      conflated: () => (this.#counters.conflated += 1),
      listenerFailed: (cause) => this.#listenerFailed('subscribe', cause),
    });
    this.#positions = this.#makePositions();
    this.#router = this.#makeRouter(this.#positions, {
      isLive: (socketId) => this.#runner.isLive(socketId),
      currentSocket: () => this.#runner.session.link?.socketId,
      control: (message, socketId) => this.#runner.dispatch({ type: 'message-received', socketId, message }),
    });
    this.#polling = this.#makePolling();
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
    const asked = checkedChannels(channels, this.#subscriptions.size);
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
    this.#polling?.replaceToken(credential);
    return this.#requests.authenticate(credential);
  }

  /** The channels that the server has; `tickwire` servers only, others reject with `UNAVAILABLE`. */
  async catalog(): Promise<Catalog> {
    const catalog = await this.#requests.catalog();
    this.#store.setLifetimes(lifetimesOf(catalog));
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
    const reconnects = Math.max(0, session.socketId - 1);
    return { ...this.#counters, reconnects, rttMs, clockOffsetMs: clockOffsetMs(session.link) };
  }

  /** The client as JSON for a bug report: without tokens, headers, and what follows the path of an address. */
  inspect(): Inspection {
    return inspect({
      settings: this.#settings,
      credentials: this.#tokens.kind,
      session: this.#runner.session,
      connection: this.connection.get(),
      prices: this.prices,
      stats: this.stats(),
      fallback: this.#polling?.report ?? null,
    });
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
      router: this.#router,
      counters: this.#counters,
      emit: (event: 'invalid', payload: ClientEvents['invalid']) => this.#emit(event, payload),
      refused: (socketId: number) => this.#runner.dispatch({ type: 'frame-refused', socketId }),
      looked: (type: string, socketId: number) => this.#runner.look(type, socketId),
    };
    return new SessionRunner(this.#settings, this.#tokens, {
      connectionChanged: (state) => this.#connectionChanged(state),
      stepped: () => this.#subscriptions.settleReady(),
      frameReceived: (data, socketId) => takeFrame(frames, data, socketId),
      positionOf: (channel) => this.#positions.of(channel),
      positioned: (channel, ack, implicit) => this.#positions.acked(channel, ack, implicit),
      released: (channel) => {
        this.#positions.forget(channel);
        this.#store.unfollow(channel);
      },
      settled: (key, data) => this.#requests.settle(key, data),
      rejected: (key, fault) => this.#requests.reject(key, errorOf(fault)),
      reported: (fault) => this.#events.emit('error', errorOf(fault)),
      sent: () => (this.#counters.sent += 1),
      listenerFailed: (event, cause) => this.#listenerFailed(event, cause),
    });
  }

  #makePositions(): ChannelPositions {
    return new ChannelPositions({
      clock: this.#settings.clock,
      isWanted: (channel) => this.#runner.session.wanted.has(channel as Channel),
      minIntervalMs: (channel) => intervalOf(this.#runner.session, channel),
      deliver: (channel, message) => this.#router.deliver(channel, message),
      announce: (gap) => this.#emit('gap', gap),
      missed: () => (this.#counters.gaps += 1),
      duplicate: () => (this.#counters.duplicates += 1),
      confirm: (channel, head) => this.#store.confirmHead(channel, head),
      history: (channel, since) => this.#requests.fill(channel, since),
      resubscribe: (channel) => this.#runner.dispatch({ type: 'resubscribe', channel }),
    });
  }

  #makePolling(): PollingSwitch | undefined {
    const { fallback } = this.#settings;
    if (fallback === undefined) return undefined;
    return new PollingSwitch(this.#settings, fallback, {
      prices: this.#store,
      counters: this.#counters,
      tokens: new TokenSource(this.#settings.clock, this.#settings.token),
      timers: new Timers(this.#settings.clock),
      decode: decodeServerMessage,
      clampHintMs,
      makePositions: (host) => new ChannelPositions(host),
      isWanted: (channel) => this.#runner.session.wanted.has(channel as Channel),
      makeRouter: (positions, source) => this.#makeRouter(positions, source),
      invalid: (event) => this.#emit('invalid', event),
      changed: () => this.#show(this.#runner.session.connection),
      polled: () => this.#subscriptions.settleReady(),
    });
  }

  #makeRouter(
    positions: ChannelPositions,
    source: Pick<RouterHost, 'isLive' | 'currentSocket' | 'control'>,
  ): MessageRouter {
    return new MessageRouter({
      ...source,
      prices: this.#store,
      subscriptions: this.#subscriptions,
      positions,
      isFollowed: (channel) => this.#runner.session.wanted.has(channel as Channel),
      activeCoins: () => activeCoins(this.#runner.session),
      emit: (event, payload) => this.#emit(event, payload),
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
    if (state.status !== 'connected') this.#positions.disconnected();
    this.#polling?.follow(state);
    this.#signal.follow(state.status);
    this.#show(state);
  }

  #show(state: ConnectionState): void {
    const hasEnded = state.status === 'closed' || state.status === 'failed';
    const error = state.status === 'failed' ? errorOf(state.error) : undefined;
    // A listener may connect anew: the loops that it opens then are not among those that end.
    const endLoops = this.#streams.ofNow();
    if (hasEnded) this.#subscriptions.clientEnded(error);
    if (!this.#connection.set(state, this.#polling?.since)) return;
    this.#events.emit('connection', this.connection.get());
    if (hasEnded) {
      this.#store.rest();
      endLoops(error);
    } else if (state.status !== 'connecting') this.#store.refresh();
  }

  #listenerFailed(event: string, cause: unknown): void {
    this.#counters.listenerFailures += 1;
    // A listener of `error` that throws has nobody left to be reported to.
    if (event === 'error') return;
    const message = `A listener of ${event} threw. The others were called all the same.`;
    this.#events.emit('error', new PriceStreamError('LISTENER_FAILED', message, { cause }));
  }
}
