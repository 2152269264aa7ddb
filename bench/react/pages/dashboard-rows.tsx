/** Rows as a page of prices has them: a flash on a change, and old prices look old. */
import { PriceStreamProvider, useFreshness, usePrice, usePriceDirection } from '@tickwire/react';
import { cells, ids, ourPath, show, socketUrl } from './bench-page.js';

function Row({ id }: { id: string }) {
  const channel = `coin:${id}` as const;
  const price = usePrice(channel, (tick) => tick?.price);
  const direction = usePriceDirection(channel, { holdMs: 500 });
  const isOld = useFreshness(channel, { staleAfterMs: 10_000 }) !== 'fresh';
  return <p className={isOld ? 'old' : (direction ?? undefined)}>{cells(id, price)}</p>;
}

show(() => (
  <PriceStreamProvider url={socketUrl(ourPath)} options={{ dialect: 'tickwire' }}>
    {ids.map((id) => (
      <Row key={id} id={id} />
    ))}
  </PriceStreamProvider>
));
