/** The client as users have it: what stands behind is wired in `client-rooms.ts`. */
import type { Channel } from '@tickwire/protocol';
import { answerTo } from './answers.js';
import {
  checkedChannel,
  checkedChannels,
  checkedEvent,
  checkedListener,
  historyQuery,
  streamOptions,
  subscribeOptions,
  waitOptions,
} from './call-checks.js';
import type { ConnectionStore } from './connection.js';
import { clockOffsetMs } from './core/heartbeat.js';
import { Closable } from './disposal.js';
import type { ClientEventName, ClientEvents } from './events.js';
import { inspect, type Inspection } from './inspection.js';
import { checkedCredential, type Credential } from './credentials.js';
import { settingsOf, type ClientOptions, type UrlSource } from './options.js';
import type { PriceView } from './price-tick.js';
import { lifetimesOf, type Alerts, type Catalog, type HistoryPage, type HistoryQuery } from './requests.js';
import type { ClientStats } from './statistics.js';
import type { ChannelDelivery, StreamOptions, SubscribeOptions, Subscription } from './subscription.js';
import { ClientRooms } from './client-rooms.js';

type Take = (message: unknown) => unknown;

// Not a private field: that would make the class nominal, and the fake client of a test has to fit where this one goes.
const roomsByClient = new WeakMap<PriceWebSocketClient, ClientRooms>();

function roomsOf(client: PriceWebSocketClient): ClientRooms {
  const rooms = roomsByClient.get(client);
  if (rooms === undefined) throw new TypeError('A method of PriceWebSocketClient was called without its client.');
  return rooms;
}

/**
 * A stream of prices over one WebSocket that reconnects, resubscribes, and says when a price is old.
 *
 * @example
 * const client = new PriceWebSocketClient('wss://prices.example/ws');
 * const subscription = client.subscribe('coin:bitcoin', (tick) => render(tick.price));
 */
export class PriceWebSocketClient extends Closable {
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
  constructor(url: UrlSource, options?: ClientOptions) {
    super();
    const rooms = new ClientRooms(settingsOf(url, options));
    roomsByClient.set(this, rooms);
    this.connection = rooms.connection.view;
    this.prices = rooms.store.view;
    this.alerts = rooms.requests.alerts;
  }

  /**
   * Connects, unless there is a connection or an attempt already.
   *
   * @returns a promise of the connection; a lost network only delays it
   * @throws PriceStreamError when the connection has failed for good, `CLOSED` when it is closed or the signal of the
   * client's options has aborted; the reason of the signal given here
   */
  connect(options?: { signal?: AbortSignal | undefined }): Promise<void> {
    const rooms = roomsOf(this);
    let signal: AbortSignal | undefined;
    return answerTo(
      () => {
        ({ signal } = waitOptions(options));
        const { refusal } = rooms.signal;
        if (refusal !== undefined) throw refusal;
        return rooms.connection.whenConnected(signal, () => rooms.runner.dispatch({ type: 'connect' }));
      },
      () => signal,
    );
  }

  /** Closes for good, until `connect` is called. Resolves within 3 s, whatever the server does. */
  async close(): Promise<void> {
    roomsOf(this).close();
    // Called from a listener, the event waits for its turn, which comes before any microtask.
    await Promise.resolve();
    await roomsOf(this).runner.socketsGone();
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
    options?: SubscribeOptions,
  ): Subscription<ChannelDelivery<C>> {
    const asked = checkedChannels(channels, roomsOf(this).subscriptions.size);
    const take = (listener === undefined ? undefined : checkedListener(listener)) as Take | undefined;
    const given = subscribeOptions(options);
    const handle = roomsOf(this).subscriptions.add(asked, take, given);
    if (given.signal?.aborted === true) handle.unsubscribe();
    else {
      const { minIntervalMs, filter } = given;
      roomsOf(this).runner.dispatch({
        type: 'subscribe',
        holder: handle.id,
        channels: asked,
        options: {
          ...(minIntervalMs === undefined ? {} : { minIntervalMs }),
          ...(filter === undefined ? {} : { filter }),
        },
      });
      roomsOf(this).whenEnded((error) => handle.clientEnded(error));
      handle.greet((channel) => {
        const { status } = this.connection.get();
        // A client that has ended delivers nothing.
        const tick = status === 'closed' || status === 'failed' ? undefined : this.prices.get(channel);
        return tick === undefined ? undefined : { payload: tick, data: tick.source.data };
      });
    }
    return handle as Subscription<ChannelDelivery<C>>;
  }

  /** Listens to an event; returns its undo. A listener that throws stops nobody and is reported to `error`. */
  on<Name extends ClientEventName>(event: Name, listener: (payload: ClientEvents[Name]) => void): () => void {
    return roomsOf(this).events.on(checkedEvent(event) as Name, checkedListener(listener));
  }

  /** Listens to an event once; returns its undo, and `off` takes the listener away as well. */
  once<Name extends ClientEventName>(event: Name, listener: (payload: ClientEvents[Name]) => void): () => void {
    return roomsOf(this).events.on(checkedEvent(event) as Name, checkedListener(listener), true);
  }

  /** Removes a listener from an event. */
  off<Name extends ClientEventName>(event: Name, listener: (payload: ClientEvents[Name]) => void): void {
    roomsOf(this).events.off(checkedEvent(event) as Name, checkedListener(listener));
  }

  /** An event as a loop. It ends when the loop is left, the signal aborts, or the client closes. */
  events<Name extends ClientEventName>(
    event: Name,
    options?: StreamOptions,
  ): AsyncIterableIterator<ClientEvents[Name]> {
    const rooms = roomsOf(this);
    const name = checkedEvent(event) as Name;
    const { loop, end } = rooms.streams.open<ClientEvents[Name]>(
      name,
      (take) => rooms.events.on(name, take),
      streamOptions(options),
    );
    rooms.whenEnded(end);
    return loop;
  }

  /**
   * Brings a credential, now and for later connections. Also done by itself from the option `token`.
   *
   * @throws PriceStreamError when the server refuses it, or `CLOSED`
   */
  authenticate(credential: Credential): Promise<void> {
    const rooms = roomsOf(this);
    return answerTo(() => {
      const given = checkedCredential(credential);
      rooms.tokens.replace(given);
      rooms.polling?.replaceToken(given);
      return rooms.requests.authenticate(given);
    });
  }

  /** The channels that the server has; `tickwire` servers only, others reject with `UNAVAILABLE`. */
  catalog(): Promise<Catalog> {
    const rooms = roomsOf(this);
    return answerTo(async () => {
      const catalog = await rooms.requests.catalog();
      rooms.store.setLifetimes(lifetimesOf(catalog));
      return catalog;
    });
  }

  /** Messages of a channel after a position, or its newest; `tickwire` servers only. */
  history(channel: Channel, query?: HistoryQuery): Promise<HistoryPage> {
    return answerTo(() => roomsOf(this).requests.history(checkedChannel(channel), historyQuery(query)));
  }

  /** Counters and measurements; a new object at each call. */
  stats(): ClientStats {
    const { session } = roomsOf(this).runner;
    const rttMs = session.connection.status === 'connected' ? session.connection.rttMs : null;
    const reconnects = Math.max(0, session.socketId - 1);
    return {
      ...roomsOf(this).counters,
      unwanted: [...roomsOf(this).unwanted],
      reconnects,
      rttMs,
      clockOffsetMs: clockOffsetMs(session.link),
    };
  }

  /** The client as JSON for a bug report: without tokens, headers, and what follows the path of an address. */
  inspect(): Inspection {
    return inspect({
      settings: roomsOf(this).settings,
      credentials: roomsOf(this).tokens.kind,
      session: roomsOf(this).runner.session,
      connection: this.connection.get(),
      prices: this.prices,
      stats: this.stats(),
      fallback: roomsOf(this).polling?.report ?? null,
    });
  }
}
