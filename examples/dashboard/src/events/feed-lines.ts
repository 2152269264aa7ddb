/** The messages of one event channel and the gaps between them as the lines of a list, newest first; pure. */
import type { GapEvent, HistoryPage } from '@tickwire/client';
import type { ChannelMessage, SocialSpike, WhaleMovement } from '@tickwire/protocol';

/** The channels that have a list. */
export const feedChannels = ['whales', 'social'] as const;
/** One of them. */
export type FeedChannel = (typeof feedChannels)[number];

/** How many lines are kept, so that a filter has something to find; the oldest go first. */
export const mostLines = 200;

/** Messages that never came. */
export interface MissedEvents {
  type: 'missed';
  channel: FeedChannel;
  /** `null` where nobody can know. */
  count: number | null;
  /** Whether the connection was lost meanwhile, rather than messages on one that stood. */
  isAway: boolean;
  /** When the loss became known, ISO 8601. */
  timestamp: string;
}

/** `live`: it came while one looked · `late`: while one was away · `before`: the history had it. */
export type Arrival = 'live' | 'late' | 'before';

/** One line of the list. */
export interface FeedLine {
  /** The same for the same message, however it came. */
  key: string;
  event: WhaleMovement | SocialSpike | MissedEvents;
  arrival: Arrival;
}

/** The line of a message; `fallbackKey` names one that a server sent without its place in the channel. */
export function lineOf(message: WhaleMovement | SocialSpike, fallbackKey: string, arrival: Arrival = 'live'): FeedLine {
  const { sub, epoch, seq } = message;
  return { key: seq === undefined ? fallbackKey : JSON.stringify([sub, epoch, seq]), event: message, arrival };
}

/** Why messages are lost on a connection that stands: a page that reads too slowly, a hole that the server cannot fill. */
const lossesOnTheWay: ReadonlySet<string> = new Set(['slow_consumer', 'unfilled']);

/** The line of a gap. */
export function missedLine(channel: FeedChannel, gap: GapEvent, now: number, key: string): FeedLine {
  const { from, to, reason } = gap;
  const count = from === null || to === null ? null : to - from + 1;
  const isAway = !lossesOnTheWay.has(reason);
  const timestamp = new Date(now).toISOString();
  return { key, event: { type: 'missed', channel, count, isAway, timestamp }, arrival: 'live' };
}

/** Two losses on end as one, so that many of them do not push the events out. */
function joined(newer: FeedLine, older: FeedLine | undefined): FeedLine | undefined {
  const [late, early] = [newer.event, older?.event];
  if (older === undefined || late.type !== 'missed' || early?.type !== 'missed') return undefined;
  const count = late.count === null || early.count === null ? null : late.count + early.count;
  return { ...older, event: { ...late, count, isAway: late.isAway || early.isAway } };
}

/** The list with one more line on top; the same list where it has that message already. */
export function withNewest(lines: readonly FeedLine[], line: FeedLine): readonly FeedLine[] {
  if (lines.some(({ key }) => key === line.key)) return lines;
  const [top, ...rest] = lines;
  const both = joined(line, top);
  return both === undefined ? [line, ...lines].slice(0, mostLines) : [both, ...rest];
}

/** Its sender's time, ISO 8601. */
export function timestampOf({ event }: FeedLine): string {
  return event.type === 'missed' ? event.timestamp : event.data.timestamp;
}

/** A stretch of a channel's history, oldest first as servers give it, as lines; messages of other types are left out. */
export function linesOfHistory(messages: HistoryPage['messages'], fallbackKey: string): FeedLine[] {
  const lines = (messages as readonly ChannelMessage[]).flatMap((message, index) =>
    message.type === 'whale_movement' || message.type === 'social_spike'
      ? [lineOf(message, `${fallbackKey}.${index}`, 'before')]
      : [],
  );
  return lines.reverse();
}

/** The list with what was before it below. */
export function withEarlier(lines: readonly FeedLine[], earlier: readonly FeedLine[]): readonly FeedLine[] {
  const known = new Set(lines.map(({ key }) => key));
  return [...lines, ...earlier.filter(({ key }) => !known.has(key))].slice(0, mostLines);
}
