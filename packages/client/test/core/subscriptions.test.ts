import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CollectionCounter } from '@tickwire/lab';
import type { Channel } from '@tickwire/protocol';
import { carriage, mergedOptions, readiness } from '../../src/core/subscriptions.js';
import { greeting, Machine } from './machine.js';

const subscribed = (id: unknown, ...channels: string[]): { type: string; [key: string]: unknown } => ({
  type: 'ack',
  id,
  op: 'subscribe',
  data: {
    subscribed: channels.map((channel) => ({ channel, kind: 'state', epoch: 'e', seq: 0, recovered: false })),
    rejected: [],
  },
});

const idOf = (frame: unknown): unknown => (frame as { id?: unknown }).id;

describe('how a dialect carries a channel', () => {
  it.each([
    ['tickwire', 'whales:bitcoin', { by: 'key', key: 'whales:bitcoin' }],
    ['coins', 'coin:bitcoin', { by: 'key', key: 'coin:bitcoin' }],
    ['coins', 'whales:bitcoin', { by: 'key', key: 'coin:bitcoin' }],
    ['coins', 'social:bitcoin', { by: 'key', key: 'coin:bitcoin' }],
    ['coins', 'global', { by: 'key', key: 'global' }],
    ['coins', 'user', { by: 'itself' }],
    ['coins', 'metal:gold', { by: 'nothing' }],
    ['metals', 'metal:gold', { by: 'key', key: 'metals' }],
    ['metals', 'coin:bitcoin', { by: 'nothing' }],
  ] as const)('%s: %s', (dialect, channel, expected) => {
    expect(carriage(dialect, channel)).toEqual(expected);
  });
});

describe('what several holders ask for together', () => {
  const filter = [{ key: 'usdValue' as const, cmp: 'gte' as const, val: 5 }];
  it.each([
    ['the smallest interval', [{ minIntervalMs: 500 }, { minIntervalMs: 250 }], { minIntervalMs: 250 }],
    ['no interval when one wants everything', [{ minIntervalMs: 500 }, {}], {}],
    ['a filter that all agree on', [{ filter }, { filter: [...filter] }], { filter }],
    ['no filter when one has none', [{ filter }, {}], {}],
    ['no filter when they differ', [{ filter }, { filter: [{ ...filter[0]!, val: 6 }] }, { filter }], {}],
  ])('%s', (_title, holders, expected) => {
    expect(mergedOptions(new Map(holders.map((options, id) => [id, options])))).toEqual(expected);
  });
});

describe('subscriptions on tickwire', () => {
  it('ask for many channels in one frame', () => {
    const machine = new Machine().connected('tickwire');
    machine.subscribe(1, 'coin:a').subscribe(2, 'coin:b', 'whales').flush();
    expect(machine.frames).toMatchObject([
      { type: 'subscribe', data: { channels: [{ channel: 'coin:a' }, { channel: 'coin:b' }, { channel: 'whales' }] } },
    ]);
  });

  it('split a frame at the limit of channels and of bytes that hello states', () => {
    const many = Array.from({ length: 25 }, (_, index): Channel => `coin:c${index}`);
    const byCount = new Machine({ dialect: 'tickwire' }).subscribe(1, ...many).opened();
    byCount.receive(greeting({ maxChannelsPerFrame: 10 }));
    expect(byCount.told.filter((each) => each === 'send subscribe')).toHaveLength(3);
    const byBytes = new Machine({ dialect: 'tickwire' }).subscribe(1, ...many).opened();
    byBytes.receive(greeting({ maxFrameBytes: 1_024 }));
    const frames = byBytes.frames.filter((frame) => (frame as { type: string }).type === 'subscribe');
    expect(frames.length).toBeGreaterThan(1);
    for (const frame of frames) expect(JSON.stringify(frame).length).toBeLessThanOrEqual(1_024);
  });

  it('share one wire subscription between handles; it ends after the last, and a linger', () => {
    const machine = new Machine().connected('tickwire').subscribe(1, 'coin:a').flush().subscribe(2, 'coin:a').flush();
    expect(machine.frames).toEqual([]);
    machine.unsubscribe(1, 'coin:a').flush();
    expect(machine.frames).toEqual([]);
    machine.unsubscribe(2, 'coin:a');
    expect(machine.delayOf('linger')).toBe(1_000);
    machine.flush();
    expect(machine.frames).toEqual([]);
    machine.pass(1_000).fire('linger');
    expect(machine.told).toEqual(expect.arrayContaining(['release', 'send unsubscribe']));
    expect(machine.frames).toMatchObject([{ type: 'unsubscribe', data: { channels: ['coin:a'] } }]);
  });

  it.each([
    [1000, 'closed'],
    [4403, 'failed'],
  ])('linger no longer when the server closes with %i', (code, status) => {
    const machine = new Machine().connected('tickwire').subscribe(1, 'coin:a').flush().unsubscribe(1, 'coin:a').flush();
    machine.closed(code);
    expect(machine.status).toBe(status);
    expect(machine.told).toEqual(expect.arrayContaining(['release', 'stop-timer linger']));
    expect(machine.session.wanted.size).toBe(0);
  });

  it('survive a remount within the linger without a frame', () => {
    const machine = new Machine().connected('tickwire').subscribe(1, 'coin:a').flush();
    machine.unsubscribe(1, 'coin:a').flush().pass(500).subscribe(2, 'coin:a').flush();
    expect(machine.frames).toEqual([]);
    machine.pass(500).fire('linger');
    expect(machine.frames).toEqual([]);
    expect(machine.session.wanted.get('coin:a')?.holders.size).toBe(1);
  });

  it('let a handle go once only: a second call does not take its successor away', () => {
    const machine = new Machine({ lingerMs: 0 }).connected('tickwire').subscribe(1, 'coin:a').flush();
    machine.unsubscribe(1, 'coin:a').subscribe(2, 'coin:a').unsubscribe(1, 'coin:a').flush();
    expect(machine.session.wanted.get('coin:a')?.holders.has(2)).toBe(true);
    expect(machine.frames).toEqual([]);
  });

  it('settle by request: subscribe, unsubscribe, subscribe before the first ack', () => {
    const machine = new Machine({ lingerMs: 0 }).connected('tickwire').subscribe(1, 'coin:a').flush();
    const first = idOf(machine.frames[0]);
    machine.unsubscribe(1, 'coin:a').flush().subscribe(2, 'coin:a').flush();
    const second = idOf(machine.frames[0]);
    machine.receive(subscribed(first, 'coin:a'));
    expect(readiness(machine.session, 'coin:a')).toEqual({ state: 'pending' });
    machine.receive(subscribed(second, 'coin:a'));
    expect(readiness(machine.session, 'coin:a')).toEqual({ state: 'ready', confirmed: true });
  });

  it('ignore acks for channels that nobody asked for', () => {
    const machine = new Machine().connected('tickwire');
    machine.receive(subscribed('r99', 'coin:nope'));
    expect(machine.session.link?.subscriptions.size).toBe(0);
  });

  it('tell a refused channel from the others, once and for good', () => {
    const machine = new Machine().connected('tickwire').subscribe(1, 'coin:a', 'coin:nope').flush();
    const ack = subscribed(idOf(machine.frames[0]), 'coin:a');
    (ack['data'] as { rejected: unknown[] }).rejected = [{ channel: 'coin:nope', code: 'UNKNOWN_CHANNEL' }];
    machine.receive(ack);
    expect(readiness(machine.session, 'coin:a')).toMatchObject({ state: 'ready' });
    expect(readiness(machine.session, 'coin:nope')).toMatchObject({
      state: 'refused',
      fault: { code: 'UNKNOWN_CHANNEL' },
    });
    expect(machine.flush().frames).toEqual([]);
    machine.subscribe(2, 'coin:nope').flush();
    expect(machine.told).toContain('send subscribe');
  });

  it('ask again when a refusal for a while is over', () => {
    const machine = new Machine().connected('tickwire').subscribe(1, 'coin:a').flush();
    machine.receive({
      type: 'error',
      id: idOf(machine.frames[0]),
      op: 'subscribe',
      data: { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 4_200 },
    });
    expect(machine.delayOf('refused')).toBe(4_200);
    expect(machine.told).not.toContain('emit-error RATE_LIMITED');
    machine.pass(4_199).flush();
    expect(machine.frames).toEqual([]);
    machine.pass(1).fire('refused');
    expect(machine.told).toContain('send subscribe');
  });

  it('stand unconfirmed when no ack comes within 5 s', () => {
    const machine = new Machine().connected('tickwire').subscribe(1, 'coin:a').flush();
    machine.pass(5_000).fire('requests');
    expect(readiness(machine.session, 'coin:a')).toEqual({ state: 'ready', confirmed: false });
    expect(machine.session.link?.expectedAcks).toEqual([]);
  });

  it('are asked for again when what all want together changes', () => {
    const machine = new Machine().connected('tickwire');
    const want = (holder: number, minIntervalMs: number): void => {
      machine.take({ type: 'subscribe', holder, channels: ['coin:a'], options: { minIntervalMs } }).flush();
    };
    want(1, 500);
    expect(machine.frames).toMatchObject([{ data: { channels: [{ channel: 'coin:a', minIntervalMs: 500 }] } }]);
    want(2, 800);
    expect(machine.frames).toEqual([]);
    want(3, 250);
    expect(machine.frames).toMatchObject([{ data: { channels: [{ channel: 'coin:a', minIntervalMs: 250 }] } }]);
  });

  it('make one minimal diff of 1,000 toggles before the socket opens', () => {
    const machine = new Machine({ dialect: 'tickwire' }).take({ type: 'connect' });
    for (let toggle = 0; toggle < 1_000; toggle += 1) {
      machine.subscribe(toggle, 'coin:a').unsubscribe(toggle, 'coin:a');
    }
    machine.subscribe(2_000, 'coin:b').opened().receive(greeting());
    const frames = machine.frames.filter((frame) => (frame as { type: string }).type !== 'hello');
    expect(frames).toHaveLength(1);
  });

  it('come back exactly, once, after every reconnect', () => {
    const machine = new Machine({ lingerMs: 0 }).connected('tickwire');
    machine.subscribe(1, 'coin:a', 'coin:b').subscribe(2, 'whales').flush().unsubscribe(2, 'whales').flush();
    for (let reconnect = 0; reconnect < 100; reconnect += 1) {
      machine.closed(1006).pass(60_000).fire('reconnect').opened().receive(greeting());
      const asked = machine.frames.filter((frame) => (frame as { type: string }).type === 'subscribe');
      expect(asked).toMatchObject([{ data: { channels: [{ channel: 'coin:a' }, { channel: 'coin:b' }] } }]);
      expect(machine.flush().frames).toEqual([]);
    }
  });
});

describe('subscriptions on an older coins backend', () => {
  const ack = (message: string, coinId: string): { type: string; [key: string]: unknown } => ({
    type: 'price_update',
    data: { message, coinId, subscription: `coin:${coinId}` },
  });

  it('cover price, whales and social of a coin with one frame', () => {
    const machine = new Machine()
      .connected('coins')
      .subscribe(1, 'coin:a')
      .subscribe(2, 'whales:a', 'social:a')
      .flush();
    expect(machine.frames).toEqual([{ type: 'subscribe', data: { coinId: 'a' } }]);
    machine.receive(ack('Subscribed to coin updates', 'a'));
    for (const channel of ['coin:a', 'whales:a', 'social:a'] as const) {
      expect(readiness(machine.session, channel)).toEqual({ state: 'ready', confirmed: true });
    }
  });

  it('take channels without a coin by name', () => {
    const machine = new Machine().connected('coins').subscribe(1, 'global').flush();
    expect(machine.frames).toEqual([{ type: 'subscribe', data: { channel: 'global' } }]);
  });

  it('match acks in order, by operation and coin', () => {
    const machine = new Machine({ lingerMs: 0 }).connected('coins').subscribe(1, 'coin:a').flush();
    machine.unsubscribe(1, 'coin:a').flush().subscribe(2, 'coin:a').flush();
    machine.receive(ack('Subscribed to coin updates', 'a'));
    expect(readiness(machine.session, 'coin:a')).toEqual({ state: 'pending' });
    machine.receive(ack('Unsubscribed from coin updates', 'a'));
    machine.receive(ack('Subscribed to coin updates', 'a'));
    expect(readiness(machine.session, 'coin:a')).toEqual({ state: 'ready', confirmed: true });
  });

  it('take the typed ack of the demo server as well', () => {
    const machine = new Machine().connected('coins').subscribe(1, 'coin:a').flush();
    machine.receive({ type: 'subscribed', data: { coinId: 'a' } });
    expect(readiness(machine.session, 'coin:a')).toEqual({ state: 'ready', confirmed: true });
  });

  it('stand unconfirmed after 5 s without an ack', () => {
    const machine = new Machine().connected('coins').subscribe(1, 'coin:a').flush();
    expect(readiness(machine.session, 'coin:a')).toEqual({ state: 'pending' });
    machine.pass(5_000).fire('requests');
    expect(readiness(machine.session, 'coin:a')).toEqual({ state: 'ready', confirmed: false });
  });

  it('say of a metal that it is not carried, without a frame', () => {
    const machine = new Machine().connected('coins').subscribe(1, 'metal:gold').flush();
    expect(machine.frames).toEqual([]);
    expect(readiness(machine.session, 'metal:gold')).toMatchObject({
      state: 'refused',
      fault: { code: 'UNKNOWN_CHANNEL' },
    });
  });
});

describe('subscriptions on an older metals backend', () => {
  it('always send the whole set, and stand unconfirmed at once', () => {
    const machine = new Machine({ lingerMs: 0 }).connected('metals').subscribe(1, 'metal:gold').flush();
    expect(machine.frames).toEqual([{ type: 'subscribe', metals: ['gold'] }]);
    machine.fire('requests');
    expect(readiness(machine.session, 'metal:gold')).toEqual({ state: 'ready', confirmed: false });
    machine.subscribe(2, 'metal:silver').flush();
    expect(machine.frames).toEqual([{ type: 'subscribe', metals: ['gold', 'silver'] }]);
    machine.unsubscribe(1, 'metal:gold').flush();
    expect(machine.frames).toEqual([{ type: 'subscribe', metals: ['silver'] }]);
    machine.unsubscribe(2, 'metal:silver').flush();
    expect(machine.frames).toEqual([{ type: 'unsubscribe', metals: ['silver'] }]);
    expect(machine.flush().frames).toEqual([]);
  });
});

describe('wanted and asked for', () => {
  it('agree once calm, whatever the toggles', () => {
    const channel = fc.constantFrom<Channel>('coin:a', 'coin:b', 'whales', 'metal:gold', 'social:a');
    const toggle = fc.record({
      holder: fc.integer({ min: 1, max: 4 }),
      channel,
      on: fc.boolean(),
      flush: fc.boolean(),
    });
    const dialect = fc.constantFrom('coins' as const, 'metals' as const, 'tickwire' as const);
    fc.assert(
      fc.property(dialect, fc.array(toggle, { maxLength: 40 }), (speaks, toggles) => {
        const machine = new Machine({ lingerMs: 0 }).connected(speaks);
        const held = new Set<string>();
        for (const { holder, channel: name, on, flush } of toggles) {
          machine.pass(10_000);
          machine.lastFrameAt = machine.now;
          if (on) held.add(`${holder} ${name}`);
          else held.delete(`${holder} ${name}`);
          if (on) machine.subscribe(holder, name);
          else machine.unsubscribe(holder, name);
          if (flush) machine.flush();
        }
        machine.pass(120_000);
        machine.lastFrameAt = machine.now;
        machine.flush();
        const names = new Set([...held].map((each) => each.split(' ')[1] as Channel));
        expect([...machine.session.wanted.keys()].sort()).toEqual([...names].sort());
        const keys = new Set<string>();
        for (const name of names) {
          const carried = carriage(speaks, name);
          if (carried.by === 'key') keys.add(carried.key);
        }
        expect([...(machine.session.link?.subscriptions.keys() ?? [])].sort()).toEqual([...keys].sort());
      }),
      { numRuns: 300 },
    );
  });
});

describe('F57: many channels for a server that takes one in a frame', () => {
  it('go out in slices of 100 frames, each in its turn, every channel once', () => {
    const machine = new Machine().connected('tickwire');
    machine.closed(1006).fire('reconnect').opened();
    machine.receive(greeting({ maxChannelsPerFrame: 1, burst: 1_000_000, messagesPerMinute: 1_000_000 }));
    const channels = Array.from({ length: 4_000 }, (_each, index) => `coin:c${index}` as const);
    machine.subscribe(1, ...channels).flush();
    const asked: unknown[] = [];
    const sizes: number[] = [];
    for (let turns = 0; machine.frames.length > 0 && turns < 50; turns += 1) {
      sizes.push(machine.frames.length);
      for (const frame of machine.frames) asked.push(...(frame as { data: { channels: unknown[] } }).data.channels);
      machine.fire('pace');
    }
    expect(sizes).toEqual(Array.from({ length: 40 }, () => 100));
    expect(asked).toEqual(channels.map((channel) => ({ channel })));
  });

  it('cost each the same, however many there are', () => {
    const costOf = (count: number): number => {
      const machine = new Machine().connected('tickwire');
      machine.closed(1006).fire('reconnect').opened();
      machine.receive(greeting({ maxChannelsPerFrame: 1, burst: 1_000_000, messagesPerMinute: 1_000_000 }));
      machine.subscribe(1, ...Array.from({ length: count }, (_each, index) => `coin:c${index}` as const));
      const counter = new CollectionCounter();
      try {
        machine.flush();
        for (let turns = 0; turns < count / 100 + 1; turns += 1) machine.fire('pace');
        return counter.stop() / count;
      } finally {
        counter.stop();
      }
    };
    expect(costOf(1_000) / costOf(250)).toBeLessThan(1.5);
  });
});
