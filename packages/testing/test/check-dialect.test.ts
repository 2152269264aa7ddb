import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { binance, coinbase, coins, metals, tickwire } from '@tickwire/client/dialects';
import type { DialectSource } from '@tickwire/client/core';
import { describe, expect, it } from 'vitest';
import {
  checkDialect,
  coinPrice,
  coinsAck,
  hello,
  metalPrices,
  subscribeAck,
  whale,
  type Answers,
  type CheckOptions,
} from '@tickwire/testing';

/** Lists all products that stand on a socket, as the exchange answers. */
function coinbaseAnswers(): Answers {
  const standing = new Map<number, Set<string>>();
  return ({ type, product_ids: products }, socket) => {
    const list = standing.get(socket) ?? new Set<string>();
    standing.set(socket, list);
    for (const product of products as string[])
      if (type === 'subscribe') list.add(product);
      else list.delete(product);
    return { type: 'subscriptions', channels: [{ name: 'ticker', product_ids: [...list] }] };
  };
}

const binanceAnswers: Answers = ({ id }) => ({ result: null, id });

/** The dialects that come with the client, each with a few frames of its server. */
const known: readonly [name: string, dialect: DialectSource, options: CheckOptions][] = [
  [
    'metals',
    metals(),
    { channels: ['metal:gold', 'metal:silver'], frames: [metalPrices({ gold: 5420.5, silver: 80 })], mostFrames: 1 },
  ],
  [
    'coins',
    coins(),
    {
      channels: ['coin:bitcoin', 'coin:ether', 'coin:solana'],
      frames: [coinPrice('bitcoin', 50_000), coinPrice('ether', '2000.5')],
      answers: ({ type, data }) =>
        coinsAck(type as 'subscribe', String((data as { coinId?: unknown } | undefined)?.coinId)),
      mostFrames: 3,
    },
  ],
  [
    'tickwire',
    tickwire(),
    {
      channels: ['coin:bitcoin', 'coin:ether', 'whales:bitcoin'],
      frames: [
        hello(),
        coinPrice('bitcoin', 50_000, { channel: 'coin:bitcoin', epoch: 'e1', seq: 2 }),
        whale('bitcoin', 7, { channel: 'whales:bitcoin', epoch: 'e1', seq: 2 }),
      ],
      answers: ({ type, id, data }) =>
        type === 'subscribe'
          ? subscribeAck(
              id,
              (data as { channels: { channel: string }[] }).channels.map(({ channel }) => channel),
            )
          : undefined,
      mostFrames: 1,
      resumes: true,
    },
  ],
  [
    'coinbase',
    coinbase(),
    {
      channels: ['coin:btc-usd', 'coin:eth-usd'],
      frames: [
        { type: 'ticker', product_id: 'BTC-USD', price: '61000.5', time: '2021-04-17T16:43:37.079Z', trade_id: 7 },
        { type: 'heartbeat', product_id: 'BTC-USD', sequence: 9, last_trade_id: 7, time: '2021-04-17T16:43:38.079Z' },
      ],
      answers: coinbaseAnswers(),
      mostFrames: 1,
    },
  ],
  [
    'binance',
    binance({ price: 'ticker' }),
    {
      channels: ['coin:btcusdt', 'coin:ethusdt'],
      frames: [
        {
          stream: 'btcusdt@ticker',
          data: {
            e: '24hrTicker',
            E: 1_618_677_373_661,
            s: 'BTCUSDT',
            c: '61000.10',
            p: '-1.5',
            P: '-0.01',
            h: '62000',
            l: '60000',
            q: '5',
          },
        },
      ],
      answers: binanceAnswers,
      mostFrames: 1,
    },
  ],
];

describe('checkDialect', () => {
  it.each(known)('finds nothing wrong with %s', async (_name, dialect, options) => {
    const checks = await checkDialect(dialect, options);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks).toHaveLength(10);
  });

  const recordings = path.resolve(import.meta.dirname, '../../../../shared/data');
  it.skipIf(!existsSync(recordings)).each([
    ['coinbase-session.jsonl', coinbase() as DialectSource, ['coin:band-gbp', 'coin:yfi-btc'], coinbaseAnswers()],
    [
      'binance-session.jsonl',
      binance({ price: 'book' }) as DialectSource,
      ['coin:aaveupusdt', 'coin:busdtry'],
      binanceAnswers,
    ],
  ] as const)(
    'finds nothing wrong on %s (skipped where the recordings are absent)',
    async (file, dialect, channels, answers) => {
      const frames = readFileSync(path.join(recordings, file), 'utf8');
      const checks = await checkDialect(dialect, { channels, frames, answers, mostFrames: 1 });
      expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    },
  );
});
