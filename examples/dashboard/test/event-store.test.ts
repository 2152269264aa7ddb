import { PriceStreamError, type Connection, type GapEvent, type HistoryPage } from '@tickwire/client';
import type { SocialSpike, WhaleMovement } from '@tickwire/protocol';
import { describe, expect, it, vi } from 'vitest';
import { createEventStore } from '../src/events/event-store.js';
import { spike, whale, words } from './market-events.js';

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
  listener: (message: WhaleMovement | SocialSpike) => void;
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
    store: createEventStore(client as unknown as Parameters<typeof createEventStore>[0], () => 0),
    asked,
    followed,
    open: () => watchers.size + gaps.size + followed.size,
    connect: (next: Connection) => {
      connection = next;
      for (const watcher of [...watchers]) watcher();
    },
    deliver: (message: WhaleMovement | SocialSpike) => followed.get(String(message.sub))?.listener(message),
    lose: (from: number, to: number) => {
      for (const listener of gaps) listener({ channel: 'whales', from, to, reason: 'unfilled' });
    },
  };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('the event store', () => {
  it('follows both channels while somebody looks, and holds nothing of the client afterwards', () => {
    const { store, open, followed } = setup();
    expect(open()).toBe(0);
    const leave = store.subscribe(() => undefined);
    const leaveToo = store.subscribe(() => undefined);
    expect([...followed.keys()]).toEqual(['whales', 'social']);
    leave();
    expect(open()).toBeGreaterThan(0);
    leaveToo();
    leaveToo();
    expect(open()).toBe(0);
  });

  it('tells its listeners of each event and each gap, and gives the same state in between', () => {
    const { store, deliver, lose } = setup();
    const listener = vi.fn();
    store.subscribe(listener);
    deliver(whale(1));
    deliver(spike(1));
    lose(2, 4);
    expect(words(store.get().lines)).toEqual(['missed 3', 'social 1', 'whales 1']);
    expect(store.get()).toBe(store.get());
    expect(listener).toHaveBeenCalledTimes(3);
    deliver(whale(1));
    expect(listener).toHaveBeenCalledTimes(3);
  });

  it('asks for the newest of each channel once there is a connection, and once only', async () => {
    const { store, asked, connect, deliver } = setup();
    store.subscribe(() => undefined);
    expect(asked).toHaveLength(0);
    connect(connected);
    connect({ ...connected, rttMs: 5 });
    expect(asked.map(({ channel }) => channel)).toEqual(['whales', 'social']);
    deliver(whale(3));
    asked[0]?.answer([whale(1), whale(2), whale(3)]);
    await settle();
    asked[1]?.answer([spike(1)]);
    await settle();
    expect(words(store.get().lines)).toEqual(['whales 3', 'whales 2', 'whales 1', 'social 1']);
    connect(lost);
    connect(connected);
    expect(asked).toHaveLength(2);
  });

  it('asks again with the next connection where no answer came, and lives without', async () => {
    const { store, asked, connect, deliver } = setup();
    store.subscribe(() => undefined);
    connect(connected);
    for (const { fail } of asked) fail();
    await settle();
    deliver(whale(1));
    connect(lost);
    connect(connected);
    expect(asked).toHaveLength(4);
    expect(words(store.get().lines)).toEqual(['whales 1']);
  });

  it('keeps its lines in StrictMode, where a listener leaves and comes back, and asks no second time', () => {
    const { store, asked, connect, deliver } = setup();
    connect(connected);
    const leave = store.subscribe(() => undefined);
    deliver(whale(1));
    leave();
    store.subscribe(() => undefined);
    deliver(whale(2));
    expect(words(store.get().lines)).toEqual(['whales 2', 'whales 1']);
    expect(asked).toHaveLength(2);
  });

  it('says that a server has no events once both channels are refused, until one comes', async () => {
    const { store, followed, deliver } = setup();
    store.subscribe(() => undefined);
    followed.get('whales')?.refuse('UNKNOWN_CHANNEL');
    await settle();
    expect(store.get().refused).toBe(false);
    followed.get('social')?.refuse('UNKNOWN_CHANNEL');
    await settle();
    expect(store.get().refused).toBe(true);
    deliver(spike(1));
    expect(store.get().refused).toBe(false);
  });

  it('takes a client that closes for no refusal', async () => {
    const { store, followed } = setup();
    store.subscribe(() => undefined);
    for (const { refuse } of followed.values()) refuse('CLOSED');
    await settle();
    expect(store.get().refused).toBe(false);
  });
});
