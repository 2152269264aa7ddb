/** What the connection is doing, in a word; it opens the panel that says more. */
import { useConnection } from '@tickwire/react';
import type { ReactElement } from 'react';
import { useMarket } from '../market/market.js';
import { useNow } from '../shell/use-now.js';
import { connectionWords } from './connection-words.js';

/** Where the focus goes when what had it is gone. */
export const statusId = 'connection-status';

export function ConnectionPill(): ReactElement {
  const connection = useConnection();
  const { show } = useMarket();
  const { words, countdown, detail } = connectionWords(connection, useNow());
  return (
    <button
      type="button"
      className="pill"
      data-status={connection.status}
      data-mute={connection.status === 'connected' && connection.mute}
      id={statusId}
      title="More about the connection"
      onClick={() => show('connection')}
    >
      <span className="pill-dot" aria-hidden="true" />
      <span>
        <span className="unseen">Connection: </span>
        {words}
        {countdown !== undefined && <span className="wide"> {countdown}</span>}
        {detail !== undefined && <span className="wide"> {detail}</span>}
      </span>
    </button>
  );
}
