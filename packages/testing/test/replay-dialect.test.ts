import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { coins, metals, tickwire } from '@tickwire/client/dialects';
import type { Dialect } from '@tickwire/client/core';
import { describe, expect, it } from 'vitest';
import { coinPrice, hello, metalPrices, replayDialect, subscribeAck, whale } from '@tickwire/testing';

const recording = path.resolve(import.meta.dirname, '../../../../shared/data/coinbase-session.jsonl');

/** Reads tickers as an exchange sends them. */
const tickers: Dialect = {
  name: 'tickers',
  carry: (channel) => /^coin:(.+)/.exec(channel)?.[1]?.toUpperCase(),
  ask: ({ gone, owed }) => {
    const [left] = gone;
    if (left !== undefined) return { frame: { type: 'unsubscribe', product_ids: [left] }, gone: [left] };
    const asked = [...owed];
    return asked.length === 0 ? undefined : { frame: { type: 'subscribe', product_ids: asked }, asked };
  },
  read(message, link) {
    const { type, product_id, price, time } = message as Record<string, string>;
    if (type !== 'ticker') return link.unknown(message);
    const id = String(product_id).toLowerCase();
    link.price({ channel: `coin:${id}`, id, price: Number(price), timestamp: time }, message);
  },
};

describe('replayDialect', () => {
  it('says what a dialect makes of frames, and what it sent', async () => {
    const replay = await replayDialect(
      metals(),
      [metalPrices({ gold: 5420.5, silver: 80 }), 'no json', { type: 'promo' }],
      { subscribe: ['metal:gold'] },
    );
    expect(replay).toMatchObject({
      sent: [{ type: 'subscribe', metals: ['gold'] }],
      prices: [{ channel: 'metal:gold', price: 5420.5, direction: 'same' }],
      events: [{ name: 'priceUpdate' }],
      errors: [],
      invalid: [{ code: 'BAD_JSON', sample: 'no json' }],
      unknown: [{ type: 'promo' }],
      unwanted: ['metal:silver'],
      ready: { 'metal:gold': 'unconfirmed' },
      connection: { status: 'connected', dialect: 'metals' },
    });
  });

  it('answers frames as the script says', async () => {
    const replay = await replayDialect(coins(), [coinPrice('bitcoin', 50_000)], {
      subscribe: ['coin:bitcoin', 'coin:ether'],
      answers: ({ type, data }) =>
        type === 'subscribe' && (data as { coinId?: string }).coinId === 'bitcoin'
          ? { type: 'subscribed', data: { coinId: 'bitcoin' } }
          : undefined,
    });
    expect(replay.ready).toEqual({ 'coin:bitcoin': 'confirmed', 'coin:ether': 'waiting' });
    expect(replay.prices).toHaveLength(1);
  });

  it('lets time pass after the last frame, so that an ack may fail to come', async () => {
    const replay = await replayDialect(coins(), [], { subscribe: ['coin:bitcoin'], thenMs: 5_000 });
    expect(replay.ready).toEqual({ 'coin:bitcoin': 'unconfirmed' });
  });

  it('rejects ready for a channel that the dialect does not have', async () => {
    const subscribe = ['silver'] as never[];
    const { ready, errors } = await replayDialect(metals(), [], { subscribe });
    expect(ready).toEqual({ silver: 'UNKNOWN_CHANNEL' });
    expect(errors).toMatchObject([{ code: 'UNKNOWN_CHANNEL', retryable: false }]);
  });

  it('plays a dialect that is greeted, and gives what event channels deliver', async () => {
    const replay = await replayDialect(tickwire(), [hello(), whale('bitcoin', 7)], {
      subscribe: ['whales:bitcoin'],
      answers: ({ type, id }) => (type === 'subscribe' ? subscribeAck(String(id), ['whales:bitcoin']) : undefined),
    });
    expect(replay.events.map(({ name }) => name)).toContain('whales:bitcoin');
    expect(replay.ready).toEqual({ 'whales:bitcoin': 'confirmed' });
  });

  it('plays lines at their time, and a text as a file of lines', async () => {
    const lines = [
      { receivedAt: 1_618_677_817_079.7, frame: '{"type":"ticker","product_id":"A-USD","price":"14.5"}' },
      { receivedAt: 1_618_677_818_080, frame: '{"type":"ticker","product_id":"A-USD","price":"14.6"}' },
    ];
    const subscribe = ['coin:a-usd'];
    const ofLines = await replayDialect(tickers, lines, { subscribe });
    expect(ofLines.prices.map(({ price, receivedAt }) => [price, receivedAt])).toEqual([
      [14.5, 1_618_677_817_080],
      [14.6, 1_618_677_818_080],
    ]);
    const text = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
    expect(await replayDialect(tickers, text, { subscribe })).toEqual(ofLines);
  });

  it('gives errors as plain values, also those of a dialect that fails', async () => {
    const broken: Dialect = {
      ...tickers,
      read: () => {
        throw new Error('oh');
      },
    };
    const { errors, invalid } = await replayDialect(broken, ['{}']);
    expect(errors).toEqual([
      { code: 'DIALECT_FAILED', message: 'The dialect tickers failed in read(): oh', retryable: false },
    ]);
    expect(invalid).toHaveLength(1);
  });

  it('speaks to a dialect that is a frozen object of a class as the kernel would', async () => {
    class Frozen {
      readonly name = 'frozen';
      readonly #key = 'all';
      carry(): string {
        return this.#key;
      }
      ask({ owed }: { owed: Iterable<string> }) {
        const asked = [...owed];
        return asked.length === 0 ? undefined : { frame: { want: this.#key }, asked };
      }
      read(): void {
        // Nothing means anything.
      }
    }
    const { sent, errors } = await replayDialect(Object.freeze(new Frozen()), [], { subscribe: ['x'] });
    expect({ sent, errors }).toEqual({ sent: [{ want: 'all' }], errors: [] });
  });

  it.each([
    ['no list', 5, /list/],
    ['a list of numbers', [5], /Frame 0/],
    ['a text without lines', '{"type":"ticker"}', /Line 1 of the recording/],
    ['a text of no JSON', '\nticker', /Line 2 of the recording/],
  ])('refuses %s with what to write', async (_what, frames, words) => {
    await expect(replayDialect(metals(), frames as never)).rejects.toThrow(words);
  });

  it.skipIf(!existsSync(recording))('plays a recorded session (skipped where the recordings are absent)', async () => {
    const { prices, invalid, errors } = await replayDialect(tickers, readFileSync(recording, 'utf8'), {
      subscribe: ['coin:band-gbp'],
    });
    expect(prices[0]).toMatchObject({ channel: 'coin:band-gbp', price: 14.7775 });
    expect({ invalid, errors }).toEqual({ invalid: [], errors: [] });
  });
});
