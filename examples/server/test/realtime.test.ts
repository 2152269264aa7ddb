import type { ChannelMessage, MetalQuote } from '@tickwire/protocol';
import { describe, expect, it } from 'vitest';
import { createCatalog } from '../src/catalog.js';
import type { PublishedMessage } from '../src/engine/engine.js';
import { createMemoryEngine } from '../src/engine/memory.js';
import { defaultLimits } from '../src/limits.js';
import { PublishError } from '../src/services/publishable.js';
import { createRealtime } from '../src/services/realtime.js';
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
    now: () => Date.parse('2026-01-01T00:00:00Z'),
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
    [
      'F56: a price whose envelope names another coin',
      { type: 'price_update', coinId: 'ethereum', data: { coinId: 'bitcoin', price: 1 } },
    ],
    ['F56: a price whose envelope names no coin', { type: 'price_update', coinId: 77, data: { price: 1 } }],
    ['F56: a price of a coin that nobody knows', { type: 'price_update', data: { coinId: 'nope', price: 1 } }],
    [
      'F34: a price from the future',
      { type: 'price_update', data: { coinId: 'bitcoin', price: 1, timestamp: '9999-01-01T00:00:00Z' } },
    ],
    [
      'F34: a price that was sent in the future',
      { type: 'price_update', data: { coinId: 'bitcoin', price: 1 }, timestamp: '2026-01-01T00:05:01Z' },
    ],
    ['a refused name', { type: 'price_update', data: { coinId: '__proto__', price: 1 } }],
  ])('refuses %s, publishes nothing and harms nobody', async (_case, message) => {
    const { realtime, refused, bodies } = await setUp();
    await expect(realtime.broadcastToCoin('bitcoin', message as ChannelMessage)).rejects.toMatchObject({
      code: 'BAD_MESSAGE',
    });
    expect(refused).toHaveLength(1);
    expect(await bodies('coin:bitcoin')).toEqual([]);
  });

  it('F56: takes a coin under every name that it has, and a time that is a little ahead', async () => {
    const { realtime, bodies } = await setUp();
    const timestamp = '2026-01-01T00:04:59Z';
    for (const [outer, inner] of [
      ['BTC', 'bitcoin'],
      [1, 'btc'],
      ['bitcoin', 1],
      [null, 'bitcoin'],
      ['bitcoin', null],
      [null, null],
    ]) {
      const message = { type: 'price_update', coinId: outer, data: { coinId: inner, price: 1, timestamp } };
      await realtime.broadcastToCoin('bitcoin', message as ChannelMessage);
    }
    expect(await bodies('coin:bitcoin')).toHaveLength(6);
  });

  const notice = { type: 'announcement', data: { message: 'hi' } };
  it.each<[string, unknown, unknown]>([
    ['F36: nobody', '', notice],
    ['F36: a control character', '\u0000', notice],
    ['F36: a line feed at the end', 'alice\n', notice],
    ['F36: a space', 'alice smith', notice],
    ['F36: letters beyond ASCII', 'ålice', notice],
    ['F36: 65 characters', 'a'.repeat(65), notice],
    ['F36: no text', undefined, notice],
    ['F36: a list', ['alice'], notice],
    ['F36: no number', NaN, notice],
    ['no message', 'alice', null],
    ['F56: another user in the envelope', 'alice', { ...notice, userId: 'bob' }],
    ['F56: another user in the data', 'alice', { type: 'portfolio_update', data: { userId: 'bob', totalValue: 1 } }],
    ['F56: another user in other letters', 'alice', { ...notice, userId: 'Alice' }],
    [
      'F56: two coins',
      'alice',
      { type: 'portfolio_value_update', coinId: 'bitcoin', data: { coinId: 'dogecoin', currentValue: 1 } },
    ],
  ])('F36, F56: refuses to tell a user when there is %s', async (_case, userId, message) => {
    const { realtime, refused } = await setUp();
    await expect(realtime.broadcastToUser(userId as string, message as ChannelMessage)).rejects.toMatchObject({
      code: 'BAD_MESSAGE',
    });
    expect(refused).toHaveLength(1);
  });

  it('F34: refuses metals from the future, all of them', async () => {
    const { realtime, bodies } = await setUp();
    const quotes = { silver: { price: 1 }, gold: { price: 1, timestamp: '2026-01-02T00:00:00Z' } };
    await expect(realtime.broadcastMetals(quotes)).rejects.toMatchObject({ code: 'BAD_MESSAGE' });
    expect(await bodies('metal:silver')).toEqual([]);
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
