/** The tab says the price of the page's instrument, once a second at most. */
import { usePriceClient } from '@tickwire/react';
import { useEffect, useSyncExternalStore } from 'react';
import { unseenAlerts, unseenWords } from '../alerts/unseen-alerts.js';
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
  const { count, last } = useSyncExternalStore(unseenAlerts.subscribe, unseenAlerts.get, unseenAlerts.get);
  useEffect(() => {
    document.title = unseenWords(title, count, last);
  }, [title, count, last]);
  return null;
}
