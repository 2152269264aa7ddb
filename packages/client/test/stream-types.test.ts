/** What a dialect's type says of a stream: which channels there are, and what each delivers. */
import { expect, expectTypeOf, it } from 'vitest';
import { PriceStream, type Dialect, type DialectSource, type NameOf, type Tick } from '@tickwire/client/core';
import {
  auto,
  binance,
  coinbase,
  coins,
  metals,
  type BinanceFrame,
  type BinanceTrade,
  type CoinbaseTicker,
} from '@tickwire/client/dialects';
import { FakeSockets } from '@tickwire/testing';

interface Trade {
  readonly size: number;
}
interface Mine {
  'fx:eurusd': Tick<'fx:eurusd', { readonly mid: string }>;
  [trades: `trades:${string}`]: Trade;
}
const mine: Dialect<Mine, { news: { readonly text: string } }> = {
  name: 'mine',
  carry: (channel) => channel,
  read: (message, link) => link.unknown(message),
};

const anything: Dialect = { name: 'anything', carry: () => true, read: () => undefined };

function streamOf<Channels extends object, Events extends object>(
  dialect: DialectSource<Channels, Events>,
): PriceStream<Channels, Events> {
  return new PriceStream('wss://prices.example', { dialect, WebSocket: new FakeSockets().WebSocket });
}

/** Compiles only with the right answer to whether a stream takes a channel of that name. */
function asking<Channels extends object, Events extends object>(_stream: PriceStream<Channels, Events>) {
  return <const Name extends string>(name: Name, takes: Name extends NameOf<Channels> ? true : false) =>
    `${name} ${takes}`;
}

it('infers from a dialect which channels a stream has, so that a typo does not compile', async () => {
  const stream = streamOf(mine);
  const ask = asking(stream);
  const taken = [ask('fx:eurusd', true), ask('trades:eurusd', true)];
  const typos = [ask('fx:eurudd', false), ask('trade:eurusd', false), ask('', false)];
  expect([...taken, ...typos]).toHaveLength(5);
  await stream.close();
});

it.each([
  ['an object', mine as DialectSource<Mine, { news: { readonly text: string } }>] as const,
  ['a function', () => mine] as const,
])('infers what each channel delivers, where the dialect is %s', async (_what, dialect) => {
  const stream = streamOf(dialect);
  stream.subscribe('fx:eurusd', (tick) => {
    expectTypeOf(tick).toEqualTypeOf<Tick<'fx:eurusd', { readonly mid: string }>>();
  });
  const several = stream.subscribe(['trades:a', 'trades:b'], (trade) => {
    expectTypeOf(trade).toEqualTypeOf<Trade>();
  });
  stream.on('news', (news) => {
    expectTypeOf(news).toEqualTypeOf<{ readonly text: string }>();
  });
  stream.on('price', (tick) => {
    expectTypeOf(tick).toEqualTypeOf<Tick>();
  });
  expect(several.channels).toEqual(['trades:a', 'trades:b']);
  await stream.close();
});

it('takes any name and gives ticks, where a dialect says nothing of its channels', async () => {
  const stream = streamOf(anything);
  const subscription = stream.subscribe('whatever', (tick) => {
    expectTypeOf(tick).toEqualTypeOf<Tick<'whatever'>>();
  });
  expect(asking(stream)('whatever', true)).toBe('whatever true');
  expect(subscription.channels).toEqual(['whatever']);
  await stream.close();
});

it('knows the channels of the dialects that come with it', async () => {
  const streams = {
    metals: streamOf(metals()),
    coins: streamOf(coins()),
    coinbase: streamOf(coinbase()),
    trades: streamOf(binance({ price: 'trade' })),
  };
  expect([
    asking(streams.metals)('metal:gold', true),
    asking(streams.metals)('coin:gold', false),
    asking(streams.coins)('coin:bitcoin', true),
    asking(streams.coins)('metal:gold', false),
    asking(streams.coinbase)('coin:btc-usd', true),
    asking(streams.coinbase)('btc-usd', false),
    asking(streams.trades)('coin:btcusdt', true),
  ]).toHaveLength(7);
  streams.trades.subscribe('coin:btcusdt', ({ source }) => {
    expectTypeOf(source).toEqualTypeOf<BinanceFrame<BinanceTrade>>();
  });
  streams.coinbase.subscribe('coin:btc-usd', ({ source }) => {
    expectTypeOf(source).toEqualTypeOf<CoinbaseTicker>();
  });
  for (const stream of Object.values(streams)) await stream.close();
});

it('knows the channels of all dialects that auto may choose from', async () => {
  const stream = streamOf(auto([metals(), coins()]));
  expect([
    asking(stream)('metal:gold', true),
    asking(stream)('coin:bitcoin', true),
    asking(stream)('whales', false),
  ]).toHaveLength(3);
  await stream.close();
});
