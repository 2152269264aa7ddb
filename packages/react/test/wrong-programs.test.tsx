/** Programs that must not compile, and what those that do are told of their types. Nothing here is rendered. */
import type { PriceWebSocketClient } from '@tickwire/client';
import { PriceStream, type Dialect, type Tick } from '@tickwire/client/core';
import { coins, metals } from '@tickwire/client/dialects';
import { expect, expectTypeOf, it } from 'vitest';
import {
  PriceStreamProvider,
  useAlerts,
  useFreshness,
  usePortfolio,
  usePrice,
  usePriceClient,
  usePriceDirection,
  usePriceHistory,
  usePriceState,
  usePrices,
  useSocialSpikes,
  useStreamEvent,
  useWebSocketPrices,
  useWhaleMovements,
  type PriceTick,
  type SocialSpike,
  type WhaleMovement,
} from '../src/index.js';

interface Pairs {
  eurusd: Tick<'eurusd', { mid: number }>;
}
const forex: Dialect<Pairs> = { name: 'forex', carry: () => true, read: () => undefined };
const stream = new PriceStream('wss://prices.invalid', { dialect: forex });
const seen = (_value: unknown): void => undefined;
const goldOnly = new PriceStream('wss://prices.invalid', { dialect: metals() });
const free = new PriceStream('wss://prices.invalid', {
  dialect: { name: 'free', carry: () => true, read: () => undefined },
});
const coinsOnly = new PriceStream('wss://prices.invalid', { dialect: coins() });

it('compiles only what can work', () => {
  const programs = {
    channels() {
      expectTypeOf(usePrice('coin:bitcoin')).toEqualTypeOf<PriceTick | undefined>();
      expectTypeOf(usePrice('coin:bitcoin', (tick) => tick?.price)).toEqualTypeOf<number | undefined>();
      expectTypeOf(usePrices(['coin:bitcoin'])['coin:bitcoin']).toEqualTypeOf<PriceTick | undefined>();
      // @ts-expect-error whales are no prices
      usePrice('whales');
      // @ts-expect-error a channel has a prefix
      usePriceState('bitcoin');
      // @ts-expect-error nor are alerts
      usePrices(['coin:bitcoin', 'user']);
      // @ts-expect-error the object has no such key
      seen(usePrices(['coin:bitcoin'])['coin:ether']);
      // @ts-expect-error a number is no channel
      useFreshness(7);
      // @ts-expect-error the option has another name
      usePriceDirection('coin:bitcoin', { holdFor: 5 });
      // @ts-expect-error and is in ms
      usePriceHistory('coin:bitcoin', { everyMs: '1s' });
    },
    events() {
      expectTypeOf(useWhaleMovements().items).toEqualTypeOf<readonly WhaleMovement[]>();
      expectTypeOf(useSocialSpikes().items).toEqualTypeOf<readonly SocialSpike[]>();
      // @ts-expect-error a condition has a comparison
      useWhaleMovements({ filter: [{ key: 'usdValue', val: 5 }] });
      // @ts-expect-error a rule has a condition
      void useAlerts().create({ alertType: 'price_above' });
      // @ts-expect-error lists are to be read
      useSocialSpikes().items.push();
      // @ts-expect-error it takes nothing
      usePortfolio('alice');
      useStreamEvent('whale_movement', ({ data }) => expectTypeOf(data).toEqualTypeOf<WhaleMovement['data']>());
      // @ts-expect-error there is no such event
      useStreamEvent('whales', () => undefined);
      // @ts-expect-error an id may be a text
      useStreamEvent('alert_triggered', ({ data }) => data.alertId.toFixed());
    },
    providers() {
      seen(<PriceStreamProvider client={goldOnly} />);
      seen(<PriceStreamProvider client={free} />);
      seen(<PriceStreamProvider client={stream} />);
      seen(<PriceStreamProvider client={coinsOnly} />);
      // @ts-expect-error one or the other
      seen(<PriceStreamProvider client={goldOnly} url="wss://prices.invalid" />);
      // @ts-expect-error a text is no client
      seen(<PriceStreamProvider client="wss://prices.invalid" />);
      // @ts-expect-error a token goes with a url
      seen(<PriceStreamProvider client={goldOnly} token="jwt" />);
      // @ts-expect-error metals by name
      useWebSocketPrices('wss://prices.invalid', { metals: [1] });
    },
    dialects() {
      expectTypeOf(usePrice<typeof stream>('eurusd')).toEqualTypeOf<Pairs['eurusd'] | undefined>();
      expectTypeOf(usePrices<typeof stream>(['eurusd']).eurusd?.source.mid).toEqualTypeOf<number | undefined>();
      expectTypeOf(usePriceState<typeof stream>('eurusd').tick).toEqualTypeOf<Pairs['eurusd'] | undefined>();
      expectTypeOf(usePrice<typeof free>('anything at all')?.price).toEqualTypeOf<number | undefined>();
      expectTypeOf(usePrice<typeof goldOnly>('metal:gold')?.channel).toEqualTypeOf<`metal:${string}` | undefined>();
      expectTypeOf(usePriceClient()).toEqualTypeOf<PriceWebSocketClient>();
      useFreshness<typeof stream>('eurusd');
      // @ts-expect-error another dialect's channel
      usePrice<typeof goldOnly>('coin:bitcoin');
      // @ts-expect-error there is no such pair
      usePriceDirection<typeof stream>('eurchf');
    },
  };
  expect(Object.keys(programs)).toHaveLength(4);
});
