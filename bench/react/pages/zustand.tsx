/** A store that one socket writes to, and a selector a row. */
import { create } from 'zustand';
import { cells, ids, show, socketUrl } from './bench-page.js';

interface PriceMessage {
  data: { coinId: string; price: number };
}
interface State {
  prices: Readonly<Record<string, number>>;
}

const useStore = create<State>(() => ({ prices: {} }));
new WebSocket(socketUrl('/plain')).addEventListener('message', ({ data: text }) => {
  const { data } = JSON.parse(String(text)) as PriceMessage;
  useStore.setState(({ prices }) => ({ prices: { ...prices, [data.coinId]: data.price } }));
});

function Row({ id }: { id: string }) {
  const price = useStore(({ prices }) => prices[id]);
  return <p>{cells(id, price)}</p>;
}

show(() => ids.map((id) => <Row key={id} id={id} />));
