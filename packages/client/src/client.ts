/** The client as users have it: a price stream with the three dialects of the contract, users, requests, a fallback and a report. */
import type { Channel } from '@tickwire/protocol';
import { compileFilter } from '@tickwire/protocol/rules';
import {
  alertId,
  alertRule,
  checkedChannel,
  checkedChannels,
  checkedEvent,
  checkedListener,
  historyQuery,
  readyOptions,
  streamOptions,
  subscribeOptions,
  waitOptions,
} from './checks/call-checks.js';
import { clientDialect } from './client-dialect.js';
import { checkedCredential, type Credential } from './dialects/tokens.js';
import type { Contract } from './dialects/tickwire/tickwire.js';
import {
  lifetimesOf,
  type Alerts,
  type Catalog,
  type HistoryPage,
  type HistoryQuery,
} from './dialects/tickwire/requests.js';
import type { AlertItem, AlertCreateAck } from '@tickwire/protocol';
import type {
  ChannelDelivery,
  ClientEventName,
  ClientEvents,
  ConnectionStore,
  ContractChannels,
  PriceView,
  SubscribeOptions,
  Subscription,
  WireEvents,
} from './events.js';
import { inspect, type Inspection } from './inspection.js';
import { answerTo } from './kernel/answers.js';
import type { DialectSource } from './kernel/dialect.js';
import type { UrlSource } from './kernel/options.js';
import type { StreamOptions } from './kernel/queue.js';
import { coreOf, PriceStream } from './kernel/stream.js';
import { checkedOptions, type ClientOptions, type ClientSettings } from './options.js';
import { pollingOf, type Polling } from './polling/fallback-polling.js';

type ContractEvents = WireEvents & Pick<ClientEvents, 'gap'>;

/** What a client has besides its stream. */
interface ClientRooms {
  readonly settings: ClientSettings;
  readonly contract: Contract;
  readonly polling: Polling | undefined;
}

// As for the stream: a private field would make the class nominal.
const roomsByClient = new WeakMap<object, ClientRooms>();

function roomsOf(client: object): ClientRooms {
  const rooms = roomsByClient.get(client);
  if (rooms === undefined) throw new TypeError('A method of PriceWebSocketClient was called without its client.');
  return rooms;
}

const advice =
  "Check the address, and the dialect option: 'coins', 'metals' or 'tickwire' where the server is known, else leave it out.";

/** What a filter looks at: the data of a message, or of the one that a tick was made of. */
function dataOf(payload: unknown): unknown {
  const { type, data, source } = payload as { type?: unknown; data?: unknown; source?: { data?: unknown } };
  return type === undefined ? source?.data : data;
}

/**
 * A stream of prices over one WebSocket that reconnects, resubscribes, and says when a price is old.
 *
 * @example
 * const client = new PriceWebSocketClient('wss://prices.example/ws');
 * const subscription = client.subscribe('coin:bitcoin', (tick) => render(tick.price));
 */
export class PriceWebSocketClient extends PriceStream<ContractChannels, ContractEvents> {
  /** The state of the connection, to read and to follow. */
  declare readonly connection: ConnectionStore;
  /** The last price of each channel, to read and to follow. */
  declare readonly prices: PriceView;
  /** Alert rules of the authenticated user; `tickwire` servers only. */
  readonly alerts: Alerts;

  /**
   * Opens nothing yet: the first `subscribe` connects, or `connect`.
   *
   * @param url where the server is, `wss://…`; a function is asked before each attempt
   * @throws PriceStreamError `CONFIGURATION` when an option is wrong
   */
  constructor(url: UrlSource, options?: ClientOptions) {
    const { common, client: settings } = checkedOptions(url, options);
    const made: { contract?: Contract } = {};
    super(
      url,
      { ...common, dialect: clientDialect(settings, made) as DialectSource<ContractChannels, ContractEvents> },
      {
        advice,
        findsOut: ' Without the dialect option the client finds out',
        goesWithout: settings.fallback !== undefined,
        readyOptions,
      },
    );
    const contract = made.contract as Contract;
    const core = coreOf(this);
    const { fallback } = settings;
    const polling = fallback === undefined ? undefined : pollingOf(core, settings, fallback);
    roomsByClient.set(this, { settings, contract, polling });
    const { connection, prices } = this;
    this.connection = {
      get: () => connection.get(),
      subscribe: (listener) => connection.subscribe(checkedListener(listener)),
    };
    this.prices = {
      ...prices,
      subscribe: (channel, listener) => prices.subscribe(checkedChannel(channel), checkedListener(listener)),
    };
    const { requests } = contract;
    this.alerts = {
      create: (rule) =>
        answerTo(() => requests.ask<AlertCreateAck['data']>({ type: 'alert_create', id: '', data: alertRule(rule) })),
      list: () =>
        answerTo(async () => {
          const { items } = await requests.ask<{ items: readonly AlertItem[] }>({ type: 'alert_list', id: '' });
          return items;
        }),
      delete: (id) =>
        answerTo(async () => {
          await requests.ask({ type: 'alert_delete', id: '', data: { alertId: alertId(id) } });
        }),
    };
  }

  /**
   * Connects, unless there is a connection or an attempt already.
   *
   * @returns a promise of the connection; a lost network only delays it
   * @throws PriceStreamError when the connection has failed for good, `CLOSED` when it is closed or the signal of the
   * client's options has aborted; the reason of the signal given here
   */
  override connect(options?: { signal?: AbortSignal | undefined }): Promise<void> {
    let signal: AbortSignal | undefined;
    return answerTo(
      () => {
        ({ signal } = waitOptions(options));
        return super.connect({ signal });
      },
      () => signal,
    );
  }

  /**
   * Subscribes to one channel or several; connects if nothing has yet. Without a listener the values are for a loop:
   * `for await (const tick of client.subscribe('coin:bitcoin'))`.
   *
   * @throws PriceStreamError `CONFIGURATION` for an ill-formed channel, `TOO_MANY_SUBSCRIPTIONS` above 10,000 channels
   */
  override subscribe<const C extends Channel>(
    channels: C | readonly C[],
    listener?: (message: ChannelDelivery<C>) => void,
    options?: SubscribeOptions,
  ): Subscription<ChannelDelivery<C>> {
    const core = coreOf(this);
    const asked = checkedChannels(channels, core.channels.held);
    const take = listener === undefined ? undefined : (checkedListener(listener) as (message: unknown) => unknown);
    const given = subscribeOptions(options);
    const compiled = given.filter && compileFilter(given.filter);
    const passes = compiled && ((payload: unknown) => compiled(dataOf(payload)));
    const filter = given.filter as readonly Readonly<Record<string, unknown>>[] | undefined;
    const handle = core.subscribe(asked, take, { ...given, filter, passes });
    return handle as unknown as Subscription<ChannelDelivery<C>>;
  }

  /** Listens to an event; returns its undo. A listener that throws stops nobody and is reported to `error`. */
  override on<Name extends ClientEventName>(event: Name, listener: (payload: ClientEvents[Name]) => void): () => void {
    return super.on(checkedEvent(event), checkedListener(listener) as () => void);
  }

  /** Listens to an event once; returns its undo, and `off` takes the listener away as well. */
  override once<Name extends ClientEventName>(
    event: Name,
    listener: (payload: ClientEvents[Name]) => void,
  ): () => void {
    return super.once(checkedEvent(event), checkedListener(listener) as () => void);
  }

  /** Removes a listener from an event. */
  override off<Name extends ClientEventName>(event: Name, listener: (payload: ClientEvents[Name]) => void): void {
    super.off(checkedEvent(event), checkedListener(listener) as () => void);
  }

  /** An event as a loop. It ends when the loop is left, the signal aborts, or the client closes. */
  override events<Name extends ClientEventName>(
    event: Name,
    options?: StreamOptions,
  ): AsyncIterableIterator<ClientEvents[Name]> {
    const loop = super.events(checkedEvent(event), streamOptions(options));
    return loop as unknown as AsyncIterableIterator<ClientEvents[Name]>;
  }

  /**
   * Brings a credential, now and for later connections. Also done by itself from the option `token`.
   *
   * @throws PriceStreamError when the server refuses it, or `CLOSED`
   */
  authenticate(credential: Credential): Promise<void> {
    const { contract, polling } = roomsOf(this);
    return answerTo(() => {
      const given = checkedCredential(credential);
      polling?.replaceToken(given);
      return contract.authentication.give(given);
    });
  }

  /** The channels that the server has; `tickwire` servers only, others reject with `UNAVAILABLE`. */
  catalog(): Promise<Catalog> {
    const { contract } = roomsOf(this);
    return answerTo(async () => {
      const catalog = await contract.requests.ask<Catalog>({ type: 'catalog', id: '' });
      coreOf(this).prices.setLifetimes(lifetimesOf(catalog));
      return catalog;
    });
  }

  /** Messages of a channel after a position, or its newest; `tickwire` servers only. */
  history(channel: Channel, query?: HistoryQuery): Promise<HistoryPage> {
    const { contract } = roomsOf(this);
    return answerTo(() => {
      const data = { channel: checkedChannel(channel), ...historyQuery(query) };
      return contract.requests.ask<HistoryPage>({ type: 'history', id: '', data });
    });
  }

  /** The client as JSON for a bug report: without tokens, headers, and what follows the path of an address. */
  inspect(): Inspection {
    const { settings, contract, polling } = roomsOf(this);
    return inspect({
      core: coreOf(this),
      settings,
      credentials: contract.credentials(),
      stats: this.stats(),
      fallback: polling?.report() ?? null,
    });
  }
}
