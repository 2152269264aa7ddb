/** The hook of the seed document: the whole map is the state, and each message makes a new one. */
import { useCallback, useEffect, useState } from 'react';
import { cells, ids, show, socketUrl } from './bench-page.js';

type Quotes = Readonly<Record<string, { price: number }>>;
interface SeedMessage {
  type: string;
  data: Quotes;
  changes?: readonly { metal: string }[];
}

class SeedClient {
  onPriceUpdate: (prices: Quotes, changes: SeedMessage['changes']) => void = () => undefined;
  readonly #url: string;
  #socket: WebSocket | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  connect(): void {
    this.#socket = new WebSocket(this.#url);
    this.#socket.onmessage = (event) => {
      const message = JSON.parse(String(event.data)) as SeedMessage;
      if (message.type === 'priceUpdate') this.onPriceUpdate(message.data, message.changes);
    };
  }

  close(): void {
    this.#socket?.close();
  }
}

function useSeedPrices(url: string): { prices: Quotes } {
  const [prices, setPrices] = useState<Quotes>({});
  const handlePriceUpdate = useCallback((newPrices: Quotes) => setPrices(newPrices), []);
  useEffect(() => {
    const client = new SeedClient(url);
    client.onPriceUpdate = handlePriceUpdate;
    client.connect();
    return () => client.close();
  }, [url, handlePriceUpdate]);
  return { prices };
}

function Row({ id, price }: { id: string; price: number | undefined }) {
  return <p>{cells(id, price)}</p>;
}

function Table() {
  const { prices } = useSeedPrices(socketUrl('/seed'));
  return ids.map((id) => <Row key={id} id={id} price={prices[id]?.price} />);
}

show(Table);
