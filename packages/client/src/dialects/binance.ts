/** The combined streams of Binance: last prices, trades or best bids; moves before the exchange closes. docs/exchanges.md. */
import type { Ask, Dialect, DialectHost, DialectLink, Fault, Quote, Work } from '../kernel/dialect.js';
import { PriceStreamError } from '../kernel/errors.js';
import type { Tick } from '../kernel/prices.js';
import type { Verdict } from '../kernel/verdicts.js';
import { decimal, exchangeError, isCount, keepsOn, Lists, Order, record, textOf } from './exchange.js';

/** What stands for the price of a symbol. */
export type BinancePrice = 'ticker' | 'trade' | 'book';

/** A frame of a combined stream, as it came. */
export interface BinanceFrame<Data = BinanceTicker | BinanceTrade | BinanceBook> {
  /** `btcusdt@ticker` */
  readonly stream: string;
  readonly data: Data;
}

/** Of 24 hours that end now, once a second. Prices are decimals. */
export interface BinanceTicker {
  readonly e: '24hrTicker';
  /** Epoch ms, or µs where the address asks for them. */
  readonly E: number;
  /** `BTCUSDT` */
  readonly s: string;
  /** The last price. */
  readonly c: string;
  /** Its change, and that in percent. */
  readonly p: string;
  readonly P: string;
  readonly h: string;
  readonly l: string;
  /** Volume of what is quoted, and of what it is quoted in. */
  readonly v: string;
  readonly q: string;
  readonly [key: string]: unknown;
}

/** The trades of one order at one price. */
export interface BinanceTrade {
  readonly e: 'aggTrade';
  readonly E: number;
  readonly s: string;
  /** Consecutive for a symbol. */
  readonly a: number;
  readonly p: string;
  readonly q: string;
  /** When it was traded. */
  readonly T: number;
  readonly [key: string]: unknown;
}

/** The best prices of the order book; it has no time. */
export interface BinanceBook {
  /** Rises for a symbol. */
  readonly u: number;
  readonly s: string;
  readonly b: string;
  readonly B: string;
  readonly a: string;
  readonly A: string;
}

interface Data {
  readonly ticker: BinanceTicker;
  readonly trade: BinanceTrade;
  readonly book: BinanceBook;
}

/** What the channels of Binance deliver: `coin:btcusdt`. */
export interface BinanceChannels<Price extends BinancePrice> {
  [channel: `coin:${string}`]: Tick<`coin:${string}`, BinanceFrame<Data[Price]>>;
}

/** What `binance()` takes. */
export interface BinanceOptions<Price extends BinancePrice> {
  /** `ticker`: the last price with its 24 hours, once a second · `trade`: each trade · `book`: the best bid, with each change */
  price: Price;
  /** The symbols that there are, where you know them: others are refused, which the exchange itself does not do. */
  symbols?: Iterable<string> | undefined;
}

/** A kind of stream: how it is called, its event, and where it has what. */
interface Kind {
  readonly suffix: string;
  readonly event?: string;
  readonly price: string;
  /** Its number; by its time, where it has none. */
  readonly number?: string;
  /** Whether the numbers are consecutive. */
  readonly counts?: boolean;
  readonly time?: string;
  readonly figures: readonly (readonly [
    name: 'change' | 'changePercent' | 'high' | 'low' | 'volume24h',
    key: string,
  ])[];
}

const kinds: Readonly<Record<BinancePrice, Kind>> = {
  ticker: {
    ...{ suffix: '@ticker', event: '24hrTicker', price: 'c', time: 'E' },
    figures: [
      ['change', 'p'],
      ['changePercent', 'P'],
      ['high', 'h'],
      ['low', 'l'],
      ['volume24h', 'q'],
    ],
  },
  trade: { suffix: '@aggTrade', event: 'aggTrade', price: 'p', number: 'a', counts: true, time: 'T', figures: [] },
  book: { suffix: '@bookTicker', price: 'b', number: 'u', figures: [] },
};

const prefix = 'coin:';
const symbolPattern = /^[^\s@!/"\\]{1,20}$/;
const mostStreams = 1_024;
const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
/** How long before the end of its day a connection is moved, at least, and over which span clients spread. */
const leaveMs = 10 * minuteMs;
const spreadMs = 20 * minuteMs;
const shutdownSpreadMs = 5_000;
/** Epoch ms beyond this are µs. */
const latestMs = 1e14;

/** An instant in epoch ms; `undefined` for what is none. */
function instantOf(at: unknown): number | undefined {
  if (!isCount(at)) return undefined;
  return at > latestMs ? Math.floor(at / 1_000) : at;
}

/** A value of a frame that is not what it has to be. */
function wrong(key: string, expected: string): Fault {
  return { path: `data.${key}`, reason: `expected ${expected}` };
}

function kindOf(price: BinancePrice): Kind {
  if (Object.hasOwn(kinds, price)) return kinds[price];
  throw new PriceStreamError('CONFIGURATION', "price must be 'ticker', 'trade' or 'book'.");
}

function closed(code: number): Verdict | undefined {
  return code === 1008 ? { action: 'retry', meaning: 'rate limited', minDelayMs: minuteMs } : keepsOn(code);
}

/**
 * The dialect of Binance's market streams.
 *
 * @example new PriceStream('wss://stream.binance.com:9443/stream', { dialect: binance({ price: 'ticker' }) }).subscribe('coin:btcusdt', (tick) => …)
 */
export function binance<const Price extends BinancePrice>(
  options: BinanceOptions<Price>,
): (host: DialectHost) => Dialect<BinanceChannels<Price>> {
  const kind = kindOf(options.price);
  const symbols = options.symbols && new Set([...options.symbols].map((symbol) => symbol.toLowerCase()));
  return (host) => {
    const order = new Order(host);

    function carry(channel: string): string | undefined {
      const symbol = channel.slice(prefix.length).toLowerCase();
      if (!channel.startsWith(prefix) || !symbolPattern.test(symbol) || symbols?.has(symbol) === false)
        return undefined;
      return symbol + kind.suffix;
    }

    /** One more than a connection may have would end it. */
    function refuseBeyond(keys: readonly string[], link: DialectLink): void {
      const names = keys.slice(0, 3).map((key) => key.slice(0, -kind.suffix.length));
      const message = `A connection to Binance takes ${mostStreams} streams: there is no room for ${names.join(', ')} (${keys.length} in all). Let others go, or open a second PriceStream for them.`;
      const error = new PriceStreamError('TOO_MANY_SUBSCRIPTIONS', message);
      link.refused(keys, '', error);
      host.report(error);
    }

    function priced(
      stream: string,
      data: Readonly<Record<string, unknown>>,
      message: unknown,
      link: DialectLink,
    ): Fault | undefined {
      const symbol = stream.slice(0, -kind.suffix.length);
      const { price: priceKey, time: timeKey, number: numberKey } = kind;
      if (data['e'] !== kind.event) return wrong('e', kind.event ?? 'no event');
      if (textOf(data['s']).toLowerCase() !== symbol || !symbolPattern.test(symbol))
        return wrong('s', 'the symbol of the stream');
      const price = decimal(data[priceKey]);
      if (price === undefined || price < 0) return wrong(priceKey, 'a decimal');
      const time = timeKey === undefined ? undefined : instantOf(data[timeKey]);
      if (time === undefined && timeKey !== undefined) return wrong(timeKey, 'a time');
      const number = numberKey === undefined ? time : data[numberKey];
      if (!isCount(number)) return wrong(String(numberKey), 'a number');
      // Never traded, or nobody bids: there is no price.
      if (price === 0) return undefined;
      const wanted = [...link.channels(stream)];
      // While a connection is being moved both bring the same.
      if (wanted.length > 0 && order.take(stream, number, time, kind.counts) <= 0) {
        host.counters.duplicates += 1;
        return undefined;
      }
      const timestamp = time === undefined ? undefined : new Date(time).toISOString();
      for (const channel of wanted.length > 0 ? wanted : [prefix + symbol]) {
        const quote: Quote = { channel, id: channel.slice(prefix.length), price, timestamp };
        for (const [name, key] of kind.figures) {
          const figure = decimal(data[key]);
          if (figure !== undefined) quote[name] = figure;
        }
        link.price(quote, message, numberKey === undefined ? undefined : number);
      }
      return undefined;
    }

    /** An answer to a request. */
    function answered(id: unknown, error: Readonly<Record<string, unknown>> | undefined, link: DialectLink): void {
      const request = link.answered(textOf(id));
      if (error === undefined) {
        link.pong(textOf(id));
        if (request === undefined || request.gone) return;
        for (const key of request.keys) link.confirmed(key, request.id);
        Lists.of(link).granted();
        return;
      }
      const text = textOf(error['msg']);
      const lists = Lists.of(link);
      const isAsk = request !== undefined && !request.gone;
      const said = exchangeError(isAsk ? 'UNKNOWN_CHANNEL' : 'INTERNAL', text, isAsk ? ' Check the symbol.' : '');
      // Shorter lists find out which it is.
      if (isAsk && lists.refused(link, request, said, () => false).length === 0) return;
      if (lists.isNews(text)) host.report(said);
    }

    return {
      name: 'binance',
      // Five a second end the connection, pongs among them; what a slow link delivers late and together is still too few.
      pace: { count: 2, windowMs: 1_000 },
      carry,
      ask({ gone, owed }: Work, id: string, link: DialectLink): Ask | undefined {
        const lists = Lists.of(link);
        const wasFull = lists.keys.size >= mostStreams;
        const left = lists.letGo(gone);
        // There is room for who had been refused.
        if (wasFull && left.length > 0) for (const channel of host.channels) link.forgive(carry(channel) ?? '');
        if (left.length > 0) return { frame: { method: 'UNSUBSCRIBE', params: left, id }, gone: left };
        const all = [...owed];
        const room = mostStreams - lists.keys.size;
        if (all.length > room) refuseBeyond(all.slice(room), link);
        const asked = lists.ask(all, room);
        return asked.length > 0 ? { frame: { method: 'SUBSCRIBE', params: asked, id }, asked } : undefined;
      },
      // The pings of the exchange are no frames that one sees; a quiet symbol says nothing for minutes.
      ping: (id) => ({ method: 'GET_PROPERTY', params: ['combined'], id }),
      read(message, link) {
        const frame = record(message);
        if (frame === undefined) return { path: '', reason: 'expected an object' };
        const { stream, id, error } = frame;
        const data = record(frame['data']);
        if (typeof stream === 'string' && data !== undefined) {
          if (stream === '!serverShutdown') link.moving(host.random() * shutdownSpreadMs, leaveMs);
          else if (stream.endsWith(kind.suffix)) return priced(stream, data, message, link);
          else link.unknown(message);
        } else if (record(error) !== undefined || 'code' in frame) answered(id, record(error) ?? frame, link);
        else if ('result' in frame) answered(id, undefined, link);
        else if ('e' in frame || 'u' in frame)
          return { path: '', reason: 'expected a combined stream: the address has to end in /stream' };
        else link.unknown(message);
        return undefined;
      },
      opened() {
        const inMs = dayMs - leaveMs - host.random() * spreadMs;
        host.timers.start('day', inMs, () => host.inTurn(() => host.link?.moving(0, leaveMs)));
      },
      lost() {
        // Of a move the other one is left.
        if (host.link === undefined) host.timers.stop('day');
      },
      closed,
      released(channel) {
        const stream = carry(channel);
        if (stream !== undefined) order.forget(stream);
      },
    };
  };
}
