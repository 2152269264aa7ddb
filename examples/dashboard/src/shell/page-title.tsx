/** The tab says the price of the page's instrument, once a second at most. */
import { usePriceClient } from '@tickwire/react';
import { useEffect } from 'react';
import { useMarket } from '../market/market.js';
import { titleOf } from './title-words.js';
import { useClock } from './use-now.js';

export function PageTitle(): null {
  const { rows, selected, live } = useMarket();
  const client = usePriceClient();
  const title = useClock(() =>
    selected === undefined
      ? titleOf(undefined, undefined, live)
      : titleOf(rows.get(selected), client.prices.get(selected), live),
  );
  useEffect(() => {
    document.title = title;
  }, [title]);
  return null;
}
