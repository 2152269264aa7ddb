/** What the connection is doing, in words; the only part of the page that speaks up by itself. */
import { useConnection } from '@tickwire/react';
import type { ReactElement } from 'react';
import { connectionWords } from './connection-words.js';
import { useNow } from './use-now.js';

export function ConnectionPill(): ReactElement {
  const connection = useConnection();
  const { shown, spoken } = connectionWords(connection, useNow());
  return (
    <p className="pill" role="status" data-status={connection.status}>
      <span className="pill-dot" aria-hidden="true" />
      <span className="pill-words" aria-hidden="true">
        {shown}
      </span>
      {/* A countdown read aloud each second would drown the page: the ear gets the words without it. */}
      <span className="unseen">{spoken}</span>
    </p>
  );
}
