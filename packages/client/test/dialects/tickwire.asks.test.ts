import { hello, subscribeAck } from '@tickwire/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coinAsks } from '../../src/dialects/coins.js';
import { metalAsks } from '../../src/dialects/metals.js';
import { tickwire } from '../../src/dialects/tickwire/tickwire.js';
import { DialectBench } from './dialect-bench.js';
import { spoken } from './spoken.js';

/** Connected to a server with these limits. */
function connected(limits: Record<string, number> = {}, bench = new DialectBench(tickwire())): DialectBench {
  bench.open().receive(hello(limits));
  return bench;
}
const idOf = (frame: unknown): unknown => (frame as { id?: unknown }).id;
const subscribes = (frames: readonly unknown[]): unknown[] =>
  frames.filter((frame) => (frame as { type?: unknown }).type === 'subscribe');
const channelsOf = (frames: readonly unknown[]): unknown[] =>
  frames.map((frame) => (frame as { data: { channels: unknown } }).data.channels);

describe('subscriptions on tickwire', () => {
  it('are asked for under the channel, where it is one', () => {
    const { dialect } = new DialectBench(tickwire());
    expect(
      ['whales:bitcoin', 'metal:gold', 'user', 'nonsense', 'stock:acme'].map((each) => dialect.carry(each)),
    ).toEqual([...['whales:bitcoin', 'metal:gold', 'user', undefined, undefined]]);
  });

  it('wait for the greeting, which is answered first', () => {
    const bench = new DialectBench(tickwire()).subscribe(1, ['coin:a']).open();
    expect(bench.sent).toEqual([]);
    bench.receive(hello());
    expect(bench.sent).toEqual([
      { type: 'hello', data: { protocol: 1, client: '@tickwire/client' } },
      { type: 'subscribe', id: 'r1', data: { channels: [{ channel: 'coin:a' }] } },
    ]);
  });

  it('ask for many channels in one frame', () => {
    const bench = new DialectBench(tickwire()).subscribe(1, ['coin:a']).subscribe(2, ['coin:b', 'whales']);
    expect(channelsOf(subscribes(connected({}, bench).sent))).toEqual([
      [{ channel: 'coin:a' }, { channel: 'coin:b' }, { channel: 'whales' }],
    ]);
  });

  it('split a frame at the limit of channels and of bytes that hello states', () => {
    const many = Array.from({ length: 25 }, (_, index) => `coin:c${index}`);
    const asked = (limits: Record<string, number>): unknown[] =>
      subscribes(connected(limits, new DialectBench(tickwire()).subscribe(1, many)).sent);
    expect(asked({ maxChannelsPerFrame: 10 })).toHaveLength(3);
    const frames = asked({ maxFrameBytes: 1_024 });
    expect(frames.length).toBeGreaterThan(1);
    for (const frame of frames) expect(JSON.stringify(frame).length).toBeLessThanOrEqual(1_024);
    expect(channelsOf(frames).flat()).toEqual(many.map((channel) => ({ channel })));
    // A limit of nothing is none.
    expect(asked({ maxChannelsPerFrame: 0, maxFrameBytes: 1 })).toHaveLength(25);
  });

  it('take their budget from hello, within reason', () => {
    const paceOf = (limits: Record<string, number>): unknown => connected(limits).link?.pace;
    expect(paceOf({ burst: 3.5, messagesPerMinute: 60 })).toEqual({ burst: 3, perMinute: 60 });
    expect(paceOf({ burst: 0, messagesPerMinute: -1 })).toEqual({ burst: 40, perMinute: 300 });
    expect(new DialectBench(tickwire()).open().link?.pace).toEqual({ burst: 40, perMinute: 300 });
  });

  it('share one wire subscription between handles; it ends after the last', () => {
    const bench = connected().subscribe(1, ['coin:a']);
    expect(subscribes(bench.sent)).toHaveLength(1);
    expect(bench.subscribe(2, ['coin:a']).unsubscribe(1).sent).toEqual([]);
    expect(bench.unsubscribe(2).sent).toMatchObject([{ type: 'unsubscribe', data: { channels: ['coin:a'] } }]);
  });

  it('settle by request: subscribe, unsubscribe, subscribe before the first ack', () => {
    const bench = connected().subscribe(1, ['coin:a']);
    const first = idOf(bench.sent.at(-1));
    bench.unsubscribe(1).subscribe(2, ['coin:a']);
    const second = idOf(bench.sent.at(-1));
    bench.receive(subscribeAck(first, ['coin:a']));
    expect(bench.stands('coin:a')).toEqual(['asked']);
    bench.receive(subscribeAck(second, ['coin:a']));
    expect(bench.stands('coin:a')).toEqual(['confirmed']);
  });

  it('ignore acks for channels that nobody asked for', () => {
    const bench = connected();
    bench.receive(subscribeAck('r99', ['coin:nope']));
    expect([bench.stands('coin:nope'), bench.errors]).toEqual([[undefined], []]);
  });

  it.each([
    ['UNKNOWN_CHANNEL', /client\.catalog\(\) lists/],
    ['FORBIDDEN_CHANNEL', /rights of the token/],
    ['UNAUTHENTICATED', /give the client a credential/],
  ])('tell a refused channel from the others, once and for good: %s', (code, words) => {
    const bench = connected().subscribe(1, ['coin:a', 'coin:nope']);
    const ack = subscribeAck(idOf(bench.sent.at(-1)), ['coin:a'], [{ channel: 'coin:nope', code }]);
    bench.receive(ack);
    expect(bench.stands('coin:a', 'coin:nope')).toEqual(['confirmed', 'refused']);
    expect(bench.errors).toMatchObject([{ code, retryable: false, message: expect.stringMatching(words) as string }]);
    expect(bench.sent).toEqual([]);
    expect(subscribes(bench.subscribe(2, ['coin:nope']).sent)).toHaveLength(1);
  });

  it('ask again when a refusal for a while is over, of which nobody is told', async () => {
    const bench = connected().subscribe(1, ['coin:a']);
    const data = { code: 'RATE_LIMITED', message: '', retryable: true, retryAfterMs: 4_200 };
    bench.receive({ type: 'error', id: idOf(bench.sent.at(-1)), op: 'subscribe', data });
    expect([bench.stands('coin:a'), bench.errors]).toEqual([['deferred'], []]);
    await bench.pass(4_199);
    expect(bench.sent).toEqual([]);
    await bench.pass(1);
    expect(subscribes(bench.sent)).toHaveLength(1);
  });

  it('stand unconfirmed when no ack comes within 5 s', async () => {
    const bench = await connected().subscribe(1, ['coin:a']).pass(5_000);
    expect([bench.stands('coin:a'), [...(bench.link?.unanswered ?? [])]]).toEqual([['unconfirmed'], []]);
  });

  it('are asked for again when what all want together changes', () => {
    const bench = connected();
    const asked = (holder: number, minIntervalMs: number): unknown[] =>
      channelsOf(subscribes(bench.subscribe(holder, ['coin:a'], { minIntervalMs }).sent));
    expect(asked(1, 500)).toEqual([[{ channel: 'coin:a', minIntervalMs: 500 }]]);
    expect(asked(2, 800)).toEqual([]);
    expect(asked(3, 250)).toEqual([[{ channel: 'coin:a', minIntervalMs: 250 }]]);
  });

  it('say an interval of prices alone, and a filter of whatever it is of', () => {
    const filter = [{ key: 'usdValue', cmp: 'gte', val: 5 }];
    const bench = connected().subscribe(1, ['whales'], { minIntervalMs: 500, filter });
    expect(channelsOf(subscribes(bench.sent))).toEqual([[{ channel: 'whales', filter }]]);
  });
});

describe('a server that goes away', () => {
  it.each([
    [0, 250],
    [-1, 250],
    [1_200, 1_200],
    [1e12, 300_000],
    ['x', 1_000],
    [undefined, 1_000],
  ])('with the hint %j is left %i ms later, and up to a fifth of that', (reconnectAfterMs, least) => {
    const bench = connected();
    bench.receive({ type: 'going_away', data: { reconnectAfterMs } });
    // Chance is a half here.
    expect(bench.told).toContain(`moving in ${least * 1.1} by 10000`);
  });

  it('is left by its deadline', () => {
    const bench = connected();
    bench.receive({ type: 'going_away', data: { reconnectAfterMs: 1_000, deadlineMs: 2_000 } });
    expect(bench.told).toContain('moving in 1100 by 2000');
  });
});

describe('wanted and asked for', () => {
  it('agree once calm, whatever the toggles', async () => {
    const channel = fc.constantFrom('coin:a', 'coin:b', 'whales', 'metal:gold', 'social:a');
    const toggle = fc.record({ holder: fc.integer({ min: 1, max: 4 }), channel, on: fc.boolean() });
    const speaks = fc.constantFrom('coins' as const, 'metals' as const, 'tickwire' as const);
    const carries = { coins: coinAsks.carry, metals: metalAsks.carry, tickwire: (name: string) => name };
    await fc.assert(
      fc.asyncProperty(speaks, fc.array(toggle, { maxLength: 40 }), async (name, toggles) => {
        const bench = new DialectBench(spoken(name).dialect).open();
        if (name === 'tickwire') bench.receive(hello());
        const held = new Set<string>();
        let holder = 0;
        const holders = new Map<string, number>();
        for (const { holder: who, channel: each, on } of toggles) {
          const handle = `${who} ${each}`;
          if (on === held.has(handle)) continue;
          if (on) {
            held.add(handle);
            holders.set(handle, (holder += 1));
            bench.subscribe(holder, [each]);
          } else {
            held.delete(handle);
            bench.unsubscribe(holders.get(handle) ?? NaN);
          }
        }
        await bench.pass(120_000);
        const names = new Set([...held].map((each) => each.split(' ')[1] ?? ''));
        expect([...bench.channels].sort()).toEqual([...names].sort());
        const keys = new Set([...names].map((each) => carries[name](each)).filter((key) => typeof key === 'string'));
        for (const key of ['coin:a', 'coin:b', 'whales', 'metal:gold', 'social:a', 'metals']) {
          expect([key, bench.link?.asked(key) !== undefined]).toEqual([key, keys.has(key)]);
        }
        expect([...(bench.link?.asks.work(bench.link.signature).owed ?? [])]).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
