/** What the connection is doing, in words; the only part of the page that speaks up by itself. */
import { useConnection } from '@tickwire/react';
import type { ReactElement } from 'react';
import { connectionWords } from './connection-words.js';
import { useNow } from '../shell/use-now.js';

/** Where the focus goes when what had it is gone. */
export const statusId = 'connection-status';

export function ConnectionPill(): ReactElement {
  const connection = useConnection();
  const { words, countdown, detail } = connectionWords(connection, useNow());
  return (
    <p className="pill" role="status" data-status={connection.status} id={statusId} tabIndex={-1}>
      <span className="pill-dot" aria-hidden="true" />
      <span>
        {words}
        {/* Read aloud each second, a countdown would drown the page. */}
        {countdown !== undefined && <span aria-hidden="true"> {countdown}</span>}
        {detail !== undefined && ` ${detail}`}
      </span>
    </p>
  );
}
