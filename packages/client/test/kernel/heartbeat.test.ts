import { describe, expect, it } from 'vitest';
import { Heartbeat, type HeartbeatPolicy, type Instant } from '../../src/kernel/heartbeat.js';

const usual: HeartbeatPolicy = { idleMs: 15_000, timeoutMs: 5_000, pingEveryMs: Infinity };
const wallStart = Date.UTC(2026, 0, 1);

/** A heartbeat whose timer, clock and frames are the test's. */
class Bench {
  now = 0;
  wallShift = 0;
  lastFrameAt = 0;
  /** What the one timer was started with last, and how often that was. */
  delayMs = NaN;
  armed = 0;
  pings = 0;
  readonly heartbeat: Heartbeat;

  constructor(part: Partial<HeartbeatPolicy> = {}) {
    this.heartbeat = new Heartbeat({ ...usual, ...part }, this.at, (delayMs) => {
      this.delayMs = delayMs;
      this.armed += 1;
    });
  }

  get at(): Instant {
    return { now: this.now, wallNow: wallStart + this.now + this.wallShift, lastFrameAt: this.lastFrameAt };
  }

  pass(ms: number): this {
    this.now += ms;
    return this;
  }

  /** A frame of any kind arrives: it leaves nothing but its time. */
  frame(): this {
    this.lastFrameAt = this.now;
    return this;
  }

  /** The timer fires; a ping that is wanted goes out at once, as there is budget. */
  fire(): 'alive' | 'dead' | 'pinged' {
    const found = this.heartbeat.fired(this.at);
    if (!this.heartbeat.queued) return found;
    this.sent();
    return 'pinged';
  }

  sent(): string {
    this.pings += 1;
    this.heartbeat.sent(`r${this.pings}`, this.at);
    return `r${this.pings}`;
  }

  /** One that has pinged after the usual silence. */
  pinged(): this {
    expect(this.pass(15_000).fire()).toBe('pinged');
    return this;
  }
}

describe('the heartbeat', () => {
  it('pings after 15 s of silence and gives up 5 s later', () => {
    const bench = new Bench();
    expect(bench.delayMs).toBe(15_000);
    bench.pinged();
    expect(bench.delayMs).toBe(5_000);
    expect(bench.pass(5_000).fire()).toBe('dead');
  });

  it('takes any frame for a sign of life: a late pong is not needed', () => {
    const bench = new Bench().pinged().pass(1_000).frame().pass(4_000);
    expect(bench.fire()).toBe('alive');
    expect(bench.delayMs).toBe(11_000);
  });

  it('is lazy: frames start no timer, the one that runs looks at the last of them', () => {
    const bench = new Bench();
    for (let second = 0; second < 14; second += 1) bench.pass(1_000).frame();
    expect(bench.pass(1_000).fire()).toBe('alive');
    expect([bench.armed, bench.delayMs]).toEqual([2, 14_000]);
  });

  it('gives an overdue timer one second of grace before the verdict, once', () => {
    const bench = new Bench().pinged().pass(8_000);
    expect(bench.fire()).toBe('alive');
    expect([bench.heartbeat.mute, bench.delayMs]).toEqual([true, 1_000]);
    expect(bench.pass(1_000).fire()).toBe('dead');
    // Late once more, it has had its grace.
    const slow = new Bench().pinged().pass(8_000);
    slow.fire();
    expect(slow.pass(8_000).fire()).toBe('dead');
  });

  it('keeps the link when the grace brings what had already arrived', () => {
    const bench = new Bench().pinged().pass(8_000);
    bench.fire();
    expect(bench.frame().pass(1_000).fire()).toBe('alive');
    expect(bench.heartbeat.mute).toBe(false);
  });

  it('notices by the wall clock that the machine slept while timers stood still', () => {
    const bench = new Bench().pinged();
    bench.wallShift += 600_000;
    expect(bench.pass(5_000).fire()).toBe('alive');
    expect(bench.delayMs).toBe(1_000);
  });

  it.each([7_200_000, -7_200_000])('is not troubled by a clock that is set by %i ms', (shift) => {
    const bench = new Bench();
    bench.wallShift += shift;
    for (let beat = 0; beat < 10; beat += 1) {
      bench.pinged().pass(50).frame().pass(4_950);
      expect(bench.fire()).toBe('alive');
    }
  });

  it('is overdue, and probes, after more silence than it ever lets pass', () => {
    const bench = new Bench().pass(16_999);
    expect(bench.heartbeat.isOverdue(bench.at)).toBe(false);
    expect(bench.pass(1).heartbeat.isOverdue(bench.at)).toBe(true);
    bench.heartbeat.probe(bench.at);
    expect(bench.heartbeat.queued).toBe(true);
    bench.sent();
    expect(bench.delayMs).toBe(3_000);
    expect(bench.heartbeat.isOverdue(bench.at)).toBe(false);
    expect(bench.pass(3_000).fire()).toBe('dead');
  });

  it('is overdue by the wall clock as well, which goes on where the other stands still', () => {
    const bench = new Bench();
    bench.wallShift += 600_000;
    expect(bench.heartbeat.isOverdue(bench.at)).toBe(true);
  });

  it('probes with a short deadline, and not at all while a ping waits for its budget', () => {
    const bench = new Bench().pass(5_000);
    bench.heartbeat.probe(bench.at);
    bench.heartbeat.probe(bench.at);
    bench.sent();
    expect([bench.heartbeat.queued, bench.delayMs]).toEqual([false, 3_000]);
    const hasty = new Bench({ timeoutMs: 500 });
    hasty.heartbeat.probe(hasty.at);
    hasty.sent();
    expect(hasty.delayMs).toBe(500);
  });

  it('shortens the deadline of a ping that is out already when something wakes up', () => {
    const bench = new Bench().pinged().pass(500);
    bench.heartbeat.probe(bench.at);
    expect([bench.heartbeat.queued, bench.delayMs]).toEqual([false, 3_000]);
    expect(bench.pass(3_000).fire()).toBe('dead');
  });

  it('leaves a deadline that is shorter still as it is', () => {
    const bench = new Bench().pinged().pass(4_000);
    const { armed } = bench;
    bench.heartbeat.probe(bench.at);
    expect([bench.heartbeat.queued, bench.armed]).toEqual([false, armed]);
  });

  it('with an idle shorter than the deadline pings each idle, not each deadline', () => {
    const bench = new Bench({ idleMs: 1_000 });
    expect(bench.pass(1_000).fire()).toBe('pinged');
    expect(bench.delayMs).toBe(1_000);
    expect(bench.pass(50).frame().pass(950).fire()).toBe('alive');
    expect(bench.delayMs).toBe(50);
    expect(bench.pass(50).fire()).toBe('pinged');
    expect(bench.pass(1_000).fire()).toBe('alive');
    expect(bench.delayMs).toBe(4_000);
    expect(bench.pass(4_000).fire()).toBe('dead');
  });

  it('starts the deadline of a ping when it is sent, not when it is due', () => {
    const bench = new Bench().pass(15_000);
    expect(bench.heartbeat.fired(bench.at)).toBe('alive');
    // No budget: the ping waits, and so does its verdict.
    expect(bench.pass(15_000).heartbeat.fired(bench.at)).toBe('alive');
    bench.pass(35_000).sent();
    expect(bench.delayMs).toBe(5_000);
    expect(bench.pass(4_999).fire()).toBe('alive');
    expect(bench.pass(1).fire()).toBe('dead');
  });

  it('pings at least so often, whatever arrives, where a server wants it', () => {
    const bench = new Bench({ idleMs: 600_000, pingEveryMs: 45_000 });
    const pings: number[] = [];
    for (let due = bench.delayMs; bench.now < 600_000; due = bench.delayMs) {
      const end = bench.now + due;
      while (bench.now + 1_000 < end) bench.pass(1_000).frame();
      if (bench.pass(end - bench.now).fire() === 'pinged') pings.push(bench.now);
    }
    expect(pings.length).toBeGreaterThanOrEqual(10);
    const pauses = pings.map((at, index) => at - (pings[index - 1] ?? 0));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000);
  });
});

describe('silence, where there is no ping', () => {
  const silent = (): Bench => new Bench({ silenceMs: 30_000 });

  it('ends the link when it has lasted', () => {
    const bench = silent();
    expect(bench.delayMs).toBe(30_000);
    expect(bench.pass(30_000).fire()).toBe('dead');
  });

  it('is counted from the last frame', () => {
    const bench = silent().pass(20_000).frame().pass(10_000);
    expect(bench.fire()).toBe('alive');
    expect(bench.delayMs).toBe(20_000);
    expect(bench.pass(20_000).fire()).toBe('dead');
    expect(bench.pings).toBe(0);
  });

  it('through which the machine slept gives what has arrived a second to be read', () => {
    const bench = silent().pass(90_000);
    expect(bench.fire()).toBe('alive');
    expect([bench.heartbeat.mute, bench.delayMs]).toEqual([true, 1_000]);
    expect(bench.frame().pass(1_000).fire()).toBe('alive');
    expect(bench.heartbeat.mute).toBe(false);
  });

  it('is never probed', () => {
    const bench = silent().pass(20_000);
    bench.heartbeat.probe(bench.at);
    expect(bench.heartbeat.queued).toBe(false);
  });
});

describe('round trip and clock offset', () => {
  it('come from the pong that answers the ping by its id', () => {
    const bench = new Bench().pinged().pass(80);
    bench.heartbeat.answered(bench.at, 'another', 0);
    expect([bench.heartbeat.rttMs, bench.heartbeat.clockOffsetMs]).toEqual([null, null]);
    bench.heartbeat.answered(bench.at, 'r1', wallStart + 15_000 + 40 + 7);
    expect([bench.heartbeat.rttMs, bench.heartbeat.clockOffsetMs]).toEqual([80, 7]);
    // One ping, one answer.
    bench.pass(50);
    bench.heartbeat.answered(bench.at, 'r1', 0);
    expect([bench.heartbeat.rttMs, bench.heartbeat.clockOffsetMs]).toEqual([80, 7]);
  });

  it.each([undefined, null])('come from a pong with the id %j too, and without a time there is no offset', (id) => {
    const bench = new Bench().pinged().pass(80);
    bench.heartbeat.answered(bench.at, id, undefined);
    expect([bench.heartbeat.rttMs, bench.heartbeat.clockOffsetMs]).toEqual([80, null]);
  });

  it('take the offset of the shortest round trip of the last eight, and let it be negative', () => {
    const bench = new Bench();
    const offsets: (number | null)[] = [];
    for (const [rttMs, offset] of [
      ...([
        [10, 999],
        [100, 1],
        [50, -12],
      ] as const),
      ...Array<readonly [number, number]>(6).fill([90, 3]),
    ]) {
      bench.pinged();
      const sentAt = bench.at.wallNow;
      bench.pass(rttMs).frame();
      bench.heartbeat.answered(bench.at, `r${bench.pings}`, sentAt + rttMs / 2 + offset);
      offsets.push(bench.heartbeat.clockOffsetMs);
      bench.pass(5_000).fire();
    }
    expect(offsets.slice(0, 8)).toEqual(Array<number>(8).fill(999));
    expect(offsets[8]).toBe(-12);
  });
});
