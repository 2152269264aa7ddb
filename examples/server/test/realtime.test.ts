import type { ChannelMessage, MetalQuote } from '@tickwire/protocol';
import { describe, expect, it } from 'vitest';
import { createCatalog } from '../src/catalog.js';
import type { PublishedMessage } from '../src/engine/engine.js';
import { createMemoryEngine } from '../src/engine/memory.js';
import { defaultLimits } from '../src/limits.js';
import { createRealtime, PublishError } from '../src/services/realtime.js';
import { createManualSource } from './manual-source.js';

async function setUp() {
  const catalog = createCatalog();
  await createManualSource().start({ instruments: (list) => catalog.add(list), ticks: () => undefined });
  const refused: unknown[] = [];
  const engine = createMemoryEngine({
    limits: defaultLimits,
    now: () => 0,
    createEpoch: () => 'e',
    onListenerError: () => undefined,
  });
  const realtime = createRealtime({
    revokeUser: () => Promise.resolve(),
    engine,
    catalog,
    limits: defaultLimits,
    onRefused: (error) => refused.push(error),
  });
  const bodies = async (channel: string): Promise<ChannelMessage[]> => {
    const { messages } = await engine.history(channel, { limit: 100 });
    return messages.map(({ body }: PublishedMessage) => JSON.parse(body) as ChannelMessage);
  };
  return { realtime, refused, bodies };
}

const price = (value: unknown): ChannelMessage =>
  ({ type: 'price_update', data: { coinId: 'bitcoin', price: value } }) as ChannelMessage;
const circular: Record<string, unknown> = {};
circular['self'] = circular;

describe('the realtime service', () => {
  it.each([
    ['a bigint', price(1n)],
    ['NaN', price(NaN)],
    ['an infinity deep inside', { type: 'price_update', data: { coinId: 'bitcoin', price: 1, marketCap: Infinity } }],
    ['no price at all', price(undefined)],
    ['nothing', undefined],
    ['null', null],
    ['a function', { type: 'price_update', data: { coinId: 'bitcoin', price: 1, format: () => '1' } }],
    ['a circle', { type: 'price_update', data: { coinId: 'bitcoin', price: 1, circular } }],
    ['a lone surrogate', { type: 'price_update', data: { message: 'half \ud800 a character' } }],
    ['a lone surrogate in a key', { type: 'price_update', data: { message: 'x', ['\udc00']: 1 } }],
    ['a megabyte', { type: 'price_update', data: { message: 'x'.repeat(1_048_576) } }],
    ['more than 64 KiB', { type: 'price_update', data: { message: 'x'.repeat(70_000) } }],
    ['a type that is not of the contract', { type: 'made_up', data: {} }],
    ['a notice, which newcomers would get for a price', { type: 'price_update', data: { message: 'Maintenance' } }],
    ['a price of null', { type: 'price_update', data: { coinId: 'bitcoin', price: null } }],
    ['an announcement', { type: 'announcement', data: { message: 'hi' } }],
    ['a price of another coin', { type: 'price_update', data: { coinId: 'DOGE', price: 1 } }],
    ['a refused name', { type: 'price_update', data: { coinId: '__proto__', price: 1 } }],
  ])('refuses %s, publishes nothing and harms nobody', async (_case, message) => {
    const { realtime, refused, bodies } = await setUp();
    await expect(realtime.broadcastToCoin('bitcoin', message as ChannelMessage)).rejects.toMatchObject({
      code: 'BAD_MESSAGE',
    });
    expect(refused).toHaveLength(1);
    expect(await bodies('coin:bitcoin')).toEqual([]);
  });

  it('does not need to be awaited', async () => {
    const { realtime, refused } = await setUp();
    // An unhandled rejection would fail the run.
    void realtime.broadcastToCoin('nope', price(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(refused).toMatchObject([{ code: 'UNKNOWN_CHANNEL' }]);
  });

  it('puts a whale and a spike into the channel of all and into that of their coin', async () => {
    const { realtime, bodies } = await setUp();
    const timestamp = '2026-01-01T00:00:00.000Z';
    await realtime.broadcastToCoin('BTC', {
      type: 'whale_movement',
      data: { coinId: 'bitcoin', txHash: '0x1', fromAddress: 'a', toAddress: 'b', amount: 1, usdValue: 2, timestamp },
    });
    expect(await bodies('whales')).toHaveLength(1);
    expect(await bodies('whales:bitcoin')).toHaveLength(1);
    expect(await bodies('coin:bitcoin')).toEqual([]);
  });

  it('takes whole characters of any plane', async () => {
    const { realtime, bodies } = await setUp();
    await realtime.broadcastGlobal({ type: 'announcement', data: { message: '🚀 नमस्ते' } });
    expect(await bodies('global')).toMatchObject([{ data: { message: '🚀 नमस्ते' } }]);
  });

  it('puts the portfolio of a user into a channel of its own', async () => {
    const { realtime, bodies } = await setUp();
    await realtime.broadcastToUser(7, { type: 'portfolio_update', data: { totalValue: 5 } });
    await realtime.broadcastToUser(7, { type: 'announcement', data: { message: 'hi' } });
    expect(await bodies('portfolio:7')).toHaveLength(1);
    expect(await bodies('user:7')).toHaveLength(1);
  });

  it('takes no position from a message: the engine gives it', async () => {
    const { realtime, bodies } = await setUp();
    await realtime.broadcastGlobal({
      type: 'announcement',
      data: { message: 'hi' },
      sub: 'x',
      seq: 9,
      epoch: 'y',
      skip: 2,
    });
    expect(await bodies('global')).toEqual([{ type: 'announcement', data: { message: 'hi' } }]);
  });

  it('tells a metal that moved by more than 1 % since it was last told, a slow drift included', async () => {
    const { realtime, bodies } = await setUp();
    for (const value of [100, 100.6, 101, 101.1, 101.5, 99]) await realtime.broadcastMetals({ gold: { price: value } });
    const changes = (await bodies('metal:gold')).map((message) => ('changes' in message ? message.changes : undefined));
    expect(changes).toEqual([
      [],
      [],
      [],
      [
        {
          metal: 'gold',
          oldPrice: 100,
          newPrice: 101.1,
          changePercent: expect.closeTo(1.1) as number,
          direction: 'up',
        },
      ],
      [],
      [
        {
          metal: 'gold',
          oldPrice: 101.1,
          newPrice: 99,
          changePercent: expect.closeTo(-2.077) as number,
          direction: 'down',
        },
      ],
    ]);
  });

  it('claims no percentage over a price of 0', async () => {
    const { realtime, bodies } = await setUp();
    for (const value of [0, 5]) await realtime.broadcastMetals({ gold: { price: value } });
    expect((await bodies('metal:gold')).map((message) => ('changes' in message ? message.changes : 0))).toEqual([
      [],
      [],
    ]);
  });

  it.each<[string, Record<string, MetalQuote>]>([
    ['a price that is none', { gold: { price: 200 }, silver: { price: NaN } }],
    ['a quote without a price', { gold: { price: 200 }, silver: { change: 5 } }],
    ['too much', { gold: { price: 200 }, silver: { price: 5, note: 'x'.repeat(70_000) } }],
    ['a metal that is not here', { gold: { price: 200 }, tin: { price: 5 } }],
  ])('tells none of several metals when one has %s, and forgets no change over it', async (_case, quotes) => {
    const { realtime, bodies } = await setUp();
    await realtime.broadcastMetals({ gold: { price: 100 } });
    await expect(realtime.broadcastMetals(quotes)).rejects.toBeInstanceOf(PublishError);
    await realtime.broadcastMetals({ gold: { price: 102 } });
    expect(await bodies('metal:gold')).toMatchObject([
      { data: { gold: { price: 100 } } },
      { data: { gold: { price: 102 } }, changes: [{ oldPrice: 100, newPrice: 102 }] },
    ]);
  });

  it('tells nobody of no metals', async () => {
    const { realtime, bodies } = await setUp();
    await realtime.broadcastMetals({});
    expect([...(await bodies('metal:gold')), ...(await bodies('metal:silver'))]).toEqual([]);
  });

  it('refuses a metal that is not here', async () => {
    const { realtime } = await setUp();
    await expect(realtime.broadcastMetals({ tin: { price: 1 } })).rejects.toMatchObject({ code: 'UNKNOWN_CHANNEL' });
  });
});
