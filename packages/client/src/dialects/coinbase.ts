/** The ticker feed of Coinbase Exchange: one list for all products, answers without ids, a beat for each product. docs/exchanges.md. */
import type { Ask, Dialect, DialectHost, DialectLink, Fault, Quote, Work } from '../kernel/dialect.js';
import type { Tick } from '../kernel/prices.js';
import { decimal, exchangeError, isCount, keepsOn, Lists, Order, record, textOf } from './exchange.js';

/** A frame of the `ticker` channel, as it came. */
export interface CoinbaseTicker {
  readonly type: 'ticker';
  /** `BTC-USD` */
  readonly product_id: string;
  /** The last trade's price, as a decimal. */
  readonly price: string;
  readonly time?: string;
  readonly trade_id?: number;
  readonly sequence?: number;
  readonly last_size?: string;
  readonly side?: 'buy' | 'sell';
  readonly best_bid?: string;
  readonly best_ask?: string;
  readonly best_bid_size?: string;
  readonly best_ask_size?: string;
  readonly open_24h?: string;
  readonly high_24h?: string;
  readonly low_24h?: string;
  /** In units of what is quoted, as `volume_30d`. */
  readonly volume_24h?: string;
  readonly volume_30d?: string;
}

/** What the channels of Coinbase Exchange deliver: `coin:btc-usd`. */
export interface CoinbaseChannels {
  [channel: `coin:${string}`]: Tick<`coin:${string}`, CoinbaseTicker>;
}

const channelPattern = /^coin:([a-z\d]{1,20}-[a-z\d]{1,20})$/i;
const productPattern = /^[A-Z\d]{1,20}-[A-Z\d]{1,20}$/;
const timePattern = /^\d{4}-\d\d-\d\dT.{1,30}$/;
/** The product whose beat is asked for where nothing else is. */
const pulse = 'BTC-USD';

/** Asks for products, or lets them go. */
function frameOf(type: 'subscribe' | 'unsubscribe', products: readonly string[], ticker = ['ticker']): unknown {
  return { type, product_ids: products, channels: [...ticker, 'heartbeat'] };
}

/** What a ticker says of a product; figures that cannot be are left out. */
function quoteOf(ticker: CoinbaseTicker, channel: string, price: number): Quote {
  const { product_id: product, price: text, time: timestamp, open_24h: opened } = ticker;
  const quote: Quote = { channel, id: channel.slice(5), price, currency: product.split('-')[1] ?? '', timestamp };
  const [open, high, low, volume] = [opened, ticker.high_24h, ticker.low_24h, ticker.volume_24h].map(decimal);
  if (high !== undefined) quote.high = high;
  if (low !== undefined) quote.low = low;
  // What is counted in coins is told as what it is worth at the price; more digits would only look exact.
  if (volume !== undefined) quote.volume24h = Number((volume * price).toPrecision(12));
  if (open === undefined || open <= 0) return quote;
  const digits = Math.max(...[text, String(opened)].map((each) => each.split('.')[1]?.length ?? 0));
  quote.change = Number((price - open).toFixed(digits));
  quote.changePercent = Number((((price - open) / open) * 100).toFixed(4));
  return quote;
}

/**
 * The dialect of Coinbase Exchange: the last trade's price of each product, told anew with each match.
 *
 * @example new PriceStream('wss://ws-feed.exchange.coinbase.com', { dialect: coinbase() }).subscribe('coin:btc-usd', (tick) => …)
 */
export function coinbase(): (host: DialectHost) => Dialect<CoinbaseChannels> {
  return (host) => {
    const trades = new Order(host);
    const productOf = (channel: string): string | undefined => channelPattern.exec(channel)?.[1]?.toUpperCase();
    const beating = new WeakSet<DialectLink>();

    function ticked(ticker: CoinbaseTicker, link: DialectLink): Fault | undefined {
      const { product_id: product, price: text, time, trade_id: trade } = ticker;
      if (!productPattern.test(textOf(product))) return { path: 'product_id', reason: 'expected a product' };
      const price = decimal(text);
      if (price === undefined || price <= 0) return { path: 'price', reason: 'expected a decimal above 0' };
      const at = timePattern.test(textOf(time)) ? Date.parse(textOf(time)) : NaN;
      if (time !== undefined && Number.isNaN(at)) return { path: 'time', reason: 'expected a time' };
      const seq = isCount(trade) ? trade : undefined;
      const wanted = [...link.channels(product)];
      // A new link repeats the last trade, which confirms its price; what is late is not told.
      if (wanted.length > 0 && seq !== undefined && trades.take(product, seq, at, true) < 0) {
        host.counters.duplicates += 1;
        return undefined;
      }
      for (const channel of wanted.length > 0 ? wanted : [`coin:${product.toLowerCase()}`])
        link.price(quoteOf(ticker, channel, price), ticker, seq);
      return undefined;
    }

    /** The list of all that stands; an answer to whatever was asked last. */
    function listed(channels: unknown, link: DialectLink): void {
      const tickers = Array.isArray(channels)
        ? channels.map(record).find((each) => each?.['name'] === 'ticker')
        : undefined;
      const products = new Set<unknown>(Array.isArray(tickers?.['product_ids']) ? tickers['product_ids'] : []);
      for (const { id, keys, gone } of link.unanswered) {
        for (const key of gone ? [] : keys) if (products.has(key)) link.confirmed(key, id);
        // An answer to something older does not have them.
        if (!keys.every((key) => products.has(key) !== gone)) return;
        link.answered(id);
        if (!gone) Lists.of(link).granted();
        link.pump();
        return;
      }
    }

    function refused({ message, reason }: Readonly<Record<string, unknown>>, link: DialectLink): void {
      const text = [message, reason].map(textOf).filter(Boolean).join(': ');
      const [code, advice] = /limit|exceed|too many/i.test(text)
        ? [
            'TOO_MANY_SUBSCRIPTIONS',
            ' Ten connections at once may hold a product: close others, or raise the limit there.',
          ]
        : /product|valid/i.test(text)
          ? ['UNKNOWN_CHANNEL', ' Check the name: https://api.exchange.coinbase.com/products lists them.']
          : ['INTERNAL', ''];
      const error = exchangeError(code, text, advice);
      const [request] = link.unanswered;
      const lists = Lists.of(link);
      const names = new Set(text.split(/[^\w-]+/));
      if (request !== undefined) {
        link.answered(request.id);
        const faulty = request.gone ? [] : lists.refused(link, request, error, (product) => names.has(product));
        link.pump();
        // Shorter lists find out which it is.
        if (faulty.length === 0 && !error.retryable) return;
      }
      if (lists.isNews(text)) host.report(error);
    }

    return {
      name: 'coinbase',
      // Ten a second are let through; that is for an address, which others may share.
      pace: { count: 5, windowMs: 1_000 },
      // Each product beats once a second.
      silenceMs: 10_000,
      carry: productOf,
      ask({ gone, owed }: Work, _id: string, link: DialectLink): Ask | undefined {
        // Answers name no question: one at a time.
        for (const _request of link.unanswered) return undefined;
        const lists = Lists.of(link);
        const left = lists.letGo(gone);
        if (left.length > 0) return { frame: frameOf('unsubscribe', left), gone: left };
        const asked = lists.ask(owed);
        return asked.length > 0 ? { frame: frameOf('subscribe', asked), asked } : undefined;
      },
      owed(link) {
        // A link that has asked for nothing is closed after 5 s, and one on which nothing beats looks dead.
        if (beating.has(link) || Lists.of(link).keys.size > 0) return undefined;
        for (const channel of host.channels) {
          const product = productOf(channel);
          if (product !== undefined && link.asked(product)?.status !== 'refused') return undefined;
        }
        beating.add(link);
        return frameOf('subscribe', [pulse], []);
      },
      read(message, link) {
        const frame = record(message);
        if (frame === undefined) return { path: '', reason: 'expected an object' };
        const { type, product_id: product, last_trade_id: trade } = frame;
        if (type === 'ticker') return ticked(frame as unknown as CoinbaseTicker, link);
        if (type === 'subscriptions') listed(frame['channels'], link);
        else if (type === 'error') refused(frame, link);
        else if (type !== 'heartbeat') link.unknown(message);
        else if (isCount(trade)) for (const channel of link.channels(textOf(product))) link.head(channel, trade);
        return undefined;
      },
      closed: keepsOn,
      released(channel) {
        const product = productOf(channel);
        if (product !== undefined) trades.forget(product);
      },
    };
  };
}
