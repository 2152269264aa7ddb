/** One event as a line: when, which coin, what happened, how much. */
import { decimalToNumber, type SocialSpike, type WhaleMovement } from '@tickwire/protocol';
import { memo, type ReactElement, type ReactNode } from 'react';
import type { CoinTitle } from '../market/catalog-rows.js';
import { timestampOf, type FeedLine } from './feed-lines.js';
import {
  formatCount,
  formatDollars,
  formatJump,
  formatTimeOfDay,
  missedWords,
  platformName,
  shortAddress,
} from './format-event.js';
import { trendOf } from '../market/format-price.js';

const arrows = { up: '▲', down: '▼', flat: '■', unknown: '' } as const;

function Whale({
  message: { data },
  coin,
  tag,
}: {
  message: WhaleMovement;
  coin: CoinTitle;
  tag: ReactNode;
}): ReactElement {
  return (
    <>
      <span className="event-what">
        <span className="name">{coin.name}</span>
        {tag}
        <span className="note" title={`${data.fromAddress} → ${data.toAddress}`}>
          Whale {shortAddress(data.fromAddress)}
          <span aria-hidden="true"> → </span>
          <span className="unseen"> to </span>
          {shortAddress(data.toAddress)}
        </span>
      </span>
      <span className="event-much">
        <span className="figure">{formatDollars(data.usdValue)}</span>
        <span className="note">
          {formatCount(data.amount)} {coin.symbol ?? 'coins'}
        </span>
      </span>
    </>
  );
}

function Spike({
  message: { data },
  coin,
  tag,
}: {
  message: SocialSpike;
  coin: CoinTitle;
  tag: ReactNode;
}): ReactElement {
  const percent = decimalToNumber(data.change);
  const trend = trendOf(percent);
  return (
    <>
      <span className="event-what">
        <span className="name">{coin.name}</span>
        {tag}
        <span className="note">Spike on {platformName(data.platform)}</span>
      </span>
      <span className="event-much" data-trend={trend}>
        <span className="figure">
          <span className="arrow" aria-hidden="true">
            {arrows[trend]}
          </span>
          {formatJump(percent)}
        </span>
        <span className="note">{formatCount(data.mentions24h)} mentions</span>
      </span>
    </>
  );
}

interface FeedRowProps {
  line: FeedLine;
  coin: CoinTitle | undefined;
  /** Said by the line itself where the list does not say it for all. */
  origin: string | undefined;
}

/** A line of the list. */
export const FeedRow = memo(function FeedRow({ line, coin, origin }: FeedRowProps): ReactElement {
  const { event } = line;
  const timestamp = timestampOf(line);
  const tag = origin !== undefined && <span className="tag">{origin}</span>;
  return (
    <li className="event" data-event={event.type} data-arrival={line.arrival}>
      <time className="event-time" dateTime={timestamp} title={timestamp}>
        {formatTimeOfDay(timestamp)}
      </time>
      {event.type === 'missed' && <span className="event-what warning">{missedWords(event)}</span>}
      {event.type === 'whale_movement' && coin && <Whale message={event} coin={coin} tag={tag} />}
      {event.type === 'social_spike' && coin && <Spike message={event} coin={coin} tag={tag} />}
    </li>
  );
});
