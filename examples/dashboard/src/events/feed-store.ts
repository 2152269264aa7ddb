/** The newest messages of an event channel and the gaps between them: followed while somebody looks, its start filled from history. */
import { PriceStreamError, type PriceWebSocketClient } from '@tickwire/client';
import {
  lineOf,
  linesOfHistory,
  missedLine,
  withEarlier,
  withNewest,
  type FeedChannel,
  type FeedLine,
} from './feed-lines.js';

/** What is known of the channel. */
export interface FeedState {
  /** Newest first, at most `mostLines`. */
  lines: readonly FeedLine[];
  /** Whether the server has no such channel, or not for this user. */
  refused: boolean;
  /** Whether it is known what was before, or that nobody can say. */
  asked: boolean;
}

/** A store as React reads it. */
export interface FeedStore {
  get: () => FeedState;
  subscribe: (listener: () => void) => () => void;
}

/** What the store needs of a client. */
export type FeedClient = Pick<PriceWebSocketClient, 'subscribe' | 'on' | 'history' | 'connection'>;

/** Where the store gets from what the page knows. */
export interface FeedSurroundings {
  /** Epoch ms. @default the clock of the page */
  now?: () => number;
  /** Whether nobody sees the page. @default as the document says */
  isHidden?: () => boolean;
}

const refusals: ReadonlySet<string> = new Set(['UNKNOWN_CHANNEL', 'FORBIDDEN_CHANNEL']);
/** So much history is asked for. */
const mostHistory = 100;

/** Makes a store that does nothing before its first listener and keeps its lines after the last. */
export function createFeedStore(
  client: FeedClient,
  channel: FeedChannel,
  { now = () => Date.now(), isHidden = () => document.visibilityState === 'hidden' }: FeedSurroundings = {},
): FeedStore {
  const listeners = new Set<() => void>();
  let state: FeedState = { lines: [], refused: false, asked: false };
  /** Whether the history is asked for, or known. */
  let isAsked = false;
  let keys = 0;
  let stop: () => void = () => undefined;

  function set(change: Partial<FeedState>): void {
    const next = { ...state, ...change };
    if (next.lines === state.lines && next.refused === state.refused && next.asked === state.asked) return;
    state = next;
    for (const listener of [...listeners]) listener();
  }

  function nextKey(): string {
    keys += 1;
    return String(keys);
  }

  /** What was before the page was opened; from then on the client itself fills what a lost connection missed. */
  function askHistory(): void {
    if (isAsked || client.connection.get().status !== 'connected') return;
    isAsked = true;
    client.history(channel, { limit: mostHistory }).then(
      ({ messages }) => set({ lines: withEarlier(state.lines, linesOfHistory(messages, nextKey())), asked: true }),
      // No history here, or none before the connection was lost: the next one asks again.
      () => {
        isAsked = false;
        set({ asked: true });
      },
    );
  }

  function follow(): () => void {
    const subscription = client.subscribe(channel, (message) => {
      const arrival = message.replay === true || isHidden() ? 'late' : 'live';
      set({ lines: withNewest(state.lines, lineOf(message, nextKey(), arrival)), refused: false });
    });
    const answered = (error?: unknown): void => {
      if (subscription.active && error instanceof PriceStreamError && refusals.has(error.code)) set({ refused: true });
    };
    subscription.ready().then(() => answered(), answered);
    return () => subscription.unsubscribe();
  }

  function start(): () => void {
    const undos = [
      client.on('gap', (gap) => {
        if (gap.channel === channel)
          set({ lines: withNewest(state.lines, missedLine(channel, gap, now(), nextKey())) });
      }),
      client.connection.subscribe(askHistory),
      follow(),
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

const feeds = new WeakMap<FeedClient, Map<FeedChannel, FeedStore>>();

/** The feed of a channel, the same for each part of the page. */
export function feedOf(client: FeedClient, channel: FeedChannel): FeedStore {
  const own = feeds.get(client) ?? new Map<FeedChannel, FeedStore>();
  feeds.set(client, own);
  let feed = own.get(channel);
  if (feed === undefined) own.set(channel, (feed = createFeedStore(client, channel)));
  return feed;
}
