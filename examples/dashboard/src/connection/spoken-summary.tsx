/** The one part of the page that speaks up by itself: what the connection does at once, how the prices stand now and then. */
import { useConnection, usePriceClient } from '@tickwire/react';
import { useEffect, useState, type ReactElement } from 'react';
import { connectionWords } from './connection-words.js';
import { standingWords } from './standing-words.js';

/** Prices are summed up so often at most. */
const everyMs = 60_000;

export function SpokenSummary(): ReactElement {
  const client = usePriceClient();
  const words = useConnection((connection) => connectionWords(connection, 0).words);
  const [standing, setStanding] = useState('');
  useEffect(() => {
    const timer = setInterval(() => setStanding(standingWords(client.prices.getAll().values())), everyMs);
    return () => clearInterval(timer);
  }, [client]);
  return (
    <p className="unseen" role="status" data-summary="">
      {words}. {standing}
    </p>
  );
}
