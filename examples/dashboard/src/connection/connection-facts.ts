/** The facts of a connection as a list of terms and words; pure. */
import type { ClientStats, Connection } from '@tickwire/client';
import { formatAge } from '../market/format-price.js';
import { causeWords } from './cause-words.js';
import { rateWords } from './message-rate.js';
import { spanWords } from './sdk-log.js';

/** One fact. */
export interface ConnectionFact {
  /** For tests and styles. */
  id: 'round-trip' | 'rate' | 'received' | 'gaps' | 'reconnects' | 'speaks' | 'user';
  term: string;
  words: string;
}

const dialects: ReadonlyMap<string, string> = new Map([
  ['tickwire', 'Tickwire'],
  ['coins', 'the older coins dialect'],
  ['metals', 'the older metals dialect'],
]);

/** `812 B`, `12.3 kB`, `4.5 MB`. */
export function sizeWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const [size, unit] = bytes < 999_500 ? [bytes / 1e3, 'kB'] : [bytes / 1e6, 'MB'];
  return `${size < 100 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}

function countWords(count: number, none: string, one: string, many: string): string {
  if (count === 0) return none;
  return count === 1 ? `1 ${one}` : `${count.toLocaleString('en-US')} ${many}`;
}

/** What is measured beside the client's counters. */
export interface Measured {
  /** In ms; `undefined` before the first answer. */
  roundTripMs: number | undefined;
  /** Messages a second; `undefined` before it can be told. */
  rate: number | undefined;
}

/** The facts, in reading order. */
export function connectionFacts(connection: Connection, stats: ClientStats, measured: Measured): ConnectionFact[] {
  const isUp = connection.status === 'connected';
  const { roundTripMs, rate } = measured;
  const { messages, bytes, gaps, reconnects } = stats;
  return [
    {
      ...{ id: 'round-trip', term: 'Round trip' },
      words: isUp ? (roundTripMs === undefined ? 'measuring…' : spanWords(roundTripMs)) : 'no connection',
    },
    { id: 'rate', term: 'Messages', words: isUp ? rateWords(rate) : 'none' },
    {
      ...{ id: 'received', term: 'Received' },
      words: `${messages.toLocaleString('en-US')} messages, ${sizeWords(bytes)}`,
    },
    { id: 'gaps', term: 'Gaps', words: countWords(gaps, 'none', 'hole noticed', 'holes noticed') },
    {
      ...{ id: 'reconnects', term: 'Made anew' },
      words: countWords(reconnects, 'never', 'time', 'times'),
    },
    ...(isUp
      ? [
          { id: 'speaks', term: 'Speaks', words: dialects.get(connection.dialect) ?? 'not known yet' } as const,
          { id: 'user', term: 'Signed in', words: connection.authenticated ? 'yes' : 'no' } as const,
        ]
      : []),
  ];
}

/** What the panel says above the facts. */
export interface ConnectionState {
  title: string;
  /** Why it is so, or what to expect. */
  detail: string | undefined;
  /** When the next attempt starts: changes each second. */
  countdown: string | undefined;
  /** Whether "try now" makes sense. */
  canTry: boolean;
}

const quiet = { countdown: undefined, canTry: false };

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? '' : '.'}`;
}

/** @param now epoch ms */
export function connectionState(connection: Connection, now: number): ConnectionState {
  switch (connection.status) {
    case 'idle':
      return { title: 'Not connected', detail: 'Nothing has been asked for yet.', countdown: undefined, canTry: true };
    case 'connecting':
      return { ...quiet, title: 'Connecting…', detail: `Attempt ${connection.attempt}.` };
    case 'connected': {
      const since = `for ${formatAge(now - connection.since) ?? 'a moment'}.`;
      if (connection.mute)
        return { ...quiet, title: 'Silent', detail: 'The server answers nothing; about to give up.' };
      if (connection.transport === 'polling')
        return {
          title: 'Live, by asking',
          detail: `${since} No WebSocket is to be had.`,
          countdown: undefined,
          canTry: true,
        };
      return { ...quiet, title: 'Live', detail: since };
    }
    case 'reconnecting': {
      const seconds = Math.ceil((connection.retryAt - now) / 1_000);
      const cause = causeWords(connection.cause);
      return {
        title: 'Reconnecting',
        detail: cause === undefined ? undefined : sentence(cause),
        countdown: `Attempt ${connection.attempt} ${seconds > 0 ? `in ${seconds} s` : 'now'}.`,
        canTry: true,
      };
    }
    case 'paused':
      return connection.reason === 'offline'
        ? { ...quiet, title: 'Offline', detail: 'This device has no network. It is tried now and then.', canTry: true }
        : { ...quiet, title: 'Paused', detail: 'Nobody sees the page. It connects when somebody does.' };
    case 'closed':
      return {
        title: 'Stopped',
        detail: connection.reason === '' ? 'The connection was closed.' : sentence(connection.reason),
        ...{ countdown: undefined, canTry: true },
      };
    case 'failed':
      return {
        title: 'Stopped for good',
        detail: sentence(causeWords(connection.error) ?? 'The server refused'),
        ...{ countdown: undefined, canTry: true },
      };
  }
}
