import { PriceWebSocketClient } from '@tickwire/client';
import { PriceStreamProvider, useConnection, usePrice, usePrices, useWebSocketPrices } from '@tickwire/react';

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

export const App = () => (
  <PriceStreamProvider client={client}>
    <Bitcoin />
  </PriceStreamProvider>
);
