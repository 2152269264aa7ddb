/** What the SDK noticed and did about it, as the lines of a log in the words of a person; pure. */
import type { ClientStats, Connection } from '@tickwire/client';
import { causeWords } from './cause-words.js';

/** `you`: somebody broke something · `bad`: something is wrong · `wait`: it is being mended · `good`: it is mended. */
export type LogTone = 'you' | 'bad' | 'wait' | 'good';

/** What is said of one thing that happened. */
export interface LogWords {
  tone: LogTone;
  words: string;
  /** @default 1 */
  times?: number;
}

/** One line of the log. */
export interface LogLine extends Required<LogWords> {
  /** Grows by one a line. */
  key: number;
  /** Epoch ms; of the last time where it happened again and again. */
  at: number;
}

/** So many lines are kept; the oldest go first. */
const mostLines = 40;

/** The log with one more line on top; what happens again on end is counted instead. */
export function logged(lines: readonly LogLine[], said: LogWords, at: number): readonly LogLine[] {
  const { tone, words, times = 1 } = said;
  const [top, ...rest] = lines;
  if (top?.words === words && top.tone === tone) return [{ ...top, at, times: top.times + times }, ...rest];
  return [{ key: (top?.key ?? 0) + 1, at, tone, words, times }, ...lines].slice(0, mostLines);
}

/** `300 ms`, `1.4 s`, `12 s`, `3 min`. */
export function spanWords(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 9_950) return `${Number((ms / 1_000).toFixed(1))} s`;
  if (ms < 119_500) return `${Math.round(ms / 1_000)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

const ways = { websocket: 'over a WebSocket', polling: 'by asking over HTTP, for no WebSocket is to be had' } as const;

function connectedWords(
  previous: Connection,
  next: Extract<Connection, { status: 'connected' }>,
  brokenSince: number | undefined,
  now: number,
): LogWords | undefined {
  if (previous.status !== 'connected' || previous.transport !== next.transport) {
    const words =
      brokenSince === undefined
        ? `Connected ${ways[next.transport]}.`
        : `Connected again after ${spanWords(now - brokenSince)}, and asked anew for everything on the page.`;
    return { tone: 'good', words };
  }
  if (next.mute !== previous.mute) {
    return next.mute
      ? { tone: 'bad', words: 'The server did not answer a sign of life in time: the link counts as dead.' }
      : { tone: 'good', words: 'The server answers again on the same link.' };
  }
  if (next.authenticated && !previous.authenticated)
    return { tone: 'good', words: 'Signed in on the connection that stands.' };
  if (next.since !== previous.since)
    return { tone: 'good', words: 'Moved to another socket before the server went away. Nothing was interrupted.' };
  return undefined;
}

/**
 * What a change of the connection means; `undefined` where it is not worth a line.
 *
 * @param brokenSince epoch ms of the loss that is being mended; `undefined` without one
 */
export function changeWords(
  previous: Connection,
  next: Connection,
  brokenSince: number | undefined,
  now: number,
): LogWords | undefined {
  switch (next.status) {
    case 'idle':
    case 'connecting':
      return undefined;
    case 'connected':
      return connectedWords(previous, next, brokenSince, now);
    case 'reconnecting': {
      const cause = causeWords(next.cause) ?? 'the connection is to be made anew';
      const wasUp = previous.status === 'connected';
      const what = wasUp ? 'Lost the connection' : `Attempt ${next.attempt - 1} was in vain`;
      const when = `The next attempt is in ${spanWords(next.retryAt - now)}.`;
      return { tone: wasUp ? 'bad' : 'wait', words: `${what}: ${cause}. ${when}` };
    }
    case 'paused':
      return {
        tone: 'wait',
        words:
          next.reason === 'offline'
            ? 'This device is offline. The SDK waits for the network, with a slow try now and then.'
            : 'Nobody sees the page: the SDK connects again when somebody does.',
      };
    case 'closed':
      return { tone: 'wait', words: 'The connection is closed. Nothing is tried before somebody connects again.' };
    case 'failed':
      return { tone: 'bad', words: `Gave up: ${causeWords(next.error) ?? ''}. "Try now" starts again.` };
  }
}

/** What the log looks at of the counters. */
export type Counted = Pick<ClientStats, 'gaps' | 'duplicates' | 'invalid'>;

function plural(count: number, one: string, many: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}

/** What the counters say has happened since they were last looked at. */
export function counterWords(previous: Counted, next: Counted): LogWords[] {
  const all: Required<LogWords>[] = [
    { tone: 'bad', words: 'Noticed a hole in what the server numbered.', times: next.gaps - previous.gaps },
    { tone: 'bad', words: 'Dropped a frame that made no sense.', times: next.invalid - previous.invalid },
    { tone: 'good', words: 'Left out a message that had come before.', times: next.duplicates - previous.duplicates },
  ];
  return all.filter(({ times }) => times > 0);
}

/** The link has become slow, or is as usual again. */
export function slownessWords(isSlow: boolean, lateMs: number): LogWords {
  return isSlow
    ? { tone: 'bad', words: `Prices arrive ${spanWords(lateMs)} later than usual. The link answers, so it is kept.` }
    : { tone: 'good', words: 'Prices arrive as quickly as usual again.' };
}

/** The SDK asked for what was missing of a channel, and got an answer. */
export function repairedWords(channel: string, count: number): LogWords | undefined {
  if (count === 0) return undefined;
  const what = plural(count, 'message', 'messages');
  return { tone: 'good', words: `Asked for what was missing of "${channel}" and got ${what}, in order.` };
}

/** Messages of a channel that are lost for good. */
export function gapWords(channel: string, count: number | null): LogWords {
  return {
    tone: 'bad',
    words:
      count === null
        ? `The server begins anew on "${channel}": what was sent meanwhile can no longer be had.`
        : `${plural(count, 'message', 'messages')} of "${channel}" can no longer be had.`,
  };
}

/** What came again after a loss. */
export function resumedWords(events: number, freshPrices: number, prices: number): LogWords | undefined {
  const parts = [
    ...(events > 0 ? [`${plural(events, 'missed event', 'missed events')} delivered late`] : []),
    ...(prices > 0 ? [`${freshPrices} of ${plural(prices, 'price', 'prices')} known to be current`] : []),
  ];
  if (parts.length === 0) return undefined;
  return { tone: freshPrices === prices ? 'good' : 'wait', words: `Resumed: ${parts.join(', ')}.` };
}
