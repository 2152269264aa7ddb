import { CollectionCounter } from '@tickwire/lab';
import { settle } from '@tickwire/testing';
import { describe, expect, it } from 'vitest';
import { flawless, mine, StreamBench } from './stream-bench.js';

const joins = (...channels: string[]): unknown[] => channels.map((join) => ({ join }));
const perMinute = { burst: 1_000_000, perMinute: 1_000_000 };

describe('what one server is asked for', () => {
  it('is one minimal diff of 1,000 toggles before the socket opens', async () => {
    const bench = new StreamBench(flawless);
    for (let toggle = 0; toggle < 1_000; toggle += 1) bench.subscribe('a').unsubscribe();
    bench.subscribe('b');
    bench.socket.open();
    await settle();
    expect(bench.sent()).toEqual(joins('b'));
  });

  it('survives a remount within the linger without a frame', async () => {
    const bench = new StreamBench(flawless, { lingerMs: 1_000 });
    const first = bench.subscribe('a');
    await bench.connected();
    expect(bench.sent()).toEqual(joins('a'));
    first.unsubscribe();
    await bench.clock.advance(500);
    bench.subscribe('a');
    await bench.clock.advance(10_000);
    expect(bench.sent()).toEqual([]);
  });

  it('comes back exactly, once, after every reconnect', async () => {
    const bench = await new StreamBench(flawless).connected('a', 'b');
    bench.subscribe('c').unsubscribe();
    for (let reconnect = 0; reconnect < 30; reconnect += 1) {
      await bench.reconnect();
      expect(bench.sent()).toEqual(joins('a', 'b'));
      bench.client.on('stale', () => undefined);
      await settle();
      expect(bench.sent()).toEqual([]);
    }
  });

  it('goes out in the turn of who subscribes, many in one', async () => {
    const bench = await new StreamBench(flawless).connected('a');
    expect(bench.sent()).toEqual(joins('a'));
    bench.subscribe('b');
    bench.subscribe('c', 'a');
    expect(bench.sent()).toEqual([]);
    await settle();
    expect(bench.sent()).toEqual(joins('b', 'c'));
  });
});

describe('F57: many channels for a server that takes one in a frame', () => {
  it('go out in slices of 100 frames, each in its turn, every channel once', async () => {
    const bench = await new StreamBench(mine({ pace: perMinute })).connected();
    const channels = Array.from({ length: 4_000 }, (_each, index) => `c${index}`);
    const turns: unknown[][] = [];
    const start = bench.clock.setTimeout.bind(bench.clock);
    bench.clock.setTimeout = (fired, delayMs) =>
      start(() => {
        fired();
        turns.push(bench.sent());
      }, delayMs);
    bench.subscribe(...channels);
    await settle();
    turns.push(bench.sent());
    await bench.clock.advance(0);
    expect(turns.map((frames) => frames.length)).toEqual([...Array<number>(40).fill(100), 0]);
    expect(turns.flat()).toEqual(joins(...channels));
  });

  it('cost each the same, however many there are', async () => {
    const costOf = async (count: number): Promise<number> => {
      const bench = await new StreamBench(mine({ pace: perMinute })).connected();
      const counter = new CollectionCounter();
      try {
        bench.subscribe(...Array.from({ length: count }, (_each, index) => `c${index}`));
        await bench.clock.advance(0);
        expect(bench.sent()).toHaveLength(count);
        return counter.stop() / count;
      } finally {
        counter.stop();
      }
    };
    expect((await costOf(1_000)) / (await costOf(250))).toBeLessThan(1.5);
  });
});

describe('the heartbeat of a link', () => {
  it('probes before it sends after more silence than it ever lets pass', async () => {
    const bench = await new StreamBench(flawless).connected('a');
    bench.sent();
    // The machine sleeps: time passes, and no timer fires.
    bench.clock.setTimeout = () => 0;
    const { monotonic, now } = bench.clock;
    bench.clock.monotonic = () => monotonic.call(bench.clock) + 600_000;
    bench.clock.now = () => now.call(bench.clock) + 600_000;
    bench.subscribe('b');
    await settle();
    expect(bench.sent()).toEqual([{ ping: 1 }, { join: 'b' }]);
  });

  it('connected × a wake-up → probes with a short deadline', async () => {
    const bench = await new StreamBench(flawless).connected('a');
    bench.sent();
    await bench.clock.advance(5_000);
    bench.environment.resume();
    await settle();
    expect(bench.sent()).toEqual([{ ping: 1 }]);
    await bench.clock.advance(2_999);
    expect(bench.status).toBe('connected');
    await bench.clock.advance(1);
    // What a wake-up finds gone is replaced at once.
    expect([bench.status, bench.sockets.all.length]).toEqual(['connecting', 2]);
  });

  it('gives a dead peer up in the same step: the socket is let go, and the next attempt planned', async () => {
    const bench = await new StreamBench(flawless).connected('a');
    const { socket } = bench;
    socket.answersClose = false;
    const seen: unknown[] = [];
    bench.client.on('connection', () => seen.push(socket.closedByClient));
    await bench.clock.advance(20_000);
    expect(seen).toEqual([{ code: 4000, reason: 'heartbeat_timeout' }]);
    expect(bench.client.connection.get()).toMatchObject({
      ...{ status: 'reconnecting', retryAt: bench.clock.now() + 625 },
      cause: { code: 'HEARTBEAT_TIMEOUT' },
    });
  });

  it('does not carry a pending ping into the next connection', async () => {
    const bench = await new StreamBench(flawless).connected('a');
    await bench.clock.advance(15_000);
    expect(bench.sent()).toEqual([{ join: 'a' }, { ping: 1 }]);
    await bench.reconnect();
    await bench.clock.advance(14_000);
    expect([bench.status, bench.sent()]).toEqual(['connected', joins('a')]);
    // An answer to it says nothing of the new link.
    await bench.receive({ pong: 1 });
    expect(bench.client.stats().rttMs).toBeNull();
    await bench.clock.advance(15_000);
    expect(bench.sent()).toEqual([{ ping: 1 }]);
  });

  it.each([
    [1_000, 15_000],
    [15_000, 15_000],
    [40_000, 40_000],
  ])('where the dialect wants 15 s of silence, an option of %i ms pings after %i ms', async (idleMs, expected) => {
    const bench = await new StreamBench(mine({ minIdleMs: 15_000 }), { heartbeat: { idleMs } }).connected();
    await bench.clock.advance(expected - 1);
    expect(bench.sent()).toEqual([]);
    await bench.clock.advance(1);
    expect(bench.sent()).toEqual([{ ping: 1 }]);
  });

  it('starts the deadline of a ping when it is sent, not when it is due', async () => {
    const bench = await new StreamBench(mine({ pace: { count: 8, windowMs: 65_000 } })).connected();
    await bench.clock.advance(14_000);
    bench.subscribe('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    await settle();
    await bench.clock.advance(64_999);
    expect([bench.status, bench.sent()]).toEqual(['connected', joins('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')]);
    await bench.clock.advance(1);
    expect(bench.sent()).toEqual([{ ping: 1 }]);
    await bench.clock.advance(4_999);
    expect(bench.status).toBe('connected');
    await bench.clock.advance(1);
    expect(bench.status).toBe('reconnecting');
  });

  it('shows the round trip of a ping that is answered', async () => {
    const bench = await new StreamBench(flawless).connected();
    await bench.clock.advance(15_040);
    await bench.receive({ pong: 1 });
    expect(bench.client.connection.get()).toMatchObject({ rttMs: 40 });
  });
});

describe('the budget of a stream', () => {
  it('counts over a reconnect, as older servers do', async () => {
    const channels = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const bench = await new StreamBench(mine({ pace: { count: 8, windowMs: 65_000 }, ping: () => null })).connected(
      ...channels,
    );
    expect(bench.sent()).toEqual(joins(...channels));
    bench.socket.drop();
    await bench.clock.advance(1_000);
    bench.socket.open();
    await settle();
    expect(bench.sent()).toEqual([]);
    await bench.clock.advance(63_999);
    expect(bench.sent()).toEqual([]);
    await bench.clock.advance(1);
    expect(bench.sent()).toEqual(joins(...channels));
  });
});

describe('a socket that is gone', () => {
  it('leaves one timer, that of the next attempt', async () => {
    const bench = await new StreamBench(mine({ pace: { count: 1, windowMs: 60_000 } })).connected('a', 'b');
    expect(bench.clock.pending).toBeGreaterThan(2);
    bench.socket.drop();
    await settle();
    expect(bench.clock.pending).toBe(1);
  });

  it('says nothing any more: neither what it sends nor that it closes', async () => {
    const bench = await new StreamBench(flawless).connected('a');
    const gone = bench.socket;
    gone.answersClose = false;
    // Given up, and slow to close: its frames are still on their way.
    await bench.clock.advance(20_000);
    await bench.clock.advance(625);
    bench.socket.open();
    await settle();
    const { onopen, onmessage, onclose } = gone as unknown as Record<string, ((event: unknown) => void) | null>;
    onopen?.({});
    onmessage?.({ data: '{"of":"a","price":1}' });
    onclose?.({ code: 1000, reason: '' });
    await settle();
    expect([bench.status, bench.ticks, bench.client.stats().messages]).toEqual(['connected', [], 0]);
    expect(bench.sockets.alive).toBe(1);
  });
});

describe('frames that say nothing', () => {
  it('end the link after 20 in a row without JSON within a minute, not for 20 in an hour', async () => {
    const slow = await new StreamBench(flawless).connected();
    for (let bad = 0; bad < 40; bad += 1) {
      await slow.clock.advance(3_200);
      await slow.receive('{');
    }
    expect([slow.status, slow.sockets.all.length]).toEqual(['connected', 1]);
    const fast = await new StreamBench(flawless).connected();
    for (let bad = 0; bad < 19; bad += 1) await fast.receive('{');
    expect(fast.status).toBe('connected');
    await fast.receive('{');
    expect(fast.status).toBe('reconnecting');
    expect(fast.socket.closedByClient).toEqual({ code: 4000, reason: 'bad_messages' });
  });
});

describe('a move', () => {
  const moving = async (more = {}): Promise<StreamBench> => {
    const bench = await new StreamBench(
      mine({
        ...more,
        read(message, link) {
          if ('move' in (message as object)) link.moving(1_000, 10_000);
          else flawless.read(message, link);
        },
      }),
    ).connected('a');
    bench.sockets.dialled = (socket) => queueMicrotask(() => socket.open());
    await bench.receive({ joined: 'a' });
    await bench.receive({ move: 1 });
    await bench.clock.advance(1_000);
    return bench;
  };

  it('keeps the link that is left until all that it carried stands on the next one', async () => {
    const bench = await moving();
    const [old, next] = bench.sockets.all;
    expect([bench.status, old?.readyState, bench.sent(next)]).toEqual(['connected', 1, joins('a')]);
    old?.receive({ of: 'a', price: 1 });
    await bench.receive({ joined: 'a' });
    expect([bench.status, old?.closedByClient?.code]).toEqual(['connected', 1000]);
    expect(bench.ticks.map(({ price }) => price)).toEqual([1]);
  });

  it('waits for what the dialect still waits for, up to the time that the server gave', async () => {
    const bench = await moving({ busy: () => true });
    await bench.receive({ joined: 'a' });
    await bench.clock.advance(8_999);
    expect(bench.sockets.all[0]?.readyState).toBe(1);
    await bench.clock.advance(1);
    expect([bench.status, bench.sockets.all[0]?.closedByClient?.code]).toEqual(['connected', 1000]);
  });
});
