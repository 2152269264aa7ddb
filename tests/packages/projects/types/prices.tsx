import { PriceWebSocketClient } from '@tickwire/client';
import {
  PriceStreamProvider,
  useConnection,
  usePrice,
  usePrices,
  useWebSocketPrices,
  type PriceTick,
} from '@tickwire/react';

const client = new PriceWebSocketClient('ws://localhost:3001/ws');

function Bitcoin() {
  const price = usePrice('coin:bitcoin', (tick) => tick?.price);
  const all = usePrices(['coin:bitcoin', 'metal:gold']);
  const { status } = useConnection();
  const { prices, connected } = useWebSocketPrices('ws://localhost:3001/ws');
  return (
    <p title={status}>
      {price} {Object.keys(all).length} {connected ? Object.keys(prices).length : 0}
    </p>
  );
}

/** What may be missing is passed on as it is. */
export function Maybe({ token, enabled }: { token?: string; enabled?: boolean }) {
  const { prices } = useWebSocketPrices('ws://localhost:3001/ws', { token, enabled, initialPrices: undefined });
  const gold: PriceTick | undefined = prices.gold;
  return (
    <PriceStreamProvider url="ws://localhost:3001/ws" token={token} session={undefined} options={undefined}>
      {gold?.price}
    </PriceStreamProvider>
  );
}

export const App = () => (
  <PriceStreamProvider client={client}>
    <Bitcoin />
  </PriceStreamProvider>
);
