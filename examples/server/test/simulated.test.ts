import { describe, expect, it } from 'vitest';
import { createSimulatedSource } from '../src/sources/simulated.js';
import type { Instrument, SourceTick } from '../src/sources/price-source.js';
import { createManualClock } from './manual-clock.js';

async function started(kinds?: readonly ('coin' | 'metal')[]) {
  const clock = createManualClock();
  const source = createSimulatedSource({
    clock,
    seed: 42,
    intervalMs: 1_000,
    volatilityPercent: 0.5,
    ...(kinds && { kinds }),
  });
  const instruments: Instrument[] = [];
  const batches: SourceTick[][] = [];
  await source.start({
    instruments: (list) => instruments.push(...list),
    ticks: (ticks) => batches.push([...ticks]),
  });
  return { clock, source, instruments, batches };
}

describe('the simulated source', () => {
  it('has six coins in US dollars and four metals in rupees a gram', async () => {
    const { instruments } = await started();
    expect(instruments.map(({ channel, currency, unit }) => [channel, currency, unit])).toEqual([
      ['coin:bitcoin', 'USD', undefined],
      ['coin:ethereum', 'USD', undefined],
      ['coin:dogecoin', 'USD', undefined],
      ['coin:shiba-inu', 'USD', undefined],
      ['coin:pepe', 'USD', undefined],
      ['coin:solana', 'USD', undefined],
      ['metal:gold', 'INR', 'gram'],
      ['metal:silver', 'INR', 'gram'],
      ['metal:platinum', 'INR', 'gram'],
      ['metal:palladium', 'INR', 'gram'],
    ]);
  });

  it('tells all prices at once, and again on each interval until it is stopped', async () => {
    const { clock, source, batches } = await started();
    expect(batches).toHaveLength(1);
    clock.advance(3_000);
    expect(batches).toHaveLength(4);
    expect(batches.every((batch) => batch.length === 10)).toBe(true);
    expect(source.status()).toMatchObject({ name: 'simulated', state: 'running', ticks: 40 });
    await source.stop();
    clock.advance(60_000);
    expect(batches).toHaveLength(4);
    expect(clock.waiting).toBe(0);
  });

  it('walks the same way from the same seed', async () => {
    const [first, second] = [await started(), await started()];
    first.clock.advance(10_000);
    second.clock.advance(10_000);
    expect(first.batches).toEqual(second.batches);
  });

  it('labels everything as simulated', async () => {
    const { instruments, batches } = await started(['metal']);
    expect(instruments.map(({ id, source }) => [id, source])).toEqual(
      ['gold', 'silver', 'platinum', 'palladium'].map((id) => [id, 'simulated']),
    );
    expect(batches[0]!.every((tick) => tick.source === 'simulated' && tick.kind === 'metal')).toBe(true);
  });

  it('has as many instruments as it is told, each with a channel and prices of its own', async () => {
    const clock = createManualClock();
    const source = createSimulatedSource({
      clock,
      seed: 1,
      intervalMs: 1_000,
      volatilityPercent: 0.1,
      instruments: 500,
    });
    const channels = new Set<string>();
    const prices: number[] = [];
    await source.start({
      instruments: (list) => list.forEach(({ channel }) => channels.add(channel)),
      ticks: (ticks) => prices.push(...ticks.map(({ price }) => Number(price))),
    });
    expect(channels.size).toBe(500);
    expect(channels).toContain('coin:sample-0500');
    expect(prices).toHaveLength(500);
    expect(prices.every((price) => price > 0)).toBe(true);
    // Tiny ones and large ones.
    expect(Math.max(...prices) / Math.min(...prices)).toBeGreaterThan(1e6);
    await source.stop();
  });
});
