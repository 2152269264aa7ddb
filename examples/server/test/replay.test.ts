import { describe, expect, it } from 'vitest';
import type { SourceTick } from '../src/sources/price-source.js';
import { createReplaySource } from '../src/sources/replay.js';
import { createManualClock } from './manual-clock.js';

const line = (receivedAt: number, product: string, price: string) =>
  JSON.stringify({
    receivedAt,
    frame: JSON.stringify({ type: 'ticker', product_id: product, price, time: '2024-05-01T10:00:00.000000Z' }),
  });
const text = [
  line(0, 'ABC-USD', '1'),
  line(1_000, 'XYZ-USD', '2'),
  line(1_000, 'ABC-USD', '3'),
  line(4_000, 'ABC-USD', '4'),
].join('\n');

async function started(speed: number, recording = text) {
  const clock = createManualClock();
  const source = createReplaySource({ clock, read: () => Promise.resolve(recording), speed });
  const ticks: SourceTick[] = [];
  const sink = { instruments: () => undefined, ticks: (told: readonly SourceTick[]) => void ticks.push(...told) };
  await source.start(sink);
  return { clock, source, sink, ticks, prices: () => ticks.map(({ price }) => price) };
}

describe('the replay source', () => {
  it.each([1, 10, 0.5])('keeps the rhythm at speed %d', async (speed) => {
    const { clock, prices } = await started(speed);
    expect(prices()).toEqual(['1']);
    clock.advance(1_000 / speed - 2);
    expect(prices()).toEqual(['1']);
    clock.advance(2);
    expect(prices()).toEqual(['1', '2', '3']);
    clock.advance(3_000 / speed);
    expect(prices()).toEqual(['1', '2', '3', '4']);
  });

  it('begins anew after a pause, each channel in a new epoch', async () => {
    const { clock, source, ticks, prices } = await started(10);
    clock.advance(400 + 100);
    expect(prices()).toEqual(['1', '2', '3', '4', '1']);
    clock.advance(400);
    expect(ticks.map((tick) => [tick.id, tick.price, tick.startsEpoch ?? false])).toEqual([
      ['abc-usd', '1', false],
      ['xyz-usd', '2', false],
      ['abc-usd', '3', false],
      ['abc-usd', '4', false],
      ['abc-usd', '1', true],
      ['xyz-usd', '2', true],
      ['abc-usd', '3', false],
      ['abc-usd', '4', false],
    ]);
    expect(source.status()).toMatchObject({ loops: 1, ticks: 8, state: 'running' });
  });

  it('F32: waits for a frame that lies beyond what a timer can hold', async () => {
    const monthMs = 30 * 86_400_000;
    const { clock, prices } = await started(1, [line(0, 'ABC-USD', '1'), line(monthMs, 'ABC-USD', '2')].join('\n'));
    clock.advance(monthMs - 1);
    expect(prices()).toEqual(['1']);
    clock.advance(1);
    expect(prices()).toEqual(['1', '2']);
  });

  it('tells nothing after it was stopped, not even when it was still reading', async () => {
    const { clock, source, sink, ticks } = await started(1);
    await source.stop();
    clock.advance(100_000);
    expect(ticks).toHaveLength(1);
    const starting = source.start(sink);
    await source.stop();
    await starting;
    clock.advance(100_000);
    expect(ticks).toHaveLength(1);
    expect(clock.waiting).toBe(0);
  });

  it('tells at most 200 ticks at once, however fast it plays', async () => {
    const many = Array.from({ length: 1_000 }, (_, index) => line(0, 'ABC-USD', String(index + 1))).join('\n');
    const { clock, ticks } = await started(1, many);
    expect(ticks).toHaveLength(200);
    clock.advance(20);
    expect(ticks.map(({ price }) => price)).toEqual(Array.from({ length: 1_000 }, (_, index) => String(index + 1)));
  });
});
