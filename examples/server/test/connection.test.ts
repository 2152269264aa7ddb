import { describe, expect, it } from 'vitest';
import { createCounters } from '../src/counters.js';
import { defaultLimits } from '../src/limits.js';
import { ConnectionRegistry, type RegistryOptions } from '../src/plugins/connection-registry.js';
import { createManualClock } from './manual-clock.js';

function fakeSocket() {
  const log: string[] = [];
  return {
    log,
    readyState: 1,
    bufferedAmount: 0,
    send: (data: string | Buffer) => void log.push(`send ${data.toString()}`),
    ping: () => void log.push('ping'),
    close(code: number, reason: string) {
      log.push(`close ${code} ${reason}`);
      this.readyState = 2;
    },
    terminate() {
      log.push('terminate');
      this.readyState = 3;
    },
  };
}

function setUp(random = 0.5, more: Partial<RegistryOptions> = {}) {
  const clock = createManualClock();
  const errors: unknown[] = [];
  const counters = createCounters();
  let ids = 0;
  const registry = new ConnectionRegistry({
    limits: defaultLimits,
    maxConnections: 3,
    clock,
    random: () => random,
    createId: () => `c${(ids += 1)}`,
    onTaskError: (error) => errors.push(error),
    counters,
    slowFrame: () => 'SLOW_CONSUMER',
    ...more,
  });
  const add = () => {
    const socket = fakeSocket();
    return { socket, connection: registry.add(socket) };
  };
  return { clock, registry, add, errors, counters };
}

describe('the life of a connection', () => {
  it.each([
    [0, 22_500],
    [0.5, 25_000],
    [0.999, 27_495],
  ])('pings after 25 s, give or take a tenth (chance %d: %d ms)', (random, pingAt) => {
    const { clock, add } = setUp(random);
    const { socket } = add();
    clock.advance(pingAt - 250);
    expect(socket.log).toEqual([]);
    clock.advance(500);
    expect(socket.log).toEqual(['ping']);
  });

  it('cuts a peer that does not answer a ping within 10 s', () => {
    const { clock, add } = setUp();
    const { socket } = add();
    clock.advance(34_500);
    expect(socket.log).toEqual(['ping']);
    clock.advance(1_000);
    expect(socket.log).toEqual(['ping', 'terminate']);
  });

  it('keeps a peer that answers', () => {
    const { clock, add } = setUp();
    const { socket, connection } = add();
    for (let second = 0; second < 120; second += 1) {
      clock.advance(1_000);
      if (socket.log.at(-1) === 'ping') connection.heard();
    }
    expect(socket.log).toEqual(['ping', 'ping', 'ping', 'ping']);
  });

  it('gives a peer its time after the process itself stood still', () => {
    const { clock, add } = setUp();
    const { socket } = add();
    clock.advance(26_000);
    expect(socket.log).toEqual(['ping']);
    // As after SIGSTOP: the peer's pong waits in the kernel while the deadline passes.
    clock.leap(40_000);
    clock.advance(1_000);
    expect(socket.log).not.toContain('terminate');
    clock.advance(10_000);
    expect(socket.log).toContain('terminate');
  });

  it('cuts a reader that has more than 1 MiB to read', () => {
    const { add } = setUp();
    const { socket, connection } = add();
    socket.bufferedAmount = 1_048_577;
    connection.send('{}');
    connection.send('{}');
    expect(socket.log).toEqual(['send SLOW_CONSUMER', 'close 1013 slow_consumer']);
  });

  it('cuts a reader that has lagged for more than 10 s', () => {
    const { clock, add } = setUp();
    const { socket, connection } = add();
    socket.bufferedAmount = 65_537;
    clock.advance(5_000);
    expect(connection.isCongested).toBe(true);
    socket.bufferedAmount = 0;
    clock.advance(1_000);
    socket.bufferedAmount = 65_537;
    clock.advance(10_000);
    expect(socket.log).toEqual([]);
    clock.advance(1_000);
    expect(socket.log).toEqual(['send SLOW_CONSUMER', 'close 1013 slow_consumer']);
  });

  it('leaves no timer when the last connection is gone', () => {
    const { clock, registry, add } = setUp();
    const first = add();
    const second = add();
    expect(clock.waiting).toBe(1);
    registry.remove(first.connection);
    expect(clock.waiting).toBe(1);
    registry.remove(second.connection);
    expect([clock.waiting, registry.size, registry.total]).toEqual([0, 0, 2]);
  });
});

describe('the inbox', () => {
  it('runs tasks one after the other and outlives one that fails', async () => {
    const { add, errors } = setUp();
    const { connection } = add();
    const order: string[] = [];
    connection.enqueue(async () => {
      order.push('a begins');
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push('a ends');
    });
    connection.enqueue(() => {
      throw new Error('b fails');
    });
    await new Promise<void>((resolve) => {
      connection.enqueue(() => {
        order.push('c');
        resolve();
      });
    });
    expect(order).toEqual(['a begins', 'a ends', 'c']);
    expect(errors).toHaveLength(1);
  });

  it('takes no more than its cap, and runs nothing once the connection is closed', () => {
    const { add } = setUp();
    const { connection } = add();
    let ran = 0;
    connection.enqueue(() => new Promise(() => undefined));
    const taken = Array.from({ length: 101 }, () => connection.enqueue(() => void (ran += 1)));
    expect(taken.filter(Boolean)).toHaveLength(100);
    connection.close(1000, 'bye');
    expect(ran).toBe(0);
  });
});

describe('all connections together', () => {
  it('are swept in slices, so that thousands of pings that are due at once hold nothing up', () => {
    const turns: (() => void)[] = [];
    const { clock, add } = setUp(0.5, { nextTurn: (callback) => (turns.push(callback), () => undefined) });
    const sockets = Array.from({ length: 1_200 }, () => add().socket);
    const pinged = () => sockets.filter(({ log }) => log.includes('ping')).length;
    clock.leap(26_000);
    clock.advance(0);
    expect(pinged()).toBe(500);
    turns.shift()?.();
    expect(pinged()).toBe(1_000);
    turns.shift()?.();
    expect(pinged()).toBe(1_200);
    expect(turns).toEqual([]);
  });

  it('keep their unsent bytes below the bound: the slowest go first', () => {
    const { clock, add, counters } = setUp(0.5, { limits: { ...defaultLimits, totalBufferBytes: 100_000 } });
    const [slow, slower, lively] = [add().socket, add().socket, add().socket];
    slow.bufferedAmount = 60_000;
    slower.bufferedAmount = 61_000;
    lively.bufferedAmount = 10;
    clock.advance(250);
    expect(slower.log).toEqual(['send SLOW_CONSUMER', 'close 1013 slow_consumer']);
    expect([...slow.log, ...lively.log]).toEqual([]);
    expect(counters.slowConsumers).toBe(1);
  });
});

describe('draining', () => {
  it('says good-bye, closes with 1012 and hints, and cuts the rest at the deadline', async () => {
    const { clock, registry, add } = setUp();
    const { socket } = add();
    const drained = registry.drain((connection, hints) => connection.send(JSON.stringify(hints)));
    expect(registry.isDraining).toBe(true);
    await expect.poll(() => socket.log.length).toBe(2);
    expect(socket.log).toEqual(['send {"reconnectAfterMs":750,"deadlineMs":2000}', 'close 1012 restart;ra=500;sp=500']);
    clock.advance(2_000);
    await drained;
    expect(socket.log.at(-1)).toBe('terminate');
  });

  it('closes thousands one after the other, within the spread', async () => {
    const { clock, registry, add } = setUp(0.5, { maxConnections: 5_000 });
    const sockets = Array.from({ length: 5_000 }, () => add().socket);
    const closed = () => sockets.filter(({ readyState }) => readyState !== 1).length;
    const drained = registry.drain(() => undefined);
    await expect.poll(closed).toBe(28);
    const beat = async (ms: number): Promise<void> => {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
    };
    for (let beats = 0; beats < 90; beats += 1) await beat(50);
    expect(closed()).toBeGreaterThan(2_450);
    expect(closed()).toBeLessThan(2_550);
    // A loop that is late closes what became due meanwhile.
    await beat(2_250);
    expect(closed()).toBeGreaterThan(3_700);
    for (let beats = 0; beats < 44; beats += 1) await beat(50);
    expect(closed()).toBeLessThan(5_000);
    await beat(50);
    expect(closed()).toBe(5_000);
    // All come back to a server that is up: the earlier one is let go, the longer it stays away.
    expect(sockets[0]!.log.at(-1)).toBe('close 1012 restart;ra=11000;sp=20000');
    expect(sockets.at(-1)!.log.at(-1)).toBe('close 1012 restart;ra=2000;sp=20000');
    expect(clock.waiting).toBe(2);
    clock.advance(2_000);
    await drained;
  });

  it('tells those whom it refuses to come at different times, after its end', async () => {
    const randoms = [0, 0.5, 0.999];
    let index = 0;
    const random = () => randoms[index++ % randoms.length] ?? 0;
    const { clock, registry, add } = setUp(0.5, { maxConnections: 1_000, random });
    expect(registry.returnAfterMs).toBeUndefined();
    for (let count = 0; count < 1_000; count += 1) add();
    index = 0;
    const drained = registry.drain(() => undefined);
    await expect.poll(() => clock.waiting).toBe(2);
    clock.advance(1_000);
    index = 0;
    expect([registry.returnAfterMs, registry.returnAfterMs, registry.returnAfterMs]).toEqual([5_000, 7_000, 8_996]);
    for (let beats = 0; beats < 80; beats += 1) {
      clock.advance(50);
      await new Promise((resolve) => setImmediate(resolve));
    }
    clock.advance(2_000);
    await drained;
  });

  it('is over at once when all are gone', async () => {
    const { clock, registry, add } = setUp();
    const { connection } = add();
    const drained = registry.drain(() => undefined);
    registry.remove(connection);
    await drained;
    expect(clock.waiting).toBe(0);
    await registry.drain(() => undefined);
  });
});
