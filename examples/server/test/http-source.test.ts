import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../src/clock.js';
import { afterFailure, closedBreaker, mayAsk } from '../src/sources/circuit-breaker.js';
import { backoffMs } from '../src/sources/backoff.js';
import { createHttpSource, retryAfterMsOf, type HttpSourceOptions } from '../src/sources/http.js';
import type { PriceSource } from '../src/sources/price-source.js';
import { questionUrl, readSimplePrices } from '../src/sources/simple-price.js';
import { createManualClock } from './manual-clock.js';
import { createPriceLog, until } from './price-log.js';

const url = 'https://prices.test/api/v3/simple/price';
const coins = ['bitcoin', 'pepe'];
const answer = (bitcoin: number | string, seconds = 1_767_225_600) => ({
  bitcoin: { usd: bitcoin, usd_market_cap: 2e12, usd_24h_vol: 3e10, usd_24h_change: -1.25, last_updated_at: seconds },
  pepe: { usd: '0.0000095', last_updated_at: seconds },
});

describe('an answer in the simple shape', () => {
  const read = (value: unknown) =>
    readSimplePrices(value, {
      coins,
      currency: 'USD',
      receivedAt: 1_767_225_700_000,
      oldAfterMs: 900_000,
      source: 'http',
    });

  it('is told with its own time and without rounding', () => {
    expect(read(answer(64_000.5))?.ticks).toEqual([
      {
        kind: 'coin',
        id: 'bitcoin',
        price: 64_000.5,
        marketCap: 2e12,
        volume24h: 3e10,
        priceChange24h: -1.25,
        currency: 'USD',
        source: 'http',
        timestamp: '2026-01-01T00:00:00.000Z',
      },
      {
        kind: 'coin',
        id: 'pepe',
        price: '0.0000095',
        currency: 'USD',
        source: 'http',
        timestamp: '2026-01-01T00:00:00.000Z',
      },
    ]);
  });

  it.each([
    ['an empty object', {}, 0, 2],
    ['a coin without a price', { bitcoin: {}, pepe: { usd: 1 } }, 1, 1],
    ['a price of null', { bitcoin: { usd: null } }, 0, 2],
    ['a price that is none', { bitcoin: { usd: 'free' }, pepe: { usd: [1] } }, 0, 2],
    ['a price of 0', { bitcoin: { usd: 0 } }, 1, 1],
    ['a coin that nobody asked for', { ethereum: { usd: 5 } }, 0, 2],
    ['an entry that is no object', { bitcoin: 5 }, 0, 2],
    ['a value beside the price that is none', { bitcoin: { usd: 1, usd_24h_vol: 'much' } }, 1, 1],
  ])('gives what can be read of %s', (_case, value, count, unread) => {
    const prices = read(value);
    expect(prices?.ticks).toHaveLength(count);
    expect(prices?.unread).toHaveLength(unread);
  });

  it.each([[null], ['x'], [5], [[]]])('%j is no answer', (value) => {
    expect(read(value)).toBeUndefined();
  });

  it('takes the time of its arrival where it has none that can be told', () => {
    for (const last_updated_at of [undefined, -1, 1e300, 'soon', 1_767_225_700_000, 1_767_226_001]) {
      expect(read({ bitcoin: { usd: 1, last_updated_at } })?.ticks[0]?.timestamp).toBe('2026-01-01T00:01:40.000Z');
    }
  });

  it('F70: is none where it is longer than any', () => {
    const answer = {
      bitcoin: { usd: `1.${'5'.repeat(70_000)}` },
      ethereum: { usd: '2', usd_market_cap: '1'.repeat(70_000) },
    };
    const reading = { coins: ['bitcoin', 'ethereum'], currency: 'USD', receivedAt: 0, oldAfterMs: 1, source: 'http' };
    expect(readSimplePrices(answer, reading)).toMatchObject({
      ticks: [{ id: 'ethereum', price: '2' }],
      unread: ['bitcoin'],
    });
  });

  it('is stale where its own time is long ago', () => {
    const [fresh, old] = [900, 901].map((seconds) => 1_767_225_700 - seconds);
    expect(read({ bitcoin: { usd: 1, last_updated_at: fresh } })?.ticks[0]).not.toHaveProperty('stale');
    expect(read({ bitcoin: { usd: 1, last_updated_at: old } })?.ticks[0]).toMatchObject({
      stale: true,
      timestamp: '2025-12-31T23:46:39.000Z',
    });
  });

  it('answers a question that names coins and currency', () => {
    expect(questionUrl(url, coins, 'USD')).toBe(
      `${url}?ids=bitcoin%2Cpepe&vs_currencies=usd&include_market_cap=true&include_24hr_vol=true&include_24hr_change=true&include_last_updated_at=true`,
    );
  });
});

describe('the circuit breaker', () => {
  const policy = { failuresToOpen: 3, pause: { leastMs: 100, baseMs: 1_000, mostMs: 4_000 } };
  const failedTimes = (count: number, random = 1) => {
    let breaker = closedBreaker;
    for (let failure = 0; failure < count; failure += 1) breaker = afterFailure(breaker, policy, 10_000, random);
    return breaker;
  };

  it.each([
    [0, undefined],
    [2, undefined],
    [3, 11_000],
    [4, 12_000],
    [5, 14_000],
    [50, 14_000],
  ])('after %d failures stays open until %s', (count, openUntil) => {
    expect(failedTimes(count).openUntil).toBe(openUntil);
  });

  it('lets one probe pass when its pause is over', () => {
    const breaker = failedTimes(3);
    expect(mayAsk(breaker, 10_999)).toBe(false);
    expect(mayAsk(breaker, 11_000)).toBe(true);
    expect(mayAsk(closedBreaker, 0)).toBe(true);
  });

  it('heeds the upstream that asks for a pause, up to its own longest', () => {
    expect(afterFailure(closedBreaker, policy, 10_000, 0, 2_000).openUntil).toBe(12_000);
    expect(afterFailure(closedBreaker, policy, 10_000, 0, 1e9).openUntil).toBe(14_000);
  });

  it.each([
    [null, 0],
    ['7', 7_000],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5_000],
    ['Thu, 01 Jan 2015 00:00:05 GMT', 0],
    ['soon', 0],
  ])('reads Retry-After %j as %d ms', (header, waitMs) => {
    expect(retryAfterMsOf(header, 1_767_225_600_000)).toBe(waitMs);
  });

  it.each([
    [1, 0, 250],
    [1, 1, 1_000],
    [3, 1, 4_000],
    [3, 0.5, 2_125],
    [99, 1, 30_000],
    [0, 1, 1_000],
  ])('waits after %d failures, with chance %d, for %d ms', (failures, random, waitMs) => {
    expect(backoffMs({ leastMs: 250, baseMs: 1_000, mostMs: 30_000 }, failures, random)).toBe(waitMs);
  });
});

describe('the source http', () => {
  const upstream = setupServer();
  const sources: PriceSource[] = [];
  beforeAll(() => upstream.listen({ onUnhandledRequest: 'error' }));
  afterEach(async () => {
    await Promise.all(sources.splice(0).map((source) => source.stop()));
    upstream.resetHandlers();
  });
  afterAll(() => upstream.close());

  function start(more: Partial<HttpSourceOptions> = {}) {
    const clock = createManualClock();
    const log = createPriceLog();
    let underWay = 0;
    // The deadline of a question is the timer that tells when it has been settled.
    const watched: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after(delayMs, callback) {
        const cancel = clock.after(delayMs, callback);
        if (delayMs !== 10_000) return cancel;
        underWay += 1;
        return () => {
          underWay -= 1;
          cancel();
        };
      },
    };
    const source = createHttpSource({
      clock: watched,
      random: () => 1,
      url,
      coins,
      intervalMs: 60_000,
      breaker: { failuresToOpen: 3, pause: { leastMs: 1_000, baseMs: 300_000, mostMs: 600_000 } },
      ...more,
    });
    sources.push(source);
    void source.start(log);
    /** Moves on to the next question and waits for what comes of it. */
    const settled = (count: number) =>
      until(`${count} answers`, () => source.status().connects === count && underWay === 0);
    return { clock, log, source, settled };
  }
  const answering = (...responses: (() => Response)[]) => {
    let index = 0;
    upstream.use(http.get(url, () => (responses[index++] ?? responses.at(-1))!()));
  };
  const json = (value: object) => () => HttpResponse.json(value as Record<string, never>);
  const status =
    (code: number, headers: Record<string, string> = {}) =>
    () =>
      new HttpResponse('no', { status: code, headers });

  it('names its instruments, asks once an interval, and tells what is new', async () => {
    answering(json(answer(1)), json(answer(1)), json(answer(2, 1_767_225_660)));
    const { clock, log, source, settled } = start();
    expect(log.known.map(({ channel }) => channel)).toEqual(['coin:bitcoin', 'coin:pepe']);
    await settled(1);
    clock.advance(59_999);
    expect(source.status().connects).toBe(1);
    clock.advance(1);
    await settled(2);
    expect(log.lines).toEqual(['bitcoin 1', 'pepe 0.0000095']);
    clock.advance(60_000);
    await settled(3);
    expect(log.lines.slice(2)).toEqual(['bitcoin 2', 'pepe 0.0000095']);
    expect(source.status()).toMatchObject({ state: 'running', ticks: 4, connects: 3 });
  });

  it('has one question under way, however long the answer takes', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let asked = 0;
    upstream.use(
      http.get(url, async () => {
        asked += 1;
        await held;
        return HttpResponse.json(answer(1));
      }),
    );
    const { clock, log, source } = start({ timeoutMs: 10_000_000 });
    await until('the question', () => asked === 1);
    clock.advance(600_000);
    expect(source.status().connects).toBe(1);
    release();
    await until('the answer', () => log.told.length === 2);
    expect(asked).toBe(1);
  });

  it('calls its prices stale under their own time when an answer fails, once, and fresh again after the next', async () => {
    answering(json(answer(1)), status(500), status(500), json(answer(1)));
    const { clock, log, source, settled } = start();
    await settled(1);
    const [first] = log.told;
    clock.advance(60_000);
    await settled(2);
    expect(log.lines).toEqual(['bitcoin 1', 'pepe 0.0000095', '~bitcoin 1', '~pepe 0.0000095']);
    expect(log.told[2]).toEqual({ ...first, stale: true });
    expect(source.status()).toMatchObject({ state: 'failing', problem: 'The price API answered with status 500' });
    clock.advance(60_000);
    await settled(3);
    expect(log.told).toHaveLength(4);
    clock.advance(60_000);
    await settled(4);
    expect(log.lines.slice(4)).toEqual(['bitcoin 1', 'pepe 0.0000095']);
    expect(source.status()).toMatchObject({ state: 'running' });
    expect(source.status()).not.toHaveProperty('problem');
  });

  const noObject = 'The price API answered with no JSON object: check PRICE_URL';
  const noPrices = 'The price API gave no prices: check PRICE_COINS and PRICE_CURRENCY';
  const unreachable = 'The price API could not be reached';
  it.each<[string, () => Response, string]>([
    ['a page', () => new HttpResponse('<html>'), noObject],
    ['a number that JSON does not have', () => new HttpResponse('{"bitcoin":{"usd":NaN}}'), noObject],
    ['a list', json([]), noObject],
    ['an empty object', json({}), noPrices],
    ['prices that are none', json({ bitcoin: { usd: 'NaN' }, pepe: { usd: '1e400' } }), noPrices],
    [
      'more than a mebibyte',
      () => new HttpResponse('x'.repeat(1_100_000)),
      'The price API answered with too much: check PRICE_URL',
    ],
    ['a refusal', status(403), 'The price API answered with status 403'],
    ['a broken connection', () => HttpResponse.error(), unreachable],
    [
      'another address',
      () => new HttpResponse(null, { status: 302, headers: { location: 'https://other.test/' } }),
      unreachable,
    ],
  ])('tells nothing of an answer that is %s, and says so', async (_case, response, problem) => {
    answering(response);
    const { log, source, settled } = start();
    await settled(1);
    expect(log.told).toEqual([]);
    expect(source.status()).toMatchObject({ state: 'failing', ticks: 0 });
    expect(source.status().problem).toBe(problem);
  });

  it('F70: counts each price that is longer than any, says whose it is, and fails when there is no other', async () => {
    const long = `1.${'5'.repeat(70_000)}`;
    answering(json(answer(long)), json({ bitcoin: { usd: long }, pepe: { usd: long } }), json(answer(1)));
    const { clock, log, source, settled } = start();
    await settled(1);
    expect(log.lines).toEqual(['pepe 0.0000095']);
    expect(source.status()).toMatchObject({
      state: 'running',
      invalid: 1,
      problem: 'The price API gave no price of bitcoin: check PRICE_COINS',
    });
    clock.advance(60_000);
    await settled(2);
    expect(log.lines.slice(1)).toEqual(['~pepe 0.0000095']);
    expect(source.status()).toMatchObject({ state: 'failing', invalid: 3, problem: noPrices });
    clock.advance(60_000);
    await settled(3);
    expect(log.lines.slice(2)).toEqual(['bitcoin 1', 'pepe 0.0000095']);
    expect(source.status()).toMatchObject({ state: 'running', invalid: 3 });
  });

  it('leaves an upstream alone that failed three times, then probes it once', async () => {
    answering(status(503), status(503), status(503), status(503), json(answer(1)));
    const { clock, log, source, settled } = start();
    await settled(1);
    for (const count of [2, 3]) {
      clock.advance(60_000);
      await settled(count);
    }
    expect(source.status().retryAt).toBe(clock.now() + 300_000);
    clock.advance(299_999);
    expect(source.status().connects).toBe(3);
    clock.advance(1);
    await settled(4);
    clock.advance(599_999);
    expect(source.status().connects).toBe(4);
    clock.advance(1);
    await settled(5);
    expect(log.told).toHaveLength(2);
    expect(source.status()).not.toHaveProperty('retryAt');
  });

  it('waits as long as the upstream asks it to', async () => {
    answering(status(429, { 'retry-after': '120' }), json(answer(1)));
    const { clock, source, settled } = start();
    await settled(1);
    clock.advance(119_999);
    expect(source.status().connects).toBe(1);
    clock.advance(1);
    await settled(2);
    expect(source.status().state).toBe('running');
  });

  it('gives up an answer that does not come in time', async () => {
    upstream.use(http.get(url, () => new Promise<Response>(() => undefined)));
    const { clock, source } = start({ timeoutMs: 5_000 });
    await until('the question', () => source.status().connects === 1);
    clock.advance(5_000);
    await until('the end of it', () => source.status().state === 'failing');
    expect(source.status().problem).toBe('The price API did not answer within 5000 ms');
  });

  it('gives up an answer that drips', async () => {
    const drip = new ReadableStream<Uint8Array>({
      start: (out) => out.enqueue(new TextEncoder().encode('{"bitcoin":')),
    });
    upstream.use(http.get(url, () => new HttpResponse(drip)));
    const { clock, log, source } = start({ timeoutMs: 5_000 });
    await until('the question', () => source.status().connects === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    clock.advance(5_000);
    await until('the end of it', () => source.status().state === 'failing');
    expect(source.status().problem).toBe('The price API did not answer within 5000 ms');
    expect(log.told).toEqual([]);
  });

  it('F34: is not frozen by a price from the future', async () => {
    answering(json(answer(1, 1_900_000_000)), json(answer(2, 1_767_225_660)));
    const { clock, log, settled } = start();
    await settled(1);
    clock.advance(60_000);
    await settled(2);
    expect(log.lines).toEqual(['bitcoin 1', 'pepe 0.0000095', 'bitcoin 2', 'pepe 0.0000095']);
    expect(log.told[0]?.timestamp).toBe('2026-01-01T00:00:00.000Z');
  });

  it('calls prices stale that the upstream has long repeated, once, and says so until it goes on', async () => {
    const old = json(answer(1));
    answering(old, old, old, old, old, old, json(answer(1, 1_767_228_600)));
    const { clock, log, source, settled } = start({ intervalMs: 500_000 });
    await settled(1);
    for (const count of [2, 3, 4]) {
      clock.advance(500_000);
      await settled(count);
    }
    expect(log.told).toHaveLength(2);
    for (const count of [5, 6]) {
      clock.advance(500_000);
      await settled(count);
    }
    expect(log.lines.slice(2)).toEqual(['~bitcoin 1', '~pepe 0.0000095']);
    expect(log.told[2]?.timestamp).toBe(log.told[0]?.timestamp);
    expect(source.status()).toMatchObject({ state: 'running', problem: 'The price API repeats old prices' });
    clock.advance(500_000);
    await settled(7);
    expect(log.lines.slice(4)).toEqual(['bitcoin 1', 'pepe 0.0000095']);
    expect(source.status()).not.toHaveProperty('problem');
  });

  it('calls a coin stale that the answer leaves out', async () => {
    answering(json(answer(1)), json({ bitcoin: { usd: 2, last_updated_at: 1_767_225_660 } }));
    const { clock, log, source, settled } = start();
    await settled(1);
    clock.advance(60_000);
    await settled(2);
    expect(log.lines.slice(2)).toEqual(['bitcoin 2', '~pepe 0.0000095']);
    expect(source.status()).toMatchObject({
      state: 'running',
      problem: 'The price API gave no price of pepe: check PRICE_COINS',
    });
  });

  it('passes over an answer that is older than what it told', async () => {
    answering(json(answer(2, 1_767_225_660)), json(answer(1, 1_767_225_600)));
    const { clock, log, settled } = start();
    await settled(1);
    clock.advance(60_000);
    await settled(2);
    expect(log.lines).toEqual(['bitcoin 2', 'pepe 0.0000095']);
  });

  it('stops in the middle of a question, and tells nothing more', async () => {
    let asked = 0;
    upstream.use(
      http.get(url, () => {
        asked += 1;
        return new Promise<Response>(() => undefined);
      }),
    );
    const { clock, log, source } = start();
    await until('the question', () => asked === 1);
    await source.stop();
    expect(clock.waiting).toBe(0);
    expect(log.told).toEqual([]);
    expect(source.status().state).toBe('stopped');
  });
});
