import type { ServerMessage } from '@tickwire/protocol';
import { describe, expect, it } from 'vitest';
import { createCounters } from '../src/counters.js';
import type { PublishedMessage } from '../src/engine/engine.js';
import { createMemoryEngine } from '../src/engine/memory.js';
import { defaultLimits } from '../src/limits.js';
import { Connection } from '../src/plugins/connection.js';
import { Audience, type LaneRequest } from '../src/services/audience.js';
import { Delivery } from '../src/services/delivery.js';
import { MetalsDigest } from '../src/services/metals-digest.js';
import { SharedFrame } from '../src/services/shared-frame.js';
import { createManualClock } from './manual-clock.js';

const message = (channel: string, seq: number): PublishedMessage => ({
  channel,
  epoch: 'e',
  seq,
  body: JSON.stringify({ type: 'price_update', data: { coinId: 'bitcoin', price: seq } }),
  publishedAt: 0,
});

async function setUp(request: Partial<LaneRequest> = {}) {
  const clock = createManualClock();
  const limits = { ...defaultLimits, resumeMessages: 3 };
  const counters = createCounters();
  const engine = createMemoryEngine({
    limits,
    now: () => clock.now(),
    createEpoch: () => 'e',
    onListenerError: () => undefined,
  });
  const audience = new Audience(engine);
  const turns: (() => void)[] = [];
  const nextTurn = (callback: () => void) => (turns.push(callback), () => undefined);
  const delivery = new Delivery({ audience, digest: new MetalsDigest(), clock, limits, counters, nextTurn });
  const sent: (string | Buffer)[] = [];
  const socket = {
    readyState: 1,
    bufferedAmount: 0,
    send: (data: string | Buffer) => void sent.push(data),
    ping: () => undefined,
    close: () => undefined,
    terminate: () => undefined,
  };
  const shared = {
    limits,
    counters,
    now: () => clock.now(),
    random: () => 0.5,
    onTaskError: () => undefined,
    slowFrame: () => '',
  };
  const connection = new Connection({ id: 'c', socket, shared });
  connection.dialect = 'tickwire';
  const channel = 'coin:bitcoin';
  const lane = await audience.open(connection, {
    channel,
    log: channel,
    kind: 'state',
    isImplied: false,
    minIntervalMs: 0,
    filter: undefined,
    ...request,
  });
  lane.moveTo({ epoch: 'e', seq: 0, sentAt: 0 });
  const runTurns = () => {
    for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) turn();
  };
  const frames = () =>
    sent.splice(0).map((data) => JSON.parse(data.toString()) as ServerMessage & { seq?: number; skip?: number });
  return { clock, counters, audience, delivery, socket, connection, lane, runTurns, frames, sent };
}

describe('delivery', () => {
  it('sends every price to a connection that keeps up, however many come in one turn', async () => {
    const { delivery, lane, runTurns, frames } = await setUp();
    delivery.goLive(lane);
    for (const seq of [1, 2, 3]) delivery.deliver(message('coin:bitcoin', seq));
    runTurns();
    expect(frames().map(({ seq, skip }) => [seq, skip])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
    ]);
  });

  it('keeps the newest price only for one that does not, and says what it skipped', async () => {
    const { clock, counters, delivery, lane, socket, runTurns, frames } = await setUp();
    delivery.goLive(lane);
    socket.bufferedAmount = defaultLimits.softBufferBytes + 1;
    for (const seq of [1, 2, 3]) delivery.deliver(message('coin:bitcoin', seq));
    runTurns();
    clock.advance(200);
    expect(frames()).toEqual([]);
    socket.bufferedAmount = 0;
    clock.advance(50);
    runTurns();
    expect(frames().map(({ seq, skip }) => [seq, skip])).toEqual([[3, 2]]);
    expect([counters.conflated, delivery.heldCount]).toEqual([2, 0]);
  });

  it('sends events in order to one that does not keep up, until it is cut', async () => {
    const { delivery, lane, socket, runTurns, frames } = await setUp({ kind: 'event' });
    delivery.goLive(lane);
    socket.bufferedAmount = defaultLimits.softBufferBytes + 1;
    for (const seq of [1, 2]) delivery.deliver(message('coin:bitcoin', seq));
    runTurns();
    expect(frames().map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('announces events that did not fit while the lane was being opened as one gap', async () => {
    const { counters, delivery, lane, runTurns, frames } = await setUp({ kind: 'event' });
    for (const seq of [1, 2, 3, 4, 5, 6]) delivery.deliver(message('coin:bitcoin', seq));
    runTurns();
    lane.moveTo({ epoch: 'e', seq: 1, sentAt: 0 });
    delivery.goLive(lane);
    const [gap, ...rest] = frames();
    expect(gap).toEqual({ type: 'gap', data: { channel: 'coin:bitcoin', from: 2, to: 3, reason: 'overflow' } });
    expect(rest.map(({ seq, skip }) => [seq, skip])).toEqual([
      [4, undefined],
      [5, undefined],
      [6, undefined],
    ]);
    expect(counters.lostEvents).toBe(2);
  });

  it('tells of what the engine lost of an event channel in its place, and goes on after it', async () => {
    const { counters, delivery, lane, runTurns, frames } = await setUp({ kind: 'event' });
    delivery.goLive(lane);
    delivery.deliver(message('coin:bitcoin', 1));
    delivery.lose({ channel: 'coin:bitcoin', epoch: 'e', seq: 4 });
    delivery.deliver(message('coin:bitcoin', 5));
    runTurns();
    const [first, gap, next] = frames();
    expect([first?.seq, next?.seq, next?.skip]).toEqual([1, 5, undefined]);
    expect(gap).toEqual({ type: 'gap', data: { channel: 'coin:bitcoin', from: 2, to: 4, reason: 'overflow' } });
    expect(counters.lostEvents).toBe(3);
  });

  it('tells of another epoch once, whether it is told before the lane is live or after', async () => {
    for (const isLive of [true, false]) {
      const { delivery, lane, runTurns, frames } = await setUp({ kind: 'event' });
      if (isLive) delivery.goLive(lane);
      delivery.lose({ channel: 'coin:bitcoin', epoch: 'f', seq: 7 });
      delivery.lose({ channel: 'coin:bitcoin', epoch: 'f', seq: 7 });
      delivery.deliver({ ...message('coin:bitcoin', 8), epoch: 'f' });
      runTurns();
      if (!isLive) delivery.goLive(lane);
      const [gap, next, ...rest] = frames();
      const data = { channel: 'coin:bitcoin', from: null, to: null, reason: 'epoch', epoch: 'f' };
      expect([gap, next?.seq, rest]).toEqual([{ type: 'gap', data }, 8, []]);
    }
  });

  it('tells those who follow a state nothing of a loss, for its next value heals it', async () => {
    const { delivery, lane, runTurns, frames } = await setUp();
    delivery.goLive(lane);
    delivery.lose({ channel: 'coin:bitcoin', epoch: 'e', seq: 4 });
    delivery.deliver(message('coin:bitcoin', 5));
    runTurns();
    expect(frames().map(({ type, seq, skip }) => [type, seq, skip])).toEqual([['price_update', 5, 4]]);
  });

  it('sends nothing more to a lane that was closed in the same turn', async () => {
    const { audience, delivery, lane, runTurns, frames } = await setUp();
    delivery.goLive(lane);
    delivery.deliver(message('coin:bitcoin', 1));
    audience.close(lane);
    runTurns();
    expect(frames()).toEqual([]);
  });
});

describe('a shared frame', () => {
  it('is serialised once for each shape', () => {
    const frame = new SharedFrame(message('coin:bitcoin', 5));
    expect(frame.prepared(0)).toBe(frame.prepared(0));
    expect(frame.prepared(2)).toBe(frame.prepared(2));
    expect(JSON.parse(frame.prepared(2).payload.toString())).toMatchObject({ seq: 5, skip: 2, data: { price: 5 } });
    for (let skip = 1; skip < 100; skip += 1) {
      expect(JSON.parse(frame.prepared(skip).payload.toString())).toMatchObject({ skip });
    }
  });
});
