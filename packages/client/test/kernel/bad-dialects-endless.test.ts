import type { Ask, Dialect, DialectLink } from '@tickwire/client/core';
import { describe, expect, it } from 'vitest';
import { failedIn, failures, flawless, mine, StreamBench, wrong } from './stream-bench.js';

describe('a dialect that does something for ever', () => {
  it.each<[string, NonNullable<Dialect['ask']>]>([
    ['for what it has asked for', () => ({ frame: {}, asked: ['a'] })],
    [
      'and lets go in turns',
      ({ owed }) => ([...owed].length > 0 ? { frame: {}, asked: ['a'] } : { frame: {}, gone: ['a'] }),
    ],
    ['for more of its own, each time another', (_work, id): Ask => ({ frame: {}, asked: [id], own: true })],
  ])('asks %s: is stopped', async (_title, ask) => {
    const bench = await new StreamBench(mine({ ask })).connected('a');
    await bench.clock.advance(1_000);
    await bench.receive({ of: 'a', price: 1 });
    expect(failures(bench)).toEqual([failedIn('ask')]);
    expect([bench.status, bench.sockets.all.length, bench.ticks.length]).toEqual(['connected', 1, 1]);
    expect(bench.sent().length).toBeLessThanOrEqual(101);
    expect(bench.clock.pending).toBeLessThan(5);
  });

  it.each([
    ['urgent', 100],
    ['owed', 10_000],
  ] as const)('gives frames in %s(): is stopped, and what is wanted is asked for', async (hook, most) => {
    const bench = await new StreamBench(mine({ [hook]: () => ({ again: true }) })).connected('a');
    await bench.clock.advance(1_000);
    await bench.receive({ of: 'a', price: 1 });
    expect(failures(bench)).toEqual([failedIn(hook)]);
    expect([bench.status, bench.sockets.all.length, bench.ticks.length]).toEqual(['connected', 1, 1]);
    const sent = bench.sent();
    expect(sent).toContainEqual({ join: 'a' });
    expect(sent).toHaveLength(most + 1);
  });

  it('gives urgent frames within a budget: is stopped all the same, or nothing else would go out', async () => {
    const bench = await new StreamBench(
      mine({ pace: { count: 10, windowMs: 1_000 }, urgent: () => ({ again: true }) }),
    ).connected('a');
    await bench.clock.advance(12_000);
    expect(failures(bench)).toEqual([failedIn('urgent')]);
    expect(bench.sent()).toContainEqual({ join: 'a' });
  });

  it('owes frames within a budget: keeps to it', async () => {
    const bench = await new StreamBench(
      mine({ pace: { count: 10, windowMs: 1_000 }, owed: () => ({ again: true }) }),
    ).connected('a');
    await bench.clock.advance(9_999);
    expect(bench.sent()).toHaveLength(100);
    expect(bench.errors).toEqual([]);
  });

  it.each(['ask', 'urgent', 'owed', 'ping', 'signature', 'carry'] as const)(
    'pumps in %s(): is not heard',
    async (hook) => {
      let link: DialectLink | undefined;
      const real = flawless[hook] as ((...given: unknown[]) => unknown) | undefined;
      let calls = 0;
      const pumping = (...given: unknown[]): unknown => {
        calls += 1;
        if (calls > 1_000) throw new Error('for ever');
        link?.pump();
        return real?.(...given);
      };
      const bench = await new StreamBench(
        mine(wrong({ opened: (own: DialectLink) => (link = own), [hook]: pumping })),
      ).connected('a');
      bench.subscribe('b');
      await bench.clock.advance(15_000);
      expect(bench.errors).toEqual([]);
      expect(bench.sent()).toEqual([{ join: 'a' }, { join: 'b' }, { ping: 1 }]);
    },
  );
});
