/** F60: somebody sets the machine's clock while prices are fetched and watched; cool-downs, pauses and rhythms stay what they are. */
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AlertBook } from '../src/alerts/alert-book.js';
import { createAlertWatch } from '../src/alerts/alert-watch.js';
import type { Clock } from '../src/clock.js';
import { FairTurns } from '../src/services/fair-turns.js';
import { createCoinbaseSource } from '../src/sources/coinbase.js';
import { createHttpSource } from '../src/sources/http.js';
import type { PriceSource, SourceTick } from '../src/sources/price-source.js';
import { createReplaySource } from '../src/sources/replay.js';
import { createSimulatedSource } from '../src/sources/simulated.js';
import { startExchange, ticker } from './exchange-server.js';
import { createManualClock, type ManualClock } from './manual-clock.js';
import { coinTick } from './manual-source.js';
import { createPriceLog, until } from './price-log.js';
import { startTestServer } from './test-server.js';

const hour = 3_600_000;
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function started<T extends PriceSource>(source: T): { source: T; log: ReturnType<typeof createPriceLog> } {
  const log = createPriceLog();
  closers.push(() => source.stop());
  void source.start(log);
  return { source, log };
}

describe.each([
  ['back', -hour],
  ['forward', hour],
])('F60: a clock that is set %s by an hour', (_case, step) => {
  it('makes the cool-down of an alert neither longer nor shorter, and what is told of it is the instant', () => {
    const clock = createManualClock();
    const book = new AlertBook({ catalog: { coinIdOf: String }, limits: { alertsPerUser: 1, maxAlerts: 1 } });
    const told: string[] = [];
    const watch = createAlertWatch({
      book,
      clock,
      turns: new FairTurns({ steps: 1_000 }),
      tell: (_userId, { data }) => Promise.resolve(void told.push(data.triggeredAt)),
    });
    book.create('u', { alertType: 'whale_movement', condition: { usdValue: 1 }, cooldownMs: 300_000 });
    const whale = () =>
      watch('pepe', {
        type: 'whale_movement',
        coinId: 'pepe',
        timestamp: '2026-01-01T00:00:00Z',
        data: {
          ...{ coinId: 'pepe', txHash: '', fromAddress: '', toAddress: '', amount: 1, usdValue: 5 },
          timestamp: '2026-01-01T00:00:00Z',
        },
      });
    whale();
    clock.set(step);
    clock.leap(299_999);
    whale();
    expect(told).toHaveLength(1);
    clock.leap(1);
    whale();
    expect(told).toEqual(['2026-01-01T00:00:00.000Z', new Date(clock.now()).toISOString()]);
    expect(book.list('u')).toMatchObject([{ triggeredAt: told[1] }]);
  });

  it('leaves a replay its rhythm', async () => {
    const clock = createManualClock();
    const line = (receivedAt: number, price: string) =>
      JSON.stringify({ receivedAt, frame: JSON.stringify(ticker('ABC-USD', price, 1)) });
    const text = ['1', '2', '3'].map((price, index) => line(index * 1_000, price)).join('\n');
    const { log } = started(createReplaySource({ clock, read: () => Promise.resolve(text), speed: 1 }));
    await until('the first price', () => log.told.length === 1);
    clock.set(step);
    clock.advance(999);
    expect(log.lines).toEqual(['abc-usd 1']);
    clock.advance(1);
    expect(log.lines).toEqual(['abc-usd 1', 'abc-usd 2']);
    clock.advance(1_000);
    expect(log.lines).toHaveLength(3);
  });

  it('begins no day of a simulated price early or late', () => {
    const pricesOver = (steps: readonly number[]) => {
      const clock = createManualClock();
      const { log } = started(
        createSimulatedSource({ clock, seed: 1, intervalMs: hour, volatilityPercent: 1, kinds: ['metal'] }),
      );
      for (const by of steps) {
        clock.set(by);
        clock.advance(hour);
      }
      return log.told.map(({ timestamp: _timestamp, ...tick }: SourceTick) => tick);
    };
    const hours = Array.from({ length: 30 }, (_, index) => index);
    expect(pricesOver(hours.map((index) => (index === 20 ? step : 0)))).toEqual(pricesOver(hours.map(() => 0)));
  });

  it('tells of refused prices of a source for a minute', async () => {
    const clock = createManualClock();
    const server = await startTestServer({}, {}, { clock });
    closers.push(() => server.close());
    const problem = async () => {
      const status = (await (await fetch(`${server.base}/api/status`)).json()) as {
        sources: Record<string, unknown>[];
      };
      return status.sources.find(({ name }) => name === 'manual')?.['problem'];
    };
    server.source.tell(coinTick('bitcoin', `1.${'5'.repeat(70_000)}`));
    await expect.poll(problem).toBe('Prices of this source are refused: see the log');
    clock.set(step);
    clock.leap(59_999);
    expect(await problem()).toBe('Prices of this source are refused: see the log');
    clock.leap(1);
    expect(await problem()).toBeUndefined();
  });
});

describe('F60: an exchange whose link breaks after the clock was set back', () => {
  async function linked(clock: ManualClock) {
    const exchange = await startExchange();
    closers.push(() => exchange.close());
    const { source, log } = started(
      createCoinbaseSource({
        clock,
        random: () => 1,
        url: exchange.url,
        products: ['BTC-USD'],
        silenceMs: 100 * hour,
      }),
    );
    await until('the question', () => exchange.asked.length === 1);
    return { exchange, source, log };
  }

  it('is dialled again as one whose link was good, at the instant that is told', async () => {
    const clock = createManualClock();
    const { exchange, source } = await linked(clock);
    exchange.cut();
    await until('the first failure', () => source.status().retryAt === clock.now() + 1_000);
    clock.advance(1_000);
    await until('the second question', () => exchange.asked.length === 2);
    clock.leap(10_000);
    clock.set(-hour);
    exchange.cut();
    await until('the end of the link', () => source.status().retryAt !== undefined);
    expect(source.status().retryAt).toBe(clock.now() + 1_000);
    clock.set(-hour);
    expect(source.status().retryAt).toBe(clock.now() + 1_000);
  });

  it('says how many trades were missed in between', async () => {
    const clock = createManualClock();
    const { exchange, source, log } = await linked(clock);
    exchange.say(ticker('BTC-USD', '1', 1));
    await until('the first price', () => log.told.length === 1);
    clock.leap(600_000);
    clock.set(-hour);
    exchange.say(ticker('BTC-USD', '2', 500_002));
    await until('the second price', () => log.told.length === 2);
    expect(source.status()).toMatchObject({ missed: 500_000 });
  });

  it('ends a stale spell with the price that it repeats', async () => {
    const clock = createManualClock(1_767_225_700_000);
    const { exchange, log } = await linked(clock);
    exchange.say(ticker('BTC-USD', '1', 1));
    await until('the price', () => log.told.length === 1);
    exchange.cut();
    await until('the timers of the retry and of staleness', () => clock.waiting === 2);
    clock.advance(15_000);
    await until('the second question', () => exchange.asked.length === 2);
    clock.set(-hour);
    exchange.say(ticker('BTC-USD', '1', 1));
    await until('the price again', () => log.told.length === 3);
    expect(log.lines).toEqual(['bitcoin 1', '~bitcoin 1', 'bitcoin 1']);
  });
});

describe('F60: a price API while the clock is set back', () => {
  const url = 'https://prices.test/api/v3/simple/price';
  const upstream = setupServer();
  beforeAll(() => upstream.listen({ onUnhandledRequest: 'bypass' }));
  afterEach(() => upstream.resetHandlers());
  afterAll(() => upstream.close());

  function polled(clock: ManualClock) {
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
    const { source, log } = started(
      createHttpSource({ clock: watched, random: () => 1, url, coins: ['bitcoin'], intervalMs: 60_000 }),
    );
    const settled = (count: number) =>
      until(`${count} answers`, () => source.status().connects === count && underWay === 0);
    return { source, log, settled };
  }

  it('is asked again when its pause is over, at the instant that is told', async () => {
    let asked = 0;
    upstream.use(
      http.get(url, () =>
        (asked += 1) === 1
          ? new HttpResponse('no', { status: 503, headers: { 'retry-after': '120' } })
          : HttpResponse.json({ bitcoin: { usd: 1 } }),
      ),
    );
    const clock = createManualClock();
    const { source, settled } = polled(clock);
    await settled(1);
    clock.set(-hour);
    expect(source.status().retryAt).toBe(clock.now() + 120_000);
    clock.advance(119_999);
    expect(source.status().connects).toBe(1);
    clock.advance(1);
    await settled(2);
    expect(source.status()).toMatchObject({ state: 'running' });
  });

  it('goes on where its prices have the times of their arrival', async () => {
    let price = 0;
    upstream.use(http.get(url, () => HttpResponse.json({ bitcoin: { usd: (price += 1) } })));
    const clock = createManualClock();
    const { log, settled } = polled(clock);
    await settled(1);
    clock.set(-hour);
    clock.advance(60_000);
    await settled(2);
    expect(log.lines).toEqual(['bitcoin 1', 'bitcoin 2']);
  });
});
