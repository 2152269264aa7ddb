/** The newest events of the market and the gaps between them: followed while somebody looks, its start filled from history. */
import { PriceStreamError, type PriceWebSocketClient } from '@tickwire/client';
import {
  eventChannels,
  lineOf,
  linesOfHistory,
  missedLine,
  mostLines,
  withEarlier,
  withNewest,
  type EventChannel,
  type EventLine,
} from './event-lines.js';

/** What is known of the events. */
export interface EventState {
  /** Newest first, at most `mostLines`. */
  lines: readonly EventLine[];
  /** Whether the server has none of the channels. */
  refused: boolean;
}

/** A store as React reads it. */
export interface EventStore {
  get: () => EventState;
  subscribe: (listener: () => void) => () => void;
}

/** What the store needs of a client. */
type EventClient = Pick<PriceWebSocketClient, 'subscribe' | 'on' | 'history' | 'connection'>;

const refusals: ReadonlySet<string> = new Set(['UNKNOWN_CHANNEL', 'FORBIDDEN_CHANNEL']);

/**
 * Makes a store that does nothing before its first listener and keeps its lines after the last.
 * @param now epoch ms
 */
export function createEventStore(client: EventClient, now: () => number = () => Date.now()): EventStore {
  const listeners = new Set<() => void>();
  const refused = new Set<EventChannel>();
  /** Channels whose history is asked for, or known. */
  const askedFor = new Set<EventChannel>();
  let state: EventState = { lines: [], refused: false };
  let keys = 0;
  let stop: () => void = () => undefined;

  function set(lines: readonly EventLine[]): void {
    const next = { lines, refused: refused.size === eventChannels.length };
    if (next.lines === state.lines && next.refused === state.refused) return;
    state = next;
    for (const listener of [...listeners]) listener();
  }

  function nextKey(): string {
    keys += 1;
    return String(keys);
  }

  /** What was before the page was opened; from then on the client itself fills what a lost connection missed. */
  function askHistory(): void {
    if (client.connection.get().status !== 'connected') return;
    for (const channel of eventChannels) {
      if (askedFor.has(channel)) continue;
      askedFor.add(channel);
      client.history(channel, { limit: mostLines }).then(
        ({ messages }) => set(withEarlier(state.lines, linesOfHistory(messages, nextKey()))),
        // No history here, or none before the connection was lost: the next one asks again.
        () => askedFor.delete(channel),
      );
    }
  }

  function follow(channel: EventChannel): () => void {
    const subscription = client.subscribe(channel, (message) => {
      refused.delete(channel);
      set(withNewest(state.lines, lineOf(message, nextKey())));
    });
    const answered = (error?: unknown): void => {
      if (!subscription.active) return;
      if (error instanceof PriceStreamError && refusals.has(error.code)) refused.add(channel);
      set(state.lines);
    };
    subscription.ready().then(() => answered(), answered);
    return () => subscription.unsubscribe();
  }

  function start(): () => void {
    const undos = [
      client.on('gap', (gap) => {
        const line = missedLine(gap, now(), nextKey());
        if (line !== undefined) set(withNewest(state.lines, line));
      }),
      client.connection.subscribe(askHistory),
      ...eventChannels.map(follow),
    ];
    askHistory();
    return () => {
      for (const undo of undos) undo();
    };
  }

  return {
    get: () => state,
    subscribe: (listener) => {
      if (listeners.size === 0) stop = start();
      listeners.add(listener);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) stop();
      };
    },
  };
}
