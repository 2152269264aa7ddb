import { describe, expect, it } from 'vitest';
import { coinPrice, FakeClock, settle } from '@tickwire/testing';
import { Timers } from '../src/kernel/timers.js';
import { Harness } from './harness.js';

const longestMs = 2 ** 31 - 1;
const aYearMs = 365 * 86_400_000;

/** Writes down what it is asked for. */
class DelayClock extends FakeClock {
  readonly delays: number[] = [];

  override setTimeout(callback: () => void, delayMs: number): number {
    this.delays.push(delayMs);
    return super.setTimeout(callback, delayMs);
  }
}

describe('a timer', () => {
  it.each([
    ['a year', aYearMs],
    ['one ms more than platforms keep', longestMs + 1],
  ])('F32: that waits for %s fires then, and not when the platform’s longest is over', async (_case, delayMs) => {
    const clock = new DelayClock();
    const timers = new Timers<'reconnect'>(clock);
    let fired = 0;
    timers.start('reconnect', delayMs, () => (fired += 1));
    await clock.advance(delayMs - 1);
    expect([fired, timers.isRunning('reconnect')]).toEqual([0, true]);
    await clock.advance(1);
    expect([fired, timers.isRunning('reconnect')]).toEqual([1, false]);
    expect(Math.max(...clock.delays)).toBe(longestMs);
  });

  it('F32: that waits for ever is let go like any other', async () => {
    const clock = new DelayClock();
    const timers = new Timers<'reconnect'>(clock);
    let fired = 0;
    timers.start('reconnect', Infinity, () => (fired += 1));
    await clock.advance(aYearMs);
    timers.stop('reconnect');
    await clock.advance(aYearMs);
    expect(fired).toBe(0);
  });

  it('is never longer than platforms keep: 2^31 − 1 ms, whatever is asked for', async () => {
    const clock = new DelayClock();
    const harness = new Harness({
      clock,
      connectTimeoutMs: aYearMs,
      negotiateMs: aYearMs,
      lingerMs: aYearMs,
      staleAfterMs: aYearMs,
      requestTimeoutMs: aYearMs,
      heartbeat: { idleMs: aYearMs, timeoutMs: aYearMs },
      reconnect: { minDelayMs: aYearMs, maxDelayMs: 2 * aYearMs, stableAfterMs: aYearMs },
    });
    await harness.connected();
    const subscription = harness.client.subscribe('coin:bitcoin', () => undefined, { minIntervalMs: aYearMs });
    await settle();
    for (const seq of [1, 2]) {
      harness.socket.receive(coinPrice('bitcoin', seq, { sub: 'coin:bitcoin', seq, epoch: 'e1' }));
    }
    void harness.client.catalog().catch(() => undefined);
    subscription.unsubscribe();
    harness.client.subscribe('whales', () => undefined);
    harness.socket.receive({ type: 'going_away', data: { reconnectAfterMs: 1e300, deadlineMs: 1e300 } });
    await settle();
    harness.socket.drop(1006);
    await settle();
    expect(clock.delays.length).toBeGreaterThan(8);
    expect(Math.max(...clock.delays)).toBe(longestMs);
    expect(clock.delays.every((delayMs) => delayMs >= 0)).toBe(true);
  });

  it('that was cut short looks again: what is due in a year does not happen in a month', async () => {
    const harness = await new Harness({ staleAfterMs: aYearMs, lingerMs: aYearMs }).connected();
    harness.answerPings();
    const stale = harness.record('stale');
    harness.client.subscribe('coin:bitcoin', () => undefined);
    const held = harness.client.subscribe('coin:dogecoin', () => undefined);
    await settle();
    harness.socket.receive(coinPrice('bitcoin', 1));
    held.unsubscribe();
    await settle();
    harness.socket.taken();
    // Two cut timers later; the pings of a month are not sent one by one.
    for (let cut = 0; cut < 2; cut += 1) await harness.clock.sleep(longestMs + 1);
    expect(stale).toEqual([]);
    expect(harness.sockets.all.flatMap((socket) => socket.sent).join()).not.toContain('unsubscribe');
  });
});
