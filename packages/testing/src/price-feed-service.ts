/** What a `tickwire` server says, without a socket: the fake client and the scripted server speak through it. No time or chance of its own. */
import { coin, metal, parseChannel, type Channel } from '@tickwire/protocol';
import { hello, type Message } from './messages.js';
import { ServiceRequests, type Follower } from './service-requests.js';

/** A price as a test writes it: the number alone, or with what stands beside it in a `PriceTick`. */
export type FakePrice = number | FakeQuote;

/** The fields of a price; what is left out is absent on the wire too. */
export interface FakeQuote {
  price: number | string;
  change?: number | undefined;
  /** In percent; of 24 hours for coins. */
  changePercent?: number | undefined;
  high?: number | undefined;
  low?: number | undefined;
  marketCap?: number | undefined;
  volume24h?: number | undefined;
  currency?: string | undefined;
  unit?: string | undefined;
  /** ISO 8601. @default the service's time */
  timestamp?: string | undefined;
}

/** A channel that carries prices. */
export type PriceChannelName = `coin:${string}` | `metal:${string}`;
/** A channel that carries events, or a portfolio. */
export type EventChannelName = Exclude<Channel, PriceChannelName>;

/** What a service starts with. */
export interface ServiceOptions {
  /** Prices by channel, there from the start. */
  prices?: Readonly<Record<string, FakePrice>> | undefined;
  /** Whether prices go to every connection, asked or not, as the published metals backend sends them. @default false */
  unasked?: boolean | undefined;
  /** Epoch milliseconds. */
  now: () => number;
}

/** One connection as the service sees it. */
export interface ServiceConnection {
  /** Sends the greeting; a client may answer it at once. */
  greet(): void;
  /** Hands over what the client has sent. */
  receive(message: Readonly<Record<string, unknown>>): void;
  /** The connection has ended. */
  end(): void;
}

/** What a service keeps of a channel. */
interface Stream {
  seq: number;
  /** The newest 1,000 messages. */
  readonly log: Message[];
}

/** The one life of all its counters. */
const epoch = 'fake';
const mostKept = 1_000;
const capabilities = ['ack', 'seq', 'resume', 'snapshot', 'alerts', 'catalog', 'history'];

/** Keeps the last price and the newest events of each channel, and tells them to whoever has subscribed. */
export class PriceFeedService {
  readonly #streams = new Map<string, Stream>();
  readonly #followers = new Set<Follower>();
  readonly #refused = new Map<string, string>();
  readonly #now: () => number;
  readonly #unasked: boolean;
  readonly #requests: ServiceRequests;

  /** @throws RangeError for a name that is no channel of prices */
  constructor({ prices = {}, unasked = false, now }: ServiceOptions) {
    this.#now = now;
    this.#unasked = unasked;
    this.#requests = new ServiceRequests({
      now,
      epoch,
      head: (channel) => this.#streams.get(channel)?.seq ?? 0,
      after: (channel, seq) => (this.#streams.get(channel)?.log ?? []).filter((message) => seqOf(message) > seq),
      refusal: (what) => this.#refused.get(what),
      priced: () => [...this.#streams.keys()].filter(isPriced),
    });
    for (const [channel, price] of Object.entries(prices)) this.price(channel, price);
  }

  /** A connection has been made; what its client sends is answered through `send`. */
  connect(send: (message: Message) => void): ServiceConnection {
    const follower: Follower = { channels: new Set(['global']), send };
    this.#followers.add(follower);
    return {
      receive: (message) => this.#requests.answer(follower, message),
      end: () => void this.#followers.delete(follower),
      greet: () => this.#greet(follower),
    };
  }

  /** A channel has a price. @throws RangeError for a name that is no channel of prices, or a price that is no number */
  price(channel: string, price: FakePrice): void {
    this.prepared(channel, price)();
  }

  /** Checks a price; what it returns tells it. @throws RangeError as `price` does */
  prepared(channel: string, price: FakePrice): () => void {
    const parsed = parseChannel(channel);
    if (parsed?.id === undefined || (parsed.prefix !== 'coin' && parsed.prefix !== 'metal')) {
      throw new RangeError(
        `${JSON.stringify(channel)} carries no prices: write '${coin('bitcoin')}' or '${metal('gold')}'.`,
      );
    }
    const quote: FakeQuote = Object(price) === price ? (price as FakeQuote) : { price: price as number };
    if (!isNumeric(quote.price)) {
      throw new RangeError(`The price of ${channel} is ${String(quote.price)}: give a finite number.`);
    }
    const { changePercent, ...rest } = { timestamp: this.#time(), ...quote };
    const message =
      parsed.prefix === 'coin'
        ? { type: 'price_update', data: { coinId: parsed.id, ...rest, ...defined({ priceChange24h: changePercent }) } }
        : { type: 'priceUpdate', data: { [parsed.id]: { ...rest, ...defined({ changePercent }) } } };
    return () => this.#publish(channel, message);
  }

  /** Something happens on a channel of events; what `data` leaves out is filled in. @throws RangeError for another name */
  event(channel: string, data: Readonly<Record<string, unknown>> = {}): void {
    const parsed = parseChannel(channel);
    const make = parsed === undefined ? undefined : eventMakers.get(parsed.prefix);
    if (parsed === undefined || make === undefined) {
      const names = [...eventMakers.keys()].join(', ');
      throw new RangeError(
        `${JSON.stringify(channel)} carries no events: write one of ${names}, whales:<id>, social:<id>.`,
      );
    }
    const message = make({ ...(parsed.id === undefined ? {} : { coinId: parsed.id }), ...data }, this.#time());
    for (const name of streamsOf(parsed.prefix, message)) this.#publish(name, message);
  }

  /** From now on a channel is refused, or a request by its type. @param code one of the contract's error codes */
  refuse(what: string, code = this.#requests.knows(what) ? 'BAD_MESSAGE' : 'UNKNOWN_CHANNEL'): void {
    this.#refused.set(what, code);
  }

  #greet({ send }: Follower): void {
    const { data, ...greeting } = hello(
      { maxSubscriptions: 10_000, messagesPerMinute: 100_000, burst: 10_000 },
      this.#now(),
    );
    send({ ...greeting, data: { ...(data as object), capabilities } });
    if (this.#unasked) {
      for (const [channel, { log }] of this.#streams) {
        const last = log.at(-1);
        if (last !== undefined && isPriced(channel)) send(last);
      }
    }
  }

  #time(): string {
    return new Date(this.#now()).toISOString();
  }

  #publish(channel: string, message: Message): void {
    const stream = this.#streams.get(channel) ?? { seq: 0, log: [] };
    this.#streams.set(channel, stream);
    stream.seq += 1;
    const sent = { ...message, sub: channel, epoch, seq: stream.seq };
    stream.log.push(sent);
    if (stream.log.length > mostKept) stream.log.shift();
    for (const follower of [...this.#followers]) {
      if (follower.channels.has(channel) || (this.#unasked && isPriced(channel))) follower.send(sent);
    }
  }
}

function isNumeric(value: unknown): boolean {
  return (
    (typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')) && Number.isFinite(Number(value))
  );
}

function isPriced(channel: string): boolean {
  return /^(?:coin|metal):/.test(channel);
}

/** A message's number in its channel. */
function seqOf(message: Message): number {
  return Number(message['seq'] ?? 0);
}

/** A movement of one coin stands in the coin's channel and in that of all. */
function streamsOf(prefix: string, { data }: Message): string[] {
  const id = (data as { coinId?: unknown } | undefined)?.coinId;
  if (prefix !== 'whales' && prefix !== 'social') return [prefix];
  return typeof id === 'string' && parseChannel(`${prefix}:${id}`) !== undefined
    ? [prefix, `${prefix}:${id}`]
    : [prefix];
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

type MakeEvent = (data: Readonly<Record<string, unknown>>, timestamp: string) => Message;

const eventMakers: ReadonlyMap<string, MakeEvent> = new Map<string, MakeEvent>([
  [
    'whales',
    (data, timestamp) => ({
      type: 'whale_movement',
      timestamp,
      data: {
        coinId: 'bitcoin',
        txHash: '0x1',
        fromAddress: '0xa',
        toAddress: '0xb',
        amount: 1,
        usdValue: 1_000_000,
        timestamp,
        ...data,
      },
    }),
  ],
  [
    'social',
    (data, timestamp) => ({
      type: 'social_spike',
      timestamp,
      data: {
        coinId: 'bitcoin',
        platform: 'twitter',
        mentions24h: 1_000,
        sentimentScore: 50,
        trendingScore: 50,
        change: 10,
        timestamp,
        ...data,
      },
    }),
  ],
  ['global', (data, timestamp) => ({ type: 'announcement', timestamp, data: { message: '', timestamp, ...data } })],
  [
    'user',
    (data, timestamp) => ({
      type: 'alert_triggered',
      timestamp,
      data: {
        alertId: 1,
        alertType: 'price_above',
        coinId: 'bitcoin',
        condition: { targetPrice: 0 },
        triggeredAt: timestamp,
        ...data,
      },
    }),
  ],
  ['portfolio', (data, timestamp) => ({ type: 'portfolio_update', timestamp, data: { totalValue: 0, ...data } })],
]);
