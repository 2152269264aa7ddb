/** The rooms of one client and the doors between them: session, price store, router, subscriptions. It decides nothing itself. */
import { clampHintMs, type Channel } from '@tickwire/protocol/rules';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import { ClosingSignal } from './closing-signal.js';
import { ChannelPositions } from './channel-positions.js';
import { ConnectionHolder, errorOf, isOf, vouchingOf } from './connection-store.js';
import { clockOffsetMs } from './core/heartbeat.js';
import type { ConnectionState } from './core/session-state.js';
import { activeCoins, changedChannels, intervalOf, isAsked, readiness } from './core/subscriptions.js';
import { PriceStreamError } from './errors.js';
import type { ClientEventName, ClientEvents } from './events.js';
import { takeFrame } from './inbound-frames.js';
import { EventStreams } from './event-stream.js';
import { Listeners } from './listeners.js';
import { hearings } from './message-kinds.js';
import { MessageRouter, type RouterHost } from './message-router.js';
import type { Settings } from './options.js';
import { PollingSwitch } from './polling-switch.js';
import { PriceStore } from './price-store.js';
import { Requests } from './requests.js';
import { SessionRunner } from './session-runner.js';
import { zeroCounters } from './statistics.js';
import { SubscriptionRegistry } from './subscription-registry.js';
import { Timers } from './timers.js';
import { TokenSource } from './token-source.js';
import { UnheardErrors } from './unheard-errors.js';

/** Channels that came unasked and are named. */
const mostUnwanted = 20;

/** Everything that one client consists of. */
export class ClientRooms {
  readonly settings: Settings;
  readonly counters = zeroCounters();
  /** Channels that came unasked. */
  readonly unwanted = new Set<string>();
  readonly tokens: TokenSource;
  readonly runner: SessionRunner;
  readonly events: Listeners<ClientEvents>;
  readonly connection: ConnectionHolder;
  readonly store: PriceStore;
  readonly subscriptions: SubscriptionRegistry;
  readonly requests: Requests;
  readonly polling: PollingSwitch | undefined;
  readonly signal: ClosingSignal;
  readonly streams = new EventStreams(() => (this.counters.conflated += 1));
  readonly #unheard: UnheardErrors;
  readonly #router: MessageRouter;
  readonly #positions: ChannelPositions;

  constructor(settings: Settings) {
    this.settings = settings;
    this.#unheard = new UnheardErrors(settings.logger.errors);
    const listenerFailed = (event: string, cause: unknown): void => this.#listenerFailed(event, cause);
    this.tokens = new TokenSource(settings.clock, settings.token);
    this.events = new Listeners(listenerFailed, (event) => {
      // Who listens from now on is to miss nothing from now on.
      if (hearings.has(event)) this.runner.dispatch({ type: 'flush' });
    });
    this.connection = new ConnectionHolder(listenerFailed);
    this.store = new PriceStore({
      clock: settings.clock,
      staleAfterMs: settings.staleAfterMs,
      vouching: () => vouchingOf(this.connection.view.get()),
      clockOffsetMs: () => clockOffsetMs(this.runner.session.link) ?? 0,
      aged: (tick, ageMs) => {
        this.events.emit('stale', { channel: tick.channel, freshness: tick.freshness, ageMs });
      },
      listenerFailed,
    });
    this.subscriptions = new SubscriptionRegistry({
      clock: settings.clock,
      status: () => this.connection.view.get().status,
      isUngreeted: () => {
        const { link } = this.runner.session;
        return settings.policy.dialect === 'tickwire' && link?.opened === true && !link.up;
      },
      // Nobody confirms a channel that is polled.
      readiness: (channel) =>
        this.polling?.since === undefined
          ? readiness(this.runner.session, channel)
          : { state: 'ready', confirmed: false },
      hasData: (channel) => isOf(this.connection.view.get(), this.store.view.get(channel)),
      errorOf,
      ended: (handle) => {
        this.runner.dispatch({ type: 'unsubscribe', holder: handle.id, channels: handle.channels });
      },
      looped: (handle) => this.whenEnded((error) => handle.clientEnded(error)),
      conflated: () => (this.counters.conflated += 1),
      listenerFailed: (cause) => this.#listenerFailed('subscribe', cause),
    });
    this.#positions = this.#makePositions();
    this.#router = this.#makeRouter(this.#positions, {
      isLive: (socketId) => this.runner.isLive(socketId),
      currentSocket: () => this.runner.session.link?.socketId,
      control: (message, socketId) => this.runner.dispatch({ type: 'message-received', socketId, message }),
    });
    this.polling = this.#makePolling();
    this.runner = this.#makeRunner();
    this.requests = new Requests((event) => this.runner.dispatch(event));
    this.signal = new ClosingSignal(settings.signal, () => this.close());
    this.signal.follow('idle');
  }

  /** The user closes the client: what waits in a loop is dropped, and nothing comes any more. */
  close(): void {
    this.runner.inTurn(() => {
      this.subscriptions.drop();
      this.streams.drop();
    });
    this.runner.dispatch({ type: 'close' });
  }

  /** Calls `end` when the client is closed or has failed, and no `connect` is on its way. */
  whenEnded(end: (error: PriceStreamError) => void): void {
    this.runner.inTurn(() => {
      const { ending } = this.connection;
      if (ending !== undefined) end(ending);
    });
  }

  #makeRunner(): SessionRunner {
    const frames = {
      router: this.#router,
      counters: this.counters,
      emit: (event: 'invalid', payload: ClientEvents['invalid']) => this.#emit(event, payload),
      // Counted are whole frames.
      partLeftOut: (event: ClientEvents['invalid']) => this.events.emit('invalid', event),
      good: 0,
      refused: (socketId: number, event: ClientEvents['invalid'], good: number) => {
        const { path, reason, sample } = event;
        // A frame that is at fault as a whole says no more than one without JSON.
        const code = path === '' ? 'BAD_JSON' : event.code;
        const what = `${sample.slice(0, 80) || 'a frame'} (${reason})`;
        this.runner.dispatch({ type: 'frame-refused', socketId, code, what, good });
      },
      looked: (type: string, known: boolean, socketId: number) => this.runner.look(type, known, socketId),
    };
    return new SessionRunner(this.settings, this.tokens, {
      connectionChanged: (state) => this.#connectionChanged(state),
      stepped: (before, after) => this.subscriptions.settleReady(changedChannels(before, after)),
      frameReceived: (data, socketId) => takeFrame(frames, data, socketId),
      positionOf: (channel) => this.#positions.of(channel),
      isHeard: (channel) =>
        [...hearings].some(([event, heard]) => heard === channel && this.events.count(event as ClientEventName) > 0),
      notResumed: (channel) => this.#positions.notResumed(channel),
      positioned: (channel, ack, implicit) => this.#positions.acked(channel, ack, implicit),
      released: (channel) => {
        this.#positions.forget(channel);
        this.store.unfollow(channel);
      },
      settled: (key, data) => this.requests.settle(key, data),
      rejected: (key, fault) => this.requests.reject(key, errorOf(fault)),
      reported: (fault) => this.#report(errorOf(fault)),
      sent: () => (this.counters.sent += 1),
      listenerFailed: (event, cause) => this.#listenerFailed(event, cause),
    });
  }

  #makePositions(): ChannelPositions {
    return new ChannelPositions({
      clock: this.settings.clock,
      isWanted: (channel) => isAsked(this.runner.session, channel),
      minIntervalMs: (channel) => intervalOf(this.runner.session, channel),
      deliver: (channel, message) => this.#router.deliver(channel, message),
      announce: (gap) => this.#emit('gap', gap),
      missed: () => (this.counters.gaps += 1),
      duplicate: () => (this.counters.duplicates += 1),
      confirm: (channel, head) => this.store.confirmHead(channel, head),
      history: (channel, since) => this.requests.fill(channel, since),
      resubscribe: (channel) => this.runner.dispatch({ type: 'resubscribe', channel }),
    });
  }

  #makePolling(): PollingSwitch | undefined {
    const { fallback } = this.settings;
    if (fallback === undefined) return undefined;
    return new PollingSwitch(this.settings, fallback, {
      prices: this.store,
      counters: this.counters,
      tokens: new TokenSource(this.settings.clock, this.settings.token),
      timers: new Timers(this.settings.clock),
      decode: decodeServerMessage,
      clampHintMs,
      makePositions: (host) => new ChannelPositions(host),
      isWanted: (channel) => this.runner.session.wanted.has(channel as Channel),
      makeRouter: (positions, source) => this.#makeRouter(positions, source),
      invalid: (event) => this.#emit('invalid', event),
      changed: () => this.#show(this.runner.session.connection),
      polled: () => this.subscriptions.settleReady(undefined),
    });
  }

  #makeRouter(
    positions: ChannelPositions,
    source: Pick<RouterHost, 'isLive' | 'currentSocket' | 'control'>,
  ): MessageRouter {
    return new MessageRouter({
      ...source,
      prices: this.store,
      subscriptions: this.subscriptions,
      positions,
      isFollowed: (channel) => this.runner.session.wanted.has(channel as Channel),
      activeCoins: () => activeCoins(this.runner.session),
      emit: (event, payload) => this.#emit(event, payload),
      unwanted: (channel) => {
        this.counters.unwantedMessages += 1;
        if (channel !== undefined && this.unwanted.size < mostUnwanted) this.unwanted.add(channel);
      },
    });
  }

  #emit<Name extends ClientEventName>(event: Name, payload: ClientEvents[Name]): void {
    if (event === 'gap') this.counters.gaps += 1;
    else if (event === 'unknown') this.counters.unknown += 1;
    else if (event === 'invalid') this.counters.invalid += 1;
    this.events.emit(event, payload);
  }

  #connectionChanged(state: ConnectionState): void {
    if (state.status !== 'connected') this.#positions.disconnected();
    this.polling?.follow(state);
    this.signal.follow(state.status);
    this.#show(state);
  }

  #show(state: ConnectionState): void {
    const hasEnded = state.status === 'closed' || state.status === 'failed';
    const error = state.status === 'failed' ? errorOf(state.error) : undefined;
    // A listener may connect anew: the loops that it opens then are not among those that end.
    const endLoops = hasEnded ? this.streams.ofNow() : undefined;
    if (hasEnded) this.subscriptions.clientEnded(error);
    const settled = (): void => (hasEnded ? this.store.rest() : this.store.refresh());
    if (!this.connection.set(state, this.polling?.since, settled)) return;
    this.events.emit('connection', this.connection.view.get());
    endLoops?.(error);
  }

  /** An error that nobody listens for is told to whoever looks at the console, once a kind. */
  #report(error: PriceStreamError): void {
    if (this.events.count('error') === 0) this.#unheard.tell(error);
    this.events.emit('error', error);
  }

  #listenerFailed(event: string, cause: unknown): void {
    this.counters.listenerFailures += 1;
    const message = `A listener of ${event} threw.`;
    // A listener of `error` that throws has nobody left to be reported to.
    if (event === 'error') {
      this.#unheard.tell(new PriceStreamError('LISTENER_FAILED', message, { cause }));
      return;
    }
    this.#report(new PriceStreamError('LISTENER_FAILED', message, { cause }));
  }
}
