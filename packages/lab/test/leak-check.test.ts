import { EventEmitter } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import {
  CountingClock,
  CountingTarget,
  LeakCheck,
  UnhandledErrors,
  describeLeaks,
  leaksBetween,
  withLeakCheck,
} from '@tickwire/lab';
import { FakeClock } from '@tickwire/testing';

const counts = (entries: Record<string, number>): Map<string, number> => new Map(Object.entries(entries));

describe('counting what is left', () => {
  it('finds what has grown, and only that', () => {
    const before = counts({ timers: 2, sockets: 1, servers: 1 });
    const after = counts({ timers: 2, sockets: 4, 'TLS sockets': 1 });
    expect(leaksBetween(before, after)).toEqual([
      { name: 'sockets', before: 1, after: 4 },
      { name: 'TLS sockets', before: 0, after: 1 },
    ]);
  });

  it('reads as a list', () => {
    expect(describeLeaks([{ name: 'sockets', before: 1, after: 4 }])).toBe(
      'Something was left open:\n  sockets: 3 left (1 before, 4 now)',
    );
  });
});

describe('the leak check', () => {
  it('is content with what was closed, and with what closes in a moment', async () => {
    const result = await withLeakCheck(async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.destroy();
      server.close();
      setTimeout(() => undefined, 20);
      return 'done';
    });
    expect(result).toBe('done');
  });

  it('finds a timer and tells where it was started, also one that keeps no process alive', async () => {
    const check = LeakCheck.start();
    const timers = [setTimeout(() => undefined, 60_000), setInterval(() => undefined, 60_000).unref()];
    const ended = check.end(20);
    await expect(ended).rejects.toThrow(/timers: 2 left/);
    await expect(ended).rejects.toThrow(/a timer of [^\n]*leak-check\.test\.ts/);
    for (const timer of timers) clearTimeout(timer);
  });

  it('is not deceived by a timer from before that ends meanwhile', async () => {
    setTimeout(() => undefined, 10);
    const check = LeakCheck.start();
    const timer = setTimeout(() => undefined, 60_000);
    await expect(check.end(40)).rejects.toThrow(/timers: 1 left/);
    clearTimeout(timer);
  });

  it('leaves timers of the test runner out', async () => {
    const check = LeakCheck.start();
    let done = false;
    const waiting = vi.waitFor(() => expect(done).toBe(true), { interval: 30 });
    expect(check.leaks()).toEqual([]);
    done = true;
    await waiting;
    await check.end();
  });

  it('finds sockets and a listening server', async () => {
    const check = LeakCheck.start();
    const accepted: Socket[] = [];
    const server = createServer((socket) => accepted.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const ended = check.end(50);
    await expect(ended).rejects.toThrow(/sockets: \d left/);
    await expect(ended).rejects.toThrow(/listening servers: 1 left/);
    for (const each of [socket, ...accepted]) each.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('finds timers of a clock that it is given', async () => {
    const fake = new FakeClock();
    const counting = new CountingClock(fake);
    fake.setTimeout(() => undefined, 1);
    const check = LeakCheck.start({
      'fake timers': () => fake.pending,
      'timers of the client': () => counting.pending,
    });
    fake.setTimeout(() => undefined, 1);
    counting.setTimeout(() => undefined, 1);
    const ended = check.end(0);
    await expect(ended).rejects.toThrow(/fake timers: 2 left \(1 before, 3 now\)\n {2}timers of the client: 1 left/);
  });

  it('finds a listener on a target', async () => {
    const page = new CountingTarget();
    const check = LeakCheck.start({ 'listeners of the page': () => page.listeners });
    page.addEventListener('online', () => undefined);
    await expect(check.end(0)).rejects.toThrow(/listeners of the page: 1 left/);
  });

  it('finds a promise that is not settled, and forgets one that was rejected', async () => {
    const check = LeakCheck.start();
    void check.settles('ready', new Promise(() => undefined));
    await expect(check.settles('close', Promise.reject(new Error('closed')))).rejects.toThrow('closed');
    await expect(check.end(0)).rejects.toThrow('Something was left open:\n  promise ready: 1 left (0 before, 1 now)');
  });

  it('finds an error that nobody handled', async () => {
    await withoutOthers(async () => {
      const check = LeakCheck.start();
      void Promise.reject(new Error('nobody cares'));
      await expect(check.end(0)).rejects.toThrow(/unhandled errors: 1 left[^]*unhandled: Error: nobody cares/);
    });
  });

  it('lets an error of the test itself come first', async () => {
    const fake = new FakeClock();
    const run = (): never => {
      fake.setTimeout(() => undefined, 1);
      throw new Error('of the test');
    };
    await expect(withLeakCheck(run, { timers: () => fake.pending })).rejects.toThrow('of the test');
  });

  it('leaves no listener on the process', async () => {
    const listeners = (): number[] =>
      ['unhandledRejection', 'uncaughtException'].map((event) => process.listenerCount(event));
    const before = listeners();
    await withLeakCheck(() => undefined);
    expect(listeners()).toEqual(before);
  });
});

/** Runs something while the test runner does not hear of unhandled rejections. */
async function withoutOthers(run: () => Promise<void>): Promise<void> {
  const others = process.rawListeners('unhandledRejection') as NodeJS.UnhandledRejectionListener[];
  process.removeAllListeners('unhandledRejection');
  try {
    await run();
  } finally {
    for (const listener of others) process.on('unhandledRejection', listener);
  }
}

describe('a clock that counts', () => {
  it('counts timers until they fire or are stopped, and is the clock behind it otherwise', async () => {
    const fake = new FakeClock(1_000);
    const clock = new CountingClock(fake);
    let fired = 0;
    clock.setTimeout(() => (fired += 1), 10);
    const stopped = clock.setTimeout(() => (fired += 1), 20);
    expect(clock.pending).toBe(2);
    await fake.advance(10);
    expect([fired, clock.pending, clock.now(), clock.monotonic()]).toEqual([1, 1, 1_010, 10]);
    clock.clearTimeout(stopped);
    await fake.advance(10);
    expect([fired, clock.pending]).toEqual([1, 0]);
  });

  it('runs on the time of the platform if it is given none', async () => {
    const clock = new CountingClock();
    const before = [clock.now(), clock.monotonic()];
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 5));
    expect(clock.now()).toBeGreaterThanOrEqual(before[0]!);
    expect(clock.monotonic()).toBeGreaterThan(before[1]!);
    clock.clearTimeout(clock.setTimeout(() => expect.unreachable(), 1));
    expect(clock.pending).toBe(0);
  });
});

describe('the watcher for unhandled errors', () => {
  it('counts rejections and exceptions until it is stopped, the first hundred', () => {
    const source = new EventEmitter();
    const errors = UnhandledErrors.watch(source);
    source.emit('unhandledRejection', 'a');
    source.emit('uncaughtException', 'b');
    expect(errors.all).toEqual(['a', 'b']);
    for (let count = 0; count < 200; count += 1) source.emit('unhandledRejection', count);
    expect(errors.all).toHaveLength(100);
    errors.stop();
    expect(source.eventNames()).toEqual([]);
  });

  it('counts nothing where nothing happens', async () => {
    const errors = UnhandledErrors.watch();
    await Promise.reject(new Error('handled')).catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    errors.stop();
    expect(errors.all).toEqual([]);
  });
});
