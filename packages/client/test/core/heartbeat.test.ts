import { describe, expect, it } from 'vitest';
import { clockOffsetMs } from '../../src/core/heartbeat.js';
import { Machine } from './machine.js';

/** A frame of any kind arrives: the price lane leaves nothing but its time. */
function frame(machine: Machine): Machine {
  machine.lastFrameAt = machine.now;
  return machine;
}

describe('the heartbeat', () => {
  it('pings after 15 s of silence and gives up 5 s later', () => {
    const machine = new Machine().connected('tickwire');
    expect(machine.delayOf('heartbeat')).toBe(15_000);
    machine.pass(15_000).fire('heartbeat');
    expect(machine.frames).toMatchObject([{ type: 'ping', ts: 1_767_225_615_000 }]);
    expect(machine.delayOf('heartbeat')).toBe(5_000);
    machine.pass(5_000).fire('heartbeat');
    expect(machine.session.connection).toMatchObject({ status: 'reconnecting', cause: { code: 'HEARTBEAT_TIMEOUT' } });
  });

  it('takes any frame for a sign of life: a late pong is not needed', () => {
    const machine = new Machine().connected('tickwire').pass(15_000).fire('heartbeat');
    frame(machine.pass(1_000)).pass(4_000).fire('heartbeat');
    expect(machine.status).toBe('connected');
    expect(machine.told).not.toContain('send ping');
    expect(machine.delayOf('heartbeat')).toBe(11_000);
  });

  it('is lazy: frames start no timer, the one that runs looks at the last of them', () => {
    const machine = new Machine().connected('tickwire');
    for (let second = 0; second < 14; second += 1) frame(machine.pass(1_000));
    machine.pass(1_000).fire('heartbeat');
    expect(machine.told.filter((each) => each.startsWith('start-timer'))).toEqual(['start-timer heartbeat']);
    expect(machine.delayOf('heartbeat')).toBe(14_000);
  });

  it('gives an overdue timer one second of grace before the verdict, once', () => {
    const machine = new Machine().connected('tickwire').pass(15_000).fire('heartbeat');
    machine.pass(8_000).fire('heartbeat');
    expect(machine.session.connection).toMatchObject({ status: 'connected', mute: true });
    expect(machine.delayOf('heartbeat')).toBe(1_000);
    machine.pass(1_000).fire('heartbeat');
    expect(machine.status).toBe('reconnecting');
  });

  it('keeps the link when the grace brings what had already arrived', () => {
    const machine = new Machine().connected('tickwire').pass(15_000).fire('heartbeat').pass(8_000).fire('heartbeat');
    frame(machine).pass(1_000).fire('heartbeat');
    expect(machine.session.connection).toMatchObject({ status: 'connected', mute: false });
  });

  it('notices by the wall clock that the machine slept while timers stood still', () => {
    const machine = new Machine().connected('tickwire').pass(15_000).fire('heartbeat');
    machine.wallShift += 600_000;
    machine.pass(5_000).fire('heartbeat');
    expect(machine.status).toBe('connected');
    expect(machine.delayOf('heartbeat')).toBe(1_000);
  });

  it.each([7_200_000, -7_200_000])('is not troubled by a clock that is set by %i ms', (shift) => {
    const machine = new Machine().connected('tickwire');
    machine.wallShift += shift;
    for (let beat = 0; beat < 10; beat += 1) {
      machine.pass(15_000).fire('heartbeat');
      frame(machine.pass(50)).pass(4_950).fire('heartbeat');
      expect(machine.status).toBe('connected');
    }
  });

  it('probes before it sends after more silence than it ever lets pass', () => {
    const machine = new Machine().connected('tickwire').pass(600_000).subscribe(1, 'coin:bitcoin').flush();
    expect(machine.told.filter((each) => each.startsWith('send'))).toEqual(['send ping', 'send subscribe']);
    expect(machine.delayOf('heartbeat')).toBe(3_000);
  });

  it('shortens the deadline of a ping that is out already when something wakes up', () => {
    const machine = new Machine().connected('tickwire').pass(15_000).fire('heartbeat').pass(500);
    machine.take({ type: 'environment-changed', online: true, visible: true, woke: true });
    expect(machine.frames).toEqual([]);
    expect(machine.delayOf('heartbeat')).toBe(3_000);
  });

  it('with an idle shorter than the deadline pings each idle, not each deadline', () => {
    const machine = new Machine({ heartbeat: { idleMs: 1_000, timeoutMs: 5_000 } }).connected('tickwire');
    machine.pass(1_000).fire('heartbeat');
    expect(machine.delayOf('heartbeat')).toBe(1_000);
    frame(machine.pass(50)).pass(950).fire('heartbeat');
    expect(machine.delayOf('heartbeat')).toBe(50);
    machine.pass(50).fire('heartbeat');
    expect(machine.told).toContain('send ping');
    machine.pass(1_000).fire('heartbeat');
    expect(machine.delayOf('heartbeat')).toBe(4_000);
    expect(machine.pass(4_000).fire('heartbeat').status).toBe('reconnecting');
  });

  it('does not carry a pending ping into the next connection', () => {
    const machine = new Machine().connected('tickwire').pass(15_000).fire('heartbeat').closed(1006);
    machine.pass(1_000).fire('reconnect').opened().receive({ type: 'pong' }).fire('negotiate');
    expect(machine.session.link?.heartbeat).toMatchObject({ pingAt: null, sent: null, queued: false });
    expect(machine.delayOf('heartbeat')).toBe(15_000);
  });
});

describe('the heartbeat by dialect', () => {
  it('pings a coins backend at least once a minute, whatever arrives', () => {
    const machine = new Machine({ heartbeat: { idleMs: 600_000, timeoutMs: 5_000 } }).connected('coins');
    const pings: number[] = [];
    for (let due = machine.delayOf('heartbeat') ?? 0; machine.now < 600_000; due = machine.delayOf('heartbeat') ?? 0) {
      const end = machine.now + due;
      while (machine.now + 1_000 < end) frame(machine.pass(1_000));
      machine.pass(end - machine.now).fire('heartbeat');
      if (machine.told.includes('send ping')) pings.push(machine.now);
    }
    expect(pings.length).toBeGreaterThanOrEqual(10);
    const pauses = pings.map((at, index) => at - (pings[index - 1] ?? 0));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000);
  });

  it.each([
    [1_000, 15_000],
    [15_000, 15_000],
    [40_000, 40_000],
  ])('pings a metals backend after %i ms of the option: %i ms', (idleMs, expected) => {
    const machine = new Machine({ dialect: 'metals', heartbeat: { idleMs, timeoutMs: 5_000 } });
    expect(machine.take({ type: 'connect' }).opened().delayOf('heartbeat')).toBe(expected);
  });

  it('does not reconnect for an hour of silence that pongs answer', () => {
    const machine = new Machine({ dialect: 'metals' }).take({ type: 'connect' }).opened();
    const end = 3_600_000;
    const sentAt: number[] = [];
    for (let due = machine.delayOf('heartbeat') ?? 0; machine.now < end; due = machine.delayOf('heartbeat') ?? 0) {
      machine.pass(due).fire('heartbeat');
      if (!machine.told.includes('send ping')) continue;
      sentAt.push(machine.now);
      const effects = machine.effects;
      machine.receive({ type: 'pong' });
      machine.effects = effects;
    }
    expect(machine.status).toBe('connected');
    expect(sentAt.length).toBeGreaterThan(100);
    for (const at of sentAt) {
      expect(sentAt.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(8);
    }
  });

  it('takes a pong of a coins backend for one, though it comes as a price_update', () => {
    const machine = new Machine().connected('coins').pass(15_000).fire('heartbeat').pass(40);
    machine.receive({ type: 'price_update', data: { type: 'pong' } });
    expect(machine.session.connection).toMatchObject({ rttMs: 40 });
  });
});

describe('round trip and clock offset', () => {
  it('come from the pong that answers the ping by its id', () => {
    const machine = new Machine().connected('tickwire').pass(15_000).fire('heartbeat');
    const [ping] = machine.frames as { id: string; ts: number }[];
    machine.pass(80).receive({ type: 'pong', id: 'another', ts: 0 });
    expect(machine.session.connection).toMatchObject({ rttMs: null });
    machine.receive({ type: 'pong', id: ping?.id ?? '', ts: (ping?.ts ?? 0) + 40 + 7 });
    expect(machine.session.connection).toMatchObject({ rttMs: 80 });
    expect(clockOffsetMs(machine.session.link)).toBe(7);
  });

  it('take the offset of the shortest round trip of the last eight, and let it be negative', () => {
    const machine = new Machine().connected('tickwire');
    for (const [rttMs, offset] of [
      [10, 999],
      [100, 1],
      [50, -12],
      [90, 3],
      [90, 3],
      [90, 3],
      [90, 3],
      [90, 3],
      [90, 3],
    ] as const) {
      machine.pass(15_000).fire('heartbeat');
      const ping = machine.frames.at(-1) as { id: string; ts: number };
      machine.pass(rttMs).receive({ type: 'pong', id: ping.id, ts: ping.ts + rttMs / 2 + offset });
      machine.pass(5_000).fire('heartbeat');
    }
    expect(machine.session.link?.heartbeat.samples).toHaveLength(8);
    expect(clockOffsetMs(machine.session.link)).toBe(-12);
  });
});
