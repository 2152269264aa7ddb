// @vitest-environment node
import { renderToString } from 'react-dom/server';
import { describe, expect, it, vi } from 'vitest';
import { PriceStreamProvider, useConnection, usePrice, usePrices, useWebSocketPrices } from '../src/index.js';
import { observedClient } from './observed-client.js';
import { tickOf } from './price-ticks.js';

const { source: _source, ...bitcoin } = tickOf('coin:bitcoin', 40_000);
const { source: _other, ...gold } = tickOf('metal:gold', 5_420.5);

describe('on a server', () => {
  it('renders initial prices and an idle connection, and subscribes to nothing', () => {
    const fake = observedClient();
    fake.client.price('coin:bitcoin', 1);
    fake.client.setConnection({ status: 'connecting', attempt: 1 });
    function Page() {
      const price = usePrice('coin:bitcoin', (tick) => tick?.price);
      const prices = usePrices(['coin:bitcoin', 'metal:gold']);
      return `${price} ${prices['metal:gold']?.price} ${useConnection((connection) => connection.status)}`;
    }
    const html = renderToString(
      <PriceStreamProvider client={fake.client} initialPrices={{ 'coin:bitcoin': bitcoin, 'metal:gold': gold }}>
        <Page />
      </PriceStreamProvider>,
    );
    expect(html).toBe('40000 5420.5 idle');
    expect(fake.log).toEqual([]);
    expect(fake.listenerCount()).toBe(0);
  });

  it('renders the seed’s hook without a WebSocket, a window or a timer', () => {
    vi.stubGlobal('WebSocket', undefined);
    const timers = vi.spyOn(globalThis, 'setTimeout');
    function Page() {
      const { prices, connected, error, status } = useWebSocketPrices('ws://localhost:1/ws', {
        initialPrices: { gold },
      });
      return `${prices.gold?.price} ${prices.silver?.price} ${connected} ${error} ${status}`;
    }
    expect(typeof window).toBe('undefined');
    expect(renderToString(<Page />)).toBe('5420.5 undefined false null idle');
    expect(timers).not.toHaveBeenCalled();
    vi.unstubAllGlobals();
  });
});
