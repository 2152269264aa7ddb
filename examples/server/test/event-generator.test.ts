import { encodeMessage, decodeServerMessage } from '@tickwire/protocol/codec';
import { describe, expect, it } from 'vitest';
import { eventOf, startEvents } from '../src/sources/event-generator.js';
import { createManualClock } from './manual-clock.js';
import { startTestServer } from './test-server.js';

function made(seed: number, priceOf: (coinId: string) => number | undefined = () => 100) {
  const clock = createManualClock();
  const told: { coinId: string; text: string }[] = [];
  const stop = startEvents({
    clock,
    seed,
    intervalMs: 1_000,
    coins: () => ['bitcoin', 'pepe'],
    priceOf,
    tell: (coinId, message) => {
      told.push({ coinId, text: encodeMessage(message) });
      return Promise.resolve();
    },
  });
  return { clock, told, stop };
}

describe('the generator of events', () => {
  it('makes the same whales and spikes of the same seed, each one of the contract and labelled', () => {
    const first = made(7);
    const second = made(7);
    const other = made(8);
    for (const { clock } of [first, second, other]) clock.advance(60_000);
    expect(first.told.length).toBeGreaterThan(30);
    expect(second.told).toEqual(first.told);
    expect(other.told).not.toEqual(first.told);
    for (const { text } of first.told) {
      expect(decodeServerMessage(text)).toMatchObject({
        ok: true,
        kind: 'known',
        message: { data: { source: 'simulated' } },
      });
    }
    expect(new Set(first.told.map(({ text }) => text.slice(9, 20))).size).toBe(2);
    expect(new Set(first.told.map(({ coinId }) => coinId))).toEqual(new Set(['bitcoin', 'pepe']));
  });

  it('values a whale at the coin’s price, and makes none of a coin without one', () => {
    const { clock, told } = made(7);
    clock.advance(60_000);
    for (const { text } of told) {
      const { type, data } = JSON.parse(text) as { type: string; data: { amount: number; usdValue: number } };
      if (type === 'whale_movement') expect(data.amount * 100).toBeCloseTo(data.usdValue, -2);
    }
    const without = made(7, () => undefined);
    without.clock.advance(60_000);
    expect(without.told.every(({ text }) => text.startsWith('{"type":"social_spike"'))).toBe(true);
    expect(eventOf('bitcoin', 0, 0, 12_345).message?.type).not.toBe('whale_movement');
  });

  it('stops', () => {
    const { clock, told, stop } = made(7);
    stop();
    clock.advance(60_000);
    expect(told).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  it('feeds the channels of a server that is told to make events', async () => {
    const server = await startTestServer({}, { EVENTS_INTERVAL: '20', PRICE_SEED: '7' });
    const client = await server.openTickwire();
    client.send({ type: 'subscribe', id: 1, data: { channels: [{ channel: 'social' }] } });
    expect((await client.next('social_spike')).data).toMatchObject({ source: 'simulated' });
    await server.close();
  });
});
