/** react-use-websocket with a hook a row: they share a socket, and each takes the messages that are its own. */
// By its file: a bundler gives a module package like ours the door's exports as one default.
import { useWebSocket } from 'react-use-websocket/dist/lib/use-websocket.js';
import { cells, ids, show, socketUrl } from './bench-page.js';

interface PriceMessage {
  data: { coinId: string; price: number };
}

function Row({ id }: { id: string }) {
  const { lastJsonMessage } = useWebSocket<PriceMessage | null>(socketUrl('/plain'), {
    share: true,
    filter: ({ data }) => (JSON.parse(String(data)) as PriceMessage).data.coinId === id,
  });
  return <p>{cells(id, lastJsonMessage?.data.price)}</p>;
}

show(() => ids.map((id) => <Row key={id} id={id} />));
