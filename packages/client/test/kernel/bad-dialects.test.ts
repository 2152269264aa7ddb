import { settle } from '@tickwire/testing';
import type { Dialect } from '@tickwire/client/core';
import { describe, expect, it } from 'vitest';
import { failedIn, failures, flawless, mine, slip, StreamBench, wrong } from './stream-bench.js';

/** A life in which every hook is called. @returns what went over each of its sockets */
async function live(dialect: Dialect): Promise<{ bench: StreamBench; sent: unknown[][] }> {
  const bench = await new StreamBench(dialect).connected('a', 'b');
  const left = bench.subscribe('c');
  await settle();
  await bench.receive({ joined: 'a' });
  await bench.receive({ of: 'a', price: 1 });
  left.unsubscribe();
  bench.environment.resume();
  // Long enough for an ack that does not come, and a ping that is answered.
  await bench.clock.advance(16_000);
  await bench.receive({ pong: 1 });
  await bench.receive({ move: true });
  await bench.clock.advance(1_000);
  bench.socket.open();
  await settle();
  await bench.receive({ joined: 'a' });
  await bench.receive({ joined: 'b' });
  await bench.receive({ of: 'a', price: 2 });
  await bench.reconnect(4999);
  await bench.receive({ of: 'a', price: 3 });
  const closed = bench.client.close();
  await settle();
  await closed;
  void bench.client.connect();
  bench.socket.open();
  await settle();
  await bench.receive({ of: 'a', price: 4 });
  return { bench, sent: bench.sockets.all.map((socket) => bench.sent(socket)) };
}

/** Every hook of one link, and of a stream, as one does without. */
const every = {
  ...flawless,
  read(message, link) {
    if ((message as { move?: true }).move === true) link.moving(1_000, 60_000);
    else if ((message as { pong?: 1 }).pong === 1) link.event('a', message);
    else flawless.read(message, link);
  },
  parse: (data) => JSON.parse(data as string) as unknown,
  isEvents: () => false,
  signature: () => '',
  opened: () => undefined,
  urgent: () => undefined,
  owed: () => undefined,
  busy: () => false,
  unconfirmed: () => undefined,
  closed: () => undefined,
  lost: () => undefined,
  woke: () => undefined,
  released: () => undefined,
  restarted: () => undefined,
  ended: () => undefined,
} satisfies Dialect;
/** Without these nothing is asked for, or comes. */
const vital = new Set(['carry', 'ask', 'read', 'parse']);
const hooks = Object.keys(every).filter((name) => name !== 'name') as (keyof typeof every)[];

describe('a dialect that throws', () => {
  it('in read(), carry(), ask() or parse(): keeps its link all the same', async () => {
    for (const hook of vital) {
      const bench = await new StreamBench({ ...every, [hook]: slip }).connected('a', 'b');
      for (let frame = 0; frame < 10; frame += 1) await bench.receive({ of: 'a', price: frame });
      await bench.clock.advance(10_000);
      expect([failures(bench)[0], bench.status, bench.sockets.all.length]).toEqual([failedIn(hook), 'connected', 1]);
    }
  });

  it.each(hooks)('in %s(): is told of by its name and the hook, once, and the stream goes on', async (hook) => {
    const good = await live(every);
    expect([failures(good.bench), good.bench.sockets.all.length]).toEqual([[], 4]);
    const bad = await live({ ...every, [hook]: slip });
    const told = failures(bad.bench).filter((text) => text.startsWith('DIALECT_FAILED'));
    expect(told.length).toBeGreaterThan(0);
    expect(new Set(told)).toEqual(new Set([`DIALECT_FAILED: The dialect mine failed in ${hook}(): a slip`]));
    expect(bad.bench.status).toBe('connected');
    if (vital.has(hook)) return;
    expect(bad.bench.sockets.all).toHaveLength(4);
    expect(bad.bench.ticks.map(({ price }) => price)).toEqual([1, 2, 3, 4]);
    if (hook !== 'ping') expect(bad.sent).toEqual(good.sent);
  });

  it.each(hooks)('in %s(), of what is no error: says it all the same', async (hook) => {
    const { bench } = await live({
      ...every,
      [hook]: () => {
        throw null as unknown as Error;
      },
    });
    expect(failures(bench)).toContain(`DIALECT_FAILED: The dialect mine failed in ${hook}(): null`);
  });

  it.each(['opened', 'lost', 'woke', 'released', 'restarted', 'ended', 'unconfirmed', 'read'] as const)(
    'later, in an async %s(): is told of, and nothing is left unhandled',
    async (hook) => {
      const { bench } = await live({ ...every, ...wrong({ [hook]: () => Promise.reject(new Error('a late slip')) }) });
      await settle();
      expect(failures(bench)).toContain(`DIALECT_FAILED: The dialect mine failed in ${hook}(): a late slip`);
    },
  );

  it('in waiting(): the server may greet all the same', async () => {
    const bench = new StreamBench(mine({ greets: 'hello', waiting: slip, read: (_message, link) => link.greeted() }));
    await (await bench.connected('a')).receive({});
    expect([failures(bench), bench.status]).toEqual([[failedIn('waiting')], 'connected']);
  });

  it('again and again is told of once a kind, and in at most 20 kinds', async () => {
    let calls = 0;
    const bench = await new StreamBench(
      mine({
        owed: () => {
          throw new Error(`slip ${(calls += 1)}`);
        },
      }),
    ).connected();
    for (let more = 0; more < 40; more += 1) {
      bench.subscribe(`c${more}`);
      await settle();
    }
    expect(calls).toBeGreaterThan(40);
    expect(failures(bench)).toHaveLength(20);
  });

  it('for each frame: the frames are dropped, and the link is given up once, as for any bad frames', async () => {
    const bench = await new StreamBench(mine({ read: slip })).connected('a');
    for (let frame = 0; frame < 100; frame += 1) {
      if (bench.status !== 'connected') await bench.reconnect();
      await bench.receive({ frame });
    }
    expect(bench.sockets.all).toHaveLength(2);
    expect(bench.invalid).toHaveLength(100);
    expect(bench.invalid[0]).toMatchObject({ code: 'BAD_MESSAGE', path: '', reason: 'mine.read() threw' });
    expect(failures(bench).filter((text) => text.includes('failed in read()')).length).toBeLessThanOrEqual(2);
  });
});

describe('what is no dialect', () => {
  it.each([
    undefined,
    null,
    42,
    'metals',
    {},
    { name: 'mine' },
    { name: 'mine', carry: () => true },
    () => undefined,
    () => ({}),
  ])('%j is refused with what is needed', (dialect) => {
    expect(() => new StreamBench(dialect as unknown as Dialect)).toThrow(/^dialect must be/);
  });
});
