/** The public ticker feed of Coinbase Exchange over WebSocket. It needs no key, and it keeps trying for as long as it runs. */
import { WebSocket } from 'ws';
import { momentOf, type Clock } from '../clock.js';
import { backoffMs, defaultBackoff, type Backoff } from './backoff.js';
import { silentFeed, subscribeFrame, takeFrame } from './exchange-feed.js';
import { instrumentOfProduct, productOf } from './exchange-ticker.js';
import { retryAfterMsOf } from './http.js';
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
const handshakeMs = 10_000;
const largestFrameBytes = 1_048_576;
/** Longer than this an exchange is not left alone, whatever it asks for. */
const longestPauseMs = 300_000;
/** What clients are told of when a price that nothing confirmed counts as old. */
const quoteLifeMs = 60_000;

/** How a link came to its end. */
interface LinkEnd {
  readonly openedAt?: number | undefined;
  /** What the exchange asked for, in ms. */
  readonly pauseMs?: number;
}

/** Makes the source; nothing is dialled before `start`. */
export function createCoinbaseSource(options: CoinbaseSourceOptions): PriceSource {
  const { clock, random, url, backoff = defaultBackoff } = options;
  const { silenceMs = 10_000, stableMs = 10_000, staleAfterMs = 15_000 } = options;
  const products = new Map(options.products.map(productOf).map((product) => [product.productId, product]));
  const last = new LastTicks();
  /** Coins whose newest ticker could not be read. */
  const unread = new Set<string>();
  let feed = silentFeed;
  let state: SourceStatus['state'] = 'idle';
  let problem: string | undefined;
  let ticks = 0;
  let lastTickAt: number | undefined;
  let connects = 0;
  let failures = 0;
  /** By the monotonic clock, like all from which a span is reckoned. */
  let retryAt: number | undefined;
  let socket: WebSocket | undefined;
  let cancelRetry: (() => void) | undefined;
  let cancelSilence: (() => void) | undefined;
  let cancelStale: (() => void) | undefined;

  function drop(): void {
    cancelSilence?.();
    cancelSilence = undefined;
    const old = socket;
    socket = undefined;
    old?.terminate();
  }

  /** Gives a new link its time to tell a price. */
  function expectPrice(sink: PriceSink): void {
    cancelStale ??= clock.after(staleAfterMs, () => {
      if (state === 'connecting') state = 'failing';
      const gone = last.goStale();
      if (gone.length > 0) sink.ticks(gone);
    });
  }

  function retry(sink: PriceSink, why: string, { openedAt, pauseMs = 0 }: LinkEnd): void {
    drop();
    if (state === 'stopped') return;
    state = 'failing';
    problem = why;
    failures = openedAt !== undefined && clock.monotonic() - openedAt >= stableMs ? 1 : failures + 1;
    const delayMs = Math.max(backoffMs(backoff, failures, random()), Math.min(pauseMs, longestPauseMs));
    retryAt = clock.monotonic() + delayMs;
    cancelRetry = clock.after(delayMs, () => dial(sink));
    expectPrice(sink);
  }

  function unreadProblem(): string | undefined {
    if (unread.size === 0) return undefined;
    return `The exchange tells prices that cannot be read: ${[...unread].slice(0, 3).join(', ')}`;
  }

  /** There is a newer price, and nobody knows it: what was told is old, and where that is so of all, the source fails. */
  function takeUnread(sink: PriceSink, coinId: string): void {
    unread.add(coinId);
    problem = unreadProblem();
    if (unread.size >= products.size) state = 'failing';
    const gone = last.goStale(new Set([coinId]));
    if (gone.length > 0) sink.ticks(gone);
  }

  function take(sink: PriceSink, text: string): boolean {
    const step = takeFrame(feed, text, products, name, momentOf(clock));
    feed = step.state;
    if (step.refused) return false;
    if (step.unread !== undefined) takeUnread(sink, step.unread);
    if (!step.works) return true;
    if (step.tick !== undefined) unread.delete(step.tick.id);
    // Only a price proves that the feed works: a link that is granted nothing beats as well.
    cancelStale?.();
    cancelStale = undefined;
    state = 'running';
    problem = unreadProblem();
    const told = step.tick === undefined ? [] : [step.tick];
    // Two trades may share price and time; what is repeated is news only where it ends a stale spell.
    const news = step.isRepeat ? last.news(told, clock.now()) : last.keep(told);
    if (news.length === 0) return true;
    ticks += news.length;
    lastTickAt = clock.now();
    sink.ticks(news);
    return true;
  }

  function dial(sink: PriceSink): void {
    retryAt = undefined;
    if (state === 'idle') state = 'connecting';
    connects += 1;
    let openedAt: number | undefined;
    const current = new WebSocket(url, {
      handshakeTimeout: handshakeMs,
      maxPayload: largestFrameBytes,
      perMessageDeflate: false,
      followRedirects: false,
    });
    socket = current;
    const fail = (why: string, pauseMs = 0): void => {
      if (socket === current) retry(sink, why, { openedAt, pauseMs });
    };
    const listen = (): void => {
      cancelSilence?.();
      cancelSilence = clock.after(silenceMs, () => fail('The exchange fell silent'));
    };
    current.on('open', () => {
      if (socket !== current) return;
      openedAt = clock.monotonic();
      // Each new link is refused as well: what is wrong must not flicker meanwhile.
      if (problem !== refusal) problem = 'The exchange is linked and has told no price yet';
      listen();
      current.send(subscribeFrame(products.values()), () => undefined);
    });
    current.on('message', (data, isBinary) => {
      if (socket !== current) return;
      listen();
      const text = isBinary ? '' : (data as Buffer).toString('utf8');
      if (!take(sink, text)) fail(refusal);
    });
    current.on('unexpected-response', (_request, { statusCode = 0, headers }) => {
      const pauseMs = retryAfterMsOf(headers['retry-after'] ?? null, clock.now());
      fail(`The exchange answered the upgrade with status ${statusCode}: check PRICE_URL`, pauseMs);
    });
    // ws says why in `error` and then closes; the words are its own and may quote the peer.
    current.on('error', () => {
      fail(openedAt === undefined ? 'The exchange could not be reached' : 'The link to the exchange broke');
    });
    current.on('close', (code) => fail(`The exchange closed the link (${code})`));
  }

  return {
    name,
    start(sink) {
      if (state !== 'idle' && state !== 'stopped') return Promise.resolve();
      state = 'idle';
      sink.instruments(Array.from(products.values(), (product) => instrumentOfProduct(product, name, quoteLifeMs)));
      expectPrice(sink);
      dial(sink);
      return Promise.resolve();
    },
    stop() {
      state = 'stopped';
      retryAt = undefined;
      cancelRetry?.();
      cancelStale?.();
      cancelStale = undefined;
      drop();
      return Promise.resolve();
    },
    status: () => ({
      name,
      state,
      ticks,
      connects,
      missed: feed.missed,
      outdated: feed.outdated,
      invalid: feed.invalid,
      ...(lastTickAt === undefined ? {} : { lastTickAt }),
      ...(problem === undefined ? {} : { problem }),
      ...(retryAt === undefined ? {} : { retryAt: clock.now() + retryAt - clock.monotonic() }),
    }),
  };
}
