/** Whale movements, social spikes and gaps as the lines of a list, newest first; pure. */
import type { GapEvent, HistoryPage } from '@tickwire/client';
import type { ChannelMessage, SocialSpike, WhaleMovement } from '@tickwire/protocol';

/** The channels that the list follows. */
export const eventChannels = ['whales', 'social'] as const;
/** One of them. */
export type EventChannel = (typeof eventChannels)[number];

/** How many lines are kept; the oldest go first. */
export const mostLines = 20;

/** Events of a channel that never came. */
export interface MissedEvents {
  type: 'missed';
  channel: EventChannel;
  /** `null` where nobody can know. */
  count: number | null;
  /** When the loss became known, ISO 8601. */
  timestamp: string;
}

/** One line of the list. */
export interface EventLine {
  /** The same for the same message, however it came. */
  key: string;
  event: WhaleMovement | SocialSpike | MissedEvents;
  /** Whether it came while one looked; what the history held did not. */
  isNews: boolean;
}

/** The line of a message; `fallbackKey` names one that a server sent without its place in the channel. */
export function lineOf(message: WhaleMovement | SocialSpike, fallbackKey: string, isNews = true): EventLine {
  const { sub, epoch, seq } = message;
  return { key: seq === undefined ? fallbackKey : JSON.stringify([sub, epoch, seq]), event: message, isNews };
}

/** The line of a gap, or `undefined` for one of a channel that the list does not follow. */
export function missedLine({ channel, from, to }: GapEvent, now: number, key: string): EventLine | undefined {
  const followed = eventChannels.find((known) => known === channel);
  if (followed === undefined) return undefined;
  const count = from === null || to === null ? null : to - from + 1;
  const event: MissedEvents = { type: 'missed', channel: followed, count, timestamp: new Date(now).toISOString() };
  return { key, event, isNews: true };
}

/** Two losses on end as one, so that many of them do not push the events out. */
function joined(newer: EventLine, older: EventLine | undefined): EventLine | undefined {
  const [late, early] = [newer.event, older?.event];
  if (older === undefined || late.type !== 'missed' || early?.type !== 'missed') return undefined;
  if (late.channel !== early.channel) return undefined;
  const count = late.count === null || early.count === null ? null : late.count + early.count;
  return { ...older, event: { ...late, count } };
}

/** The list with one more line on top; the same list where it has that message already. */
export function withNewest(lines: readonly EventLine[], line: EventLine): readonly EventLine[] {
  if (lines.some(({ key }) => key === line.key)) return lines;
  const [top, ...rest] = lines;
  const both = joined(line, top);
  return both === undefined ? [line, ...lines].slice(0, mostLines) : [both, ...rest];
}

/** Its sender's time, ISO 8601. */
export function timestampOf({ event }: EventLine): string {
  return event.type === 'missed' ? event.timestamp : event.data.timestamp;
}

/** A stretch of a channel's history, oldest first as servers give it, as lines; messages of other types are left out. */
export function linesOfHistory(messages: HistoryPage['messages'], fallbackKey: string): EventLine[] {
  const lines = (messages as readonly ChannelMessage[]).flatMap((message, index) =>
    message.type === 'whale_movement' || message.type === 'social_spike'
      ? [lineOf(message, `${fallbackKey}.${index}`, false)]
      : [],
  );
  return lines.reverse();
}

/** The list with what was before it below: by the senders' times, for nothing else orders two channels. */
export function withEarlier(lines: readonly EventLine[], earlier: readonly EventLine[]): readonly EventLine[] {
  const known = new Set(lines.map(({ key }) => key));
  const unknown = earlier.filter(({ key }) => !known.has(key));
  const news = lines.filter(({ isNews }) => isNews);
  const old = [...lines.filter(({ isNews }) => !isNews), ...unknown].sort(
    (one, other) => Date.parse(timestampOf(other)) - Date.parse(timestampOf(one)),
  );
  return [...news, ...old].slice(0, mostLines);
}
