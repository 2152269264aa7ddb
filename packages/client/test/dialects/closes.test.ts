import { describe, expect, it } from 'vitest';
import { lifeIn, type LifeBench, type Status } from '../kernel/life-bench.js';
import { DialectBench } from './dialect-bench.js';
import { spoken } from './spoken.js';

/** What becomes of a life whose socket closes like this, as a client of the contract understands it. */
function closed(
  from: Status,
  code: number,
  reason = '',
  dialect: 'tickwire' | 'coins' | 'metals' = 'tickwire',
): LifeBench {
  const bench = new DialectBench(spoken(dialect).dialect).open();
  return lifeIn(from).closed(code, { reason, verdict: bench.close(code, reason) });
}

describe('a close of the contract', () => {
  it.each<[Status, number, string]>([
    ['connecting', 1006, 'reconnecting'],
    ['connected', 1006, 'reconnecting'],
    ['connecting', 4403, 'failed'],
    ['connected', 4403, 'failed'],
    ['connected', 1000, 'closed'],
    ['connected', 4409, 'closed'],
  ])('%s × closed(%i) → %s', (from, code, to) => {
    for (const dialect of ['tickwire', 'coins', 'metals'] as const)
      expect(closed(from, code, '', dialect).status).toBe(to);
  });

  it.each<[number, string, RegExp]>([
    [4400, 'BAD_MESSAGE', /too many bad messages.*dialect option/],
    [4403, 'FORBIDDEN_CHANNEL', /forbidden.*rights of the token/],
    [4406, 'UNSUPPORTED_VERSION', /version is not supported.*Update @tickwire\/client/],
    [4477, 'CONNECT_FAILED', /does not know/],
  ])('%i fails with %s, the close code, and words of what to do', (code, name, words) => {
    for (const state of ['connecting', 'connected'] as const) {
      const bench = closed(state, code, 'as it is');
      const error = { code: name, closeCode: code, retryable: false, message: expect.stringMatching(words) as string };
      expect(bench.life.state).toMatchObject({ status: 'failed', error });
      expect(bench.asked).toContain(`report ${name}`);
    }
  });

  it('waits as long as the server asks', () => {
    expect(closed('connected', 4429, 'rate_limited;ra=40000').is).toBe('reconnecting in 40375');
    expect(closed('connected', 1012, 'restart;ra=2000;sp=60000').is).toBe('reconnecting in 32000');
  });

  it('and a wake-up does not skip what the server asked for', () => {
    const bench = closed('connected', 4429, 'x;ra=40000').pass(5_000).surroundings(true, true, true);
    expect(bench.is).toBe('reconnecting in 35000');
  });
});
