import { PriceStreamError, type Connection, type GapEvent, type HistoryPage } from '@tickwire/client';
import type { WhaleMovement } from '@tickwire/protocol';
import { describe, expect, it, vi } from 'vitest';
import { createFeedStore, feedOf, type FeedClient } from '../src/events/feed-store.js';
import { whale, words } from './market-events.js';

const connected: Connection = {
  ...{ status: 'connected', since: 1, transport: 'websocket', dialect: 'tickwire' },
  ...{ authenticated: false, rttMs: null, mute: false },
};
const lost: Connection = { status: 'reconnecting', attempt: 1, retryAt: 0, cause: null };

interface Asked {
  channel: string;
  answer: (messages: HistoryPage['messages']) => void;
  fail: () => void;
}
interface Followed {
  listener: (message: WhaleMovement) => void;
  refuse: (code: string) => void;
}

/** A client that connects, delivers, loses and answers when the test says so. */
function setup() {
  let connection: Connection = { status: 'connecting', attempt: 1 };
  const watchers = new Set<() => void>();
  const gaps = new Set<(gap: GapEvent) => void>();
  const followed = new Map<string, Followed>();
  const asked: Asked[] = [];
  const client = {
    connection: {
      get: () => connection,
      subscribe: (listener: (connection: Connection) => void) => {
        const own = () => listener(connection);
        watchers.add(own);
        return () => watchers.delete(own);
      },
    },
    on: (_event: 'gap', listener: (gap: GapEvent) => void) => {
      gaps.add(listener);
      return () => gaps.delete(listener);
    },
    history: (channel: string) =>
      new Promise<HistoryPage>((resolve, reject) => {
        const answer = (messages: HistoryPage['messages']) =>
          resolve({ channel, epoch: 'e', seq: 1, complete: true, messages });
        asked.push({ channel, answer, fail: () => reject(new PriceStreamError('UNAVAILABLE', 'No history.')) });
      }),
    subscribe: (channel: string, listener: Followed['listener']) => {
      let reject: (error: unknown) => void = () => undefined;
      const promise = new Promise<never>((_resolve, fail) => (reject = fail));
      followed.set(channel, { listener, refuse: (code) => reject(new PriceStreamError(code, 'No.')) });
      const handle = {
        active: true,
        ready: () => promise,
        unsubscribe: () => {
          handle.active = false;
          followed.delete(channel);
        },
      };
      return handle;
    },
  };
  return {
    client: client as unknown as FeedClient,
    asked,
    followed,
    open: () => watchers.size + gaps.size + followed.size,
    connect: (next: Connection) => {
      connection = next;
      for (const watcher of [...watchers]) watcher();
    },
    deliver: (message: WhaleMovement) => followed.get('whales')?.listener(message),
    lose: (from: number, to: number, channel = 'whales') => {
      for (const listener of gaps) listener({ channel, from, to, reason: 'too_old' });
    },
  };
}

function started(isHidden: () => boolean = () => false) {
  const stage = setup();
  const store = createFeedStore(stage.client, 'whales', { now: () => 0, isHidden });
  return { ...stage, store };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('the store of a feed', () => {
  it('follows its channel while somebody looks, and holds nothing of the client afterwards', () => {
    const { store, open, followed } = started();
    expect(open()).toBe(0);
    const leave = store.subscribe(() => undefined);
    const leaveToo = store.subscribe(() => undefined);
    expect([...followed.keys()]).toEqual(['whales']);
    leave();
    expect(open()).toBeGreaterThan(0);
    leaveToo();
    leaveToo();
    expect(open()).toBe(0);
  });

  it('tells its listeners of each event and each gap of its channel, and gives the same state in between', () => {
    const { store, deliver, lose } = started();
    const listener = vi.fn();
    store.subscribe(listener);
    deliver(whale(1));
    lose(2, 4);
    lose(7, 9, 'social');
    expect(words(store.get().lines)).toEqual(['missed 3', 'whales 1']);
    expect(store.get()).toBe(store.get());
    expect(listener).toHaveBeenCalledTimes(2);
    deliver(whale(1));
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('knows what came late: after a resume, or while nobody saw the page', () => {
    const page = { hidden: false };
    const { store, deliver } = started(() => page.hidden);
    store.subscribe(() => undefined);
    deliver(whale(1));
    deliver({ ...whale(2), replay: true });
    page.hidden = true;
    deliver(whale(3));
    expect(store.get().lines.map(({ arrival }) => arrival)).toEqual(['late', 'late', 'live']);
  });

  it('asks for the newest once there is a connection, and once only', async () => {
    const { store, asked, connect, deliver } = started();
    store.subscribe(() => undefined);
    expect(asked).toHaveLength(0);
    connect(connected);
    connect({ ...connected, rttMs: 5 });
    expect(asked.map(({ channel }) => channel)).toEqual(['whales']);
    expect(store.get().asked).toBe(false);
    deliver(whale(3));
    asked[0]?.answer([whale(1), whale(2), whale(3)]);
    await settle();
    expect(words(store.get().lines)).toEqual(['whales 3', 'whales 2', 'whales 1']);
    expect(store.get().asked).toBe(true);
    connect(lost);
    connect(connected);
    expect(asked).toHaveLength(1);
  });

  it('asks again with the next connection where no answer came, and lives without', async () => {
    const { store, asked, connect, deliver } = started();
    store.subscribe(() => undefined);
    connect(connected);
    asked[0]?.fail();
    await settle();
    expect(store.get().asked).toBe(true);
    deliver(whale(1));
    connect(lost);
    connect(connected);
    expect(asked).toHaveLength(2);
    expect(words(store.get().lines)).toEqual(['whales 1']);
  });

  it('keeps its lines in StrictMode, where a listener leaves and comes back, and asks no second time', () => {
    const { store, asked, connect, deliver } = started();
    connect(connected);
    const leave = store.subscribe(() => undefined);
    deliver(whale(1));
    leave();
    store.subscribe(() => undefined);
    deliver(whale(2));
    expect(words(store.get().lines)).toEqual(['whales 2', 'whales 1']);
    expect(asked).toHaveLength(1);
  });

  it('says that a server has no such channel, until something comes of it', async () => {
    const { store, followed, deliver } = started();
    store.subscribe(() => undefined);
    followed.get('whales')?.refuse('UNKNOWN_CHANNEL');
    await settle();
    expect(store.get().refused).toBe(true);
    deliver(whale(1));
    expect(store.get().refused).toBe(false);
  });

  it('takes a client that closes for no refusal', async () => {
    const { store, followed } = started();
    store.subscribe(() => undefined);
    followed.get('whales')?.refuse('CLOSED');
    await settle();
    expect(store.get().refused).toBe(false);
  });

  it('is one for all who look at the same channel of the same client', () => {
    const { client } = setup();
    expect(feedOf(client, 'whales')).toBe(feedOf(client, 'whales'));
    expect(feedOf(client, 'social')).not.toBe(feedOf(client, 'whales'));
    expect(feedOf(setup().client, 'whales')).not.toBe(feedOf(client, 'whales'));
  });
});
