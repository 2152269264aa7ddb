/** react-use-websocket as its README shows it: one hook at the top, its last message kept in a state. */
import { useEffect, useState } from 'react';
// By its file: a bundler gives a module package like ours the door's exports as one default.
import { useWebSocket } from 'react-use-websocket/dist/lib/use-websocket.js';
import { cells, ids, show, socketUrl } from './bench-page.js';

interface PriceMessage {
  data: { coinId: string; price: number };
}

function Row({ id, price }: { id: string; price: number | undefined }) {
  return <p>{cells(id, price)}</p>;
}

function Table() {
  const [prices, setPrices] = useState<Readonly<Record<string, number>>>({});
  const { lastJsonMessage } = useWebSocket<PriceMessage | null>(socketUrl('/plain'));
  useEffect(() => {
    if (lastJsonMessage === null) return;
    const { coinId, price } = lastJsonMessage.data;
    setPrices((before) => ({ ...before, [coinId]: price }));
  }, [lastJsonMessage]);
  return ids.map((id) => <Row key={id} id={id} price={prices[id]} />);
}

show(Table);
