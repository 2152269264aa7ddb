/** The public ticker feed of Coinbase Exchange over a stream of the client. It needs no key, and it keeps trying for as long as it runs. */
import {
  PriceStream,
  PriceStreamError,
  type Dialect,
  type DialectHost,
  type StreamConnection,
} from '@tickwire/client/core';
import { coinbase } from '@tickwire/client/dialects';
import { momentOf, type Clock } from '../clock.js';
import { defaultBackoff, type Backoff } from './backoff.js';
import { silentFeed, takeMessage } from './exchange-feed.js';
import { exchangeSocket, streamClock } from './exchange-socket.js';
import { instrumentOfProduct, productOf } from './exchange-ticker.js';
import { LastTicks } from './last-ticks.js';
import type { PriceSink, PriceSource, SourceStatus } from './price-source.js';

/** What the source is made of. Spans in ms. */
export interface CoinbaseSourceOptions {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly url: string;
  /** `BTC-USD` … */
  readonly products: readonly string[];
  /** @default full jitter from 1 s, at most 30 s */
  readonly backoff?: Backoff;
  /** No frame for so long means that the link is dead; the exchange beats each second. @default 10000 */
  readonly silenceMs?: number;
  /** A link that lasted so long counts as good: the next failure is a first one. @default 10000 */
  readonly stableMs?: number;
  /** Prices are called stale, and the source failing, when no price has come over a new link for so long. @default 15000 */
  readonly staleAfterMs?: number;
}

const name = 'coinbase';
const refusal = 'The exchange refused the subscription: check PRICE_PRODUCTS';
const linked = 'The exchange is linked and has told no price yet';
/** What clients are told of when a price that nothing confirmed counts as old. */
const quoteLifeMs = 60_000;
/** The largest chance there is. */
const almostOne = 1 - Number.EPSILON;
/** A pause that the exchange asks for is kept to the millisecond: nobody else was told the same. */
const noSpreadMs = 0.5;

/** What is wrong, in this server's own words. */
function wordsOf(cause: PriceStreamError | null, wasLinked: boolean, upgrade: number | undefined): string {
  if (upgrade !== undefined) return `The exchange answered the upgrade with status ${upgrade}: check PRICE_URL`;
  if (cause?.message === refusal) return refusal;
  if (cause?.code === 'HEARTBEAT_TIMEOUT') return 'The exchange fell silent';
  if (cause?.code === 'BAD_MESSAGE') return 'The exchange tells what cannot be read';
  if (!wasLinked) return 'The exchange could not be reached';
  return cause?.cause === undefined
    ? `The exchange closed the link (${cause?.closeCode ?? 1006})`
    : 'The link to the exchange broke';
}

/** Makes the source; nothing is dialled before `start`. */
export function createCoinbaseSource(options: CoinbaseSourceOptions): PriceSource {
  const { clock, random, url, backoff = defaultBackoff } = options;
  const { silenceMs = 10_000, stableMs = 10_000, staleAfterMs = 15_000 } = options;
  const products = new Map(options.products.map(productOf).map((product) => [product.productId, product]));
  const last = new LastTicks();
  /** Coins whose newest ticker could not be read. */
  const unread = new Set<string>();
  /** Whether the exchange has refused a product on the link that stands. */
  let isRefused = false;
  let feed = silentFeed;
  let state: SourceStatus['state'] = 'idle';
  let problem: string | undefined;
  let ticks = 0;
  let lastTickAt: number | undefined;
  let connects = 0;
  /** Frames that were no message at all. */
  let garbled = 0;
  /** By the monotonic clock, like all from which a span is reckoned. */
  let retryAt: number | undefined;
  /** How the last upgrade was refused. */
  let upgrade: { readonly status: number; readonly pauseMs: number } | undefined;
  let wasLinked = false;
  let stream: PriceStream | undefined;
  let cancelStale: (() => void) | undefined;

  /** Gives a new link its time to tell a price. */
  function expectPrice(sink: PriceSink): void {
    cancelStale ??= clock.after(staleAfterMs, () => {
      if (state === 'connecting') state = 'failing';
      const gone = last.goStale();
      if (gone.length > 0) sink.ticks(gone);
    });
  }

  /** What is wrong with a feed that tells prices. */
  function problemOfPrices(): string | undefined {
    if (unread.size === 0) return isRefused ? refusal : undefined;
    return `The exchange tells prices that cannot be read: ${[...unread].slice(0, 3).join(', ')}`;
  }

  /** There is a newer price, and nobody knows it: what was told is old, and where that is so of all, the source fails. */
  function takeUnread(sink: PriceSink, coinId: string): void {
    unread.add(coinId);
    problem = problemOfPrices();
    if (unread.size >= products.size) state = 'failing';
    const gone = last.goStale(new Set([coinId]));
    if (gone.length > 0) sink.ticks(gone);
  }

  function take(sink: PriceSink, message: unknown): void {
    const step = takeMessage(feed, message, products, name, momentOf(clock));
    feed = step.state;
    if (step.unread !== undefined) takeUnread(sink, step.unread);
    if (!step.works) return;
    if (step.tick !== undefined) unread.delete(step.tick.id);
    // Only a price proves that the feed works: a link that is granted nothing beats as well.
    cancelStale?.();
    cancelStale = undefined;
    state = 'running';
    problem = problemOfPrices();
    const told = step.tick === undefined ? [] : [step.tick];
    // Two trades may share price and time; what is repeated is news only where it ends a stale spell.
    const news = step.isRepeat ? last.news(told, clock.now()) : last.keep(told);
    if (news.length === 0) return;
    ticks += news.length;
    lastTickAt = clock.now();
    sink.ticks(news);
  }

  /** The exchange's dialect, whose prices are read here: digit for digit, as this server passes them on. */
  function dialectOf(sink: PriceSink): (host: DialectHost) => Dialect {
    return (host) => {
      const dialect = coinbase()(host);
      return {
        ...dialect,
        silenceMs,
        read(message, link) {
          take(sink, message);
          if ((message as { type?: unknown } | null)?.type === 'ticker') return;
          dialect.read(message, link);
          // A product may be listed tomorrow: where nothing is granted, the exchange is asked again, ever more slowly.
          if ([...products.keys()].every((product) => link.asked(product)?.status === 'refused'))
            link.drop(new PriceStreamError('UNKNOWN_CHANNEL', refusal, { retryable: true }));
        },
        closed: () => ({
          ...{ action: 'retry', meaning: 'the exchange closed the link' },
          ...(upgrade === undefined
            ? {}
            : { minDelayMs: upgrade.pauseMs, spreadMs: upgrade.pauseMs > 0 ? noSpreadMs : 0 }),
        }),
      };
    };
  }

  function follow(sink: PriceSink, connection: StreamConnection): void {
    if (state === 'stopped') return;
    retryAt = undefined;
    if (connection.status === 'connecting') {
      upgrade = undefined;
      if (state === 'idle') state = 'connecting';
    } else if (connection.status === 'connected') {
      wasLinked = true;
      isRefused = false;
      // Each new link is refused as well: what is wrong must not flicker meanwhile.
      if (problem !== refusal) problem = linked;
    } else if (connection.status === 'reconnecting') {
      state = 'failing';
      problem = wordsOf(connection.cause, wasLinked, upgrade?.status);
      wasLinked = false;
      retryAt = clock.monotonic() + connection.retryAt - clock.now();
      expectPrice(sink);
    }
  }

  function open(sink: PriceSink): PriceStream {
    const { leastMs: minDelayMs, baseMs: baseDelayMs, mostMs: maxDelayMs } = backoff;
    const opened = new PriceStream(url, {
      dialect: dialectOf(sink),
      clock: streamClock(clock),
      random: () => Math.min(random(), almostOne),
      reconnect: { minDelayMs, baseDelayMs, maxDelayMs, stableAfterMs: stableMs },
      WebSocket: exchangeSocket(clock, {
        dialled: () => (connects += 1),
        refused: (status, pauseMs) => (upgrade = { status, pauseMs }),
      }),
    });
    opened.on('connection', (connection) => follow(sink, connection));
    opened.on('invalid', () => (garbled += 1));
    // What is refused among what is granted.
    opened.on('error', ({ retryable }) => {
      if (retryable) return;
      isRefused = true;
      problem = refusal;
    });
    opened.subscribe(
      Array.from(products.keys(), (product) => `coin:${product.toLowerCase()}`),
      () => undefined,
    );
    return opened;
  }

  return {
    name,
    start(sink) {
      if (state !== 'idle' && state !== 'stopped') return Promise.resolve();
      state = 'idle';
      sink.instruments(Array.from(products.values(), (product) => instrumentOfProduct(product, name, quoteLifeMs)));
      expectPrice(sink);
      stream = open(sink);
      return Promise.resolve();
    },
    async stop() {
      state = 'stopped';
      retryAt = undefined;
      cancelStale?.();
      cancelStale = undefined;
      await stream?.close();
    },
    status: () => ({
      name,
      state,
      ticks,
      connects,
      missed: feed.missed,
      outdated: feed.outdated,
      invalid: feed.invalid + garbled,
      ...(lastTickAt === undefined ? {} : { lastTickAt }),
      ...(problem === undefined ? {} : { problem }),
      ...(retryAt === undefined ? {} : { retryAt: clock.now() + retryAt - clock.monotonic() }),
    }),
  };
}
