/** Polls a JSON price API: one request at a time, none while its answer is fresh or the upstream is better left alone. */
import type { Clock } from '../clock.js';
import { BodyTooBigError, readBody } from './bounded-body.js';
import { afterFailure, closedBreaker, defaultBreakerPolicy, mayAsk, type BreakerPolicy } from './circuit-breaker.js';
import { parseJson } from './exchange-ticker.js';
import { LastTicks } from './last-ticks.js';
import type { PriceSink, PriceSource, SourceStatus, SourceTick } from './price-source.js';
import { instrumentOfCoin, questionUrl, readSimplePrices, type SimplePrices } from './simple-price.js';
import { staleAfter } from './simulated.js';

/** What the source is made of. Spans in ms. */
export interface HttpSourceOptions {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Without its query: `https://api.example/api/v3/simple/price`. */
  readonly url: string;
  /** Ids of the API: `bitcoin` … */
  readonly coins: readonly string[];
  /** @default USD */
  readonly currency?: string;
  /** How long an answer counts as fresh: no question before that. */
  readonly intervalMs: number;
  /** @default the global `fetch` */
  readonly fetch?: typeof fetch;
  /** @default 3 failures, then pauses from 30 s to 5 min */
  readonly breaker?: BreakerPolicy;
  /** @default 10000 */
  readonly timeoutMs?: number;
}

const name = 'http';
const largestAnswerBytes = 1_048_576;
/** Quiet coins are updated every few minutes; beyond this the API repeats what it once knew. */
const leastOldMs = 900_000;

/** Why an answer is none; the words are this server's own. */
class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  constructor(
    message: string,
    readonly retryAfterMs = 0,
  ) {
    super(message);
  }
}

/** What is missing of an answer that gave prices. */
function problemOf(told: readonly SourceTick[], unread: readonly string[]): string | undefined {
  if (unread.length > 0) {
    const more = unread.length > 3 ? ` and ${unread.length - 3} more` : '';
    return `The price API gave no price of ${unread.slice(0, 3).join(', ')}${more}: check PRICE_COINS`;
  }
  return told.every(({ stale }) => stale) ? 'The price API repeats old prices' : undefined;
}

/** What `Retry-After` asks for, in ms: seconds or a date; 0 for none. */
export function retryAfterMsOf(header: string | null, now: number): number {
  if (header === null) return 0;
  const waitMs = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : 0;
}

/** Makes the source; nothing is asked before `start`. */
export function createHttpSource(options: HttpSourceOptions): PriceSource {
  const { clock, random, coins, currency = 'USD', intervalMs, timeoutMs = 10_000 } = options;
  const policy = options.breaker ?? defaultBreakerPolicy;
  const question = questionUrl(options.url, coins, currency);
  const last = new LastTicks();
  let breaker = closedBreaker;
  let state: SourceStatus['state'] = 'idle';
  let problem: string | undefined;
  let ticks = 0;
  let lastTickAt: number | undefined;
  let connects = 0;
  let invalid = 0;
  /** By the monotonic clock. */
  let nextAt = 0;
  let cancelNext: (() => void) | undefined;
  let asking: { readonly controller: AbortController; readonly settled: Promise<void> } | undefined;

  async function ask(signal: AbortSignal): Promise<SimplePrices> {
    connects += 1;
    const response = await (options.fetch ?? fetch)(question, {
      signal,
      headers: { accept: 'application/json' },
      redirect: 'error',
    });
    if (!response.ok) {
      // Not awaited: a body that is shared settles its cancel only when every reader has let go.
      response.body?.cancel().catch(() => undefined);
      const retryAfterMs = retryAfterMsOf(response.headers.get('retry-after'), clock.now());
      throw new UpstreamError(`The price API answered with status ${response.status}`, retryAfterMs);
    }
    const text = await readBody(response, largestAnswerBytes, signal);
    const prices = readSimplePrices(parseJson(text), {
      coins,
      currency,
      receivedAt: clock.now(),
      oldAfterMs: Math.max(leastOldMs, 3 * intervalMs),
      source: name,
    });
    if (prices === undefined) throw new UpstreamError('The price API answered with no JSON object: check PRICE_URL');
    invalid += prices.unread.length;
    if (prices.ticks.length === 0) {
      throw new UpstreamError('The price API gave no prices: check PRICE_COINS and PRICE_CURRENCY');
    }
    return prices;
  }

  function tell(sink: PriceSink, news: readonly SourceTick[]): void {
    if (news.length > 0) sink.ticks(news);
  }

  function succeed(sink: PriceSink, { ticks: told, unread }: SimplePrices): void {
    breaker = closedBreaker;
    state = 'running';
    problem = problemOf(told, unread);
    const news = last.news(told, clock.now());
    ticks += news.length;
    if (news.length > 0) lastTickAt = clock.now();
    tell(sink, news);
    // What the answer left out is no longer vouched for by anybody.
    tell(sink, last.goStale(new Set(unread)));
  }

  function fail(sink: PriceSink, error: unknown, isLate: boolean): void {
    const isOwn = error instanceof UpstreamError;
    breaker = afterFailure(breaker, policy, clock.monotonic(), random(), isOwn ? error.retryAfterMs : 0);
    state = 'failing';
    if (isOwn) problem = error.message;
    else if (isLate) problem = `The price API did not answer within ${timeoutMs} ms`;
    else if (error instanceof BodyTooBigError) problem = 'The price API answered with too much: check PRICE_URL';
    else problem = 'The price API could not be reached';
    tell(sink, last.goStale());
  }

  async function poll(sink: PriceSink, controller: AbortController): Promise<void> {
    const cancelDeadline = clock.after(timeoutMs, () => controller.abort());
    try {
      const told = await ask(controller.signal);
      if (isStarted()) succeed(sink, told);
    } catch (error) {
      if (isStarted()) fail(sink, error, controller.signal.aborted);
    } finally {
      cancelDeadline();
      asking = undefined;
    }
    if (isStarted()) schedule(sink, intervalMs);
  }

  function schedule(sink: PriceSink, waitMs: number): void {
    nextAt = clock.monotonic() + waitMs;
    cancelNext = clock.after(waitMs, () => next(sink));
  }

  function next(sink: PriceSink): void {
    const now = clock.monotonic();
    if (!mayAsk(breaker, now)) {
      // A timer may fire a moment early.
      schedule(sink, Math.max(1, (breaker.openUntil ?? now) - now));
      return;
    }
    const controller = new AbortController();
    asking = { controller, settled: poll(sink, controller) };
  }

  /** What is told is an instant, though the wait is a span. */
  function retryAt(): number {
    return clock.now() + Math.max(nextAt, breaker.openUntil ?? 0) - clock.monotonic();
  }

  function isStarted(): boolean {
    return state !== 'idle' && state !== 'stopped';
  }

  return {
    name,
    start(sink) {
      if (isStarted()) return Promise.resolve();
      state = 'connecting';
      sink.instruments(coins.map((id) => instrumentOfCoin(id, currency, name, staleAfter(intervalMs))));
      next(sink);
      return Promise.resolve();
    },
    async stop() {
      state = 'stopped';
      cancelNext?.();
      cancelNext = undefined;
      asking?.controller.abort();
      await asking?.settled;
    },
    status: () => ({
      name,
      state,
      ticks,
      connects,
      invalid,
      ...(lastTickAt === undefined ? {} : { lastTickAt }),
      ...(problem === undefined ? {} : { problem }),
      ...(state === 'failing' ? { retryAt: retryAt() } : {}),
    }),
  };
}
