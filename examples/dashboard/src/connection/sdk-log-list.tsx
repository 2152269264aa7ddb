/** The log of what the SDK noticed and did, newest first. No live region: the page's summary speaks for it. */
import type { ReactElement } from 'react';
import { formatTimeOfDay } from '../events/format-event.js';
import type { LogLine, LogTone } from './sdk-log.js';

/** Said beside each line, so that no colour has to be seen. */
const tones: Readonly<Record<LogTone, string>> = { you: 'You', bad: 'Trouble', wait: 'Waits', good: 'Good' };

export function SdkLogList({ lines }: { lines: readonly LogLine[] }): ReactElement {
  if (lines.length === 0)
    return <p className="empty">Nothing has happened yet. What the SDK notices and does is written down here.</p>;
  return (
    <ol className="sdk-log" role="list" tabIndex={0} aria-label="What the SDK noticed and did">
      {lines.map(({ key, at, tone, words, times }) => {
        const iso = new Date(at).toISOString();
        return (
          <li key={key} data-tone={tone}>
            <span>
              <span className="sdk-log-tone">{tones[tone]}</span>
              <time dateTime={iso}>{formatTimeOfDay(iso)}</time>
            </span>
            <span>
              {words}
              {times > 1 && <span className="number"> ({times} times)</span>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
