import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../src/io/http.js';
import { upgradeVerdict } from '../../src/io/upgrade-verdict.js';
import { LifeBench } from '../kernel/life-bench.js';

describe('an upgrade that is answered in HTTP', () => {
  it.each([
    [401, NaN, 0, 2],
    [403, NaN, 0, 2],
    [403, 2_000, 2_000, 2],
    [429, NaN, 30_000, Infinity],
    [429, 2_000, 2_000, Infinity],
    [503, NaN, 0, Infinity],
    [503, 0, 250, Infinity],
    [503, -5_000, 250, Infinity],
    [503, 86_400_000, 300_000, Infinity],
    [503, Infinity, 0, Infinity],
    [302, NaN, 0, Infinity],
    [200, NaN, 0, Infinity],
  ])('with %i and a Retry-After of %d ms waits at least %d ms, %d times in a row', (status, waitMs, least, times) => {
    expect(upgradeVerdict(status, waitMs)).toMatchObject({
      action: 'retry',
      minDelayMs: least,
      maxInARow: times,
      httpStatus: status,
    });
  });

  it.each([
    ['120', 120_000],
    ['0', 0],
    ['1.5', 1_500],
    ['-3', -3_000],
    ['Thu, 01 Jan 1970 00:00:07 GMT', 6_000],
    ['1e400', Infinity],
    ['soon', NaN],
    ['', NaN],
    ['  ', NaN],
    [undefined, NaN],
    [['3', '4'], NaN],
  ])('reads a Retry-After of %j as %d ms', (header, expected) => {
    expect(retryAfterMs(header, 1_000)).toBe(expected);
  });
});

describe('a connection whose upgrade is refused', () => {
  const refused = (bench: LifeBench, status: number, waitMs = NaN): LifeBench =>
    bench.closed(1006, { verdict: upgradeVerdict(status, waitMs), httpStatus: status });

  it.each([
    [[401, 401, 401], 'TOKEN_REJECTED'],
    [[403, 403, 403], 'CONNECT_FAILED'],
    [[401, 403, 403], 'CONNECT_FAILED'],
  ])('fails at the third of %j in a row', (statuses, code) => {
    const bench = new LifeBench().connect();
    const seen = statuses.map((status) => {
      const { status: shown } = refused(bench, status);
      bench.fire('reconnect');
      return shown;
    });
    expect(seen).toEqual(['reconnecting', 'reconnecting', 'failed']);
    expect(bench.life.state).toMatchObject({
      error: {
        ...{ code, retryable: false },
        message: expect.stringMatching(
          /^The connection could not be made: the server refuses this client \(HTTP 40\d\)/,
        ) as string,
      },
    });
  });

  it('counts only refusals in a row', () => {
    const bench = new LifeBench().connect();
    for (const status of [403, 403, 503, 403, 403, 502, 401]) {
      expect(refused(bench, status).status).toBe('reconnecting');
      bench.fire('reconnect');
    }
  });

  it('waits as long as it is told, with jitter on top', () => {
    const delays = [0, 0.5, 0.999].map((chance) => {
      const bench = new LifeBench().connect();
      bench.chance = chance;
      return refused(bench, 503, 7_000).timers.get('reconnect') ?? NaN;
    });
    expect(delays[0]).toBe(7_000);
    expect(new Set(delays).size).toBe(3);
    expect(Math.max(...delays)).toBeLessThan(8_000);
  });

  it('is not hurried by a wake-up', () => {
    const bench = refused(new LifeBench().connect(), 429, 60_000).pass(5_000);
    expect(bench.surroundings(true, true, true).is).toBe('reconnecting in 55000');
  });
});
