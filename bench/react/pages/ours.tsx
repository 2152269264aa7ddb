/** A hook a row, below one provider. */
import { PriceStreamProvider, usePrice } from '@tickwire/react';
import { cells, ids, ourPath, show, socketUrl } from './bench-page.js';

function Row({ id }: { id: string }) {
  const price = usePrice(`coin:${id}`, (tick) => tick?.price);
  return <p>{cells(id, price)}</p>;
}

show(() => (
  <PriceStreamProvider url={socketUrl(ourPath)} options={{ dialect: 'tickwire' }}>
    {ids.map((id) => (
      <Row key={id} id={id} />
    ))}
  </PriceStreamProvider>
));
