import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filledPacer, paceRule, takePace, type PaceRule } from '../../src/core/pacer.js';
import { defaultLimits } from '../../src/core/negotiation.js';
import type { PacerState } from '../../src/core/session-state.js';
import { Machine } from './machine.js';

const empty: PacerState = { sentAt: [], tokens: 0, refilledAt: 0 };
const metals = paceRule({ dialect: 'metals', limits: defaultLimits });

/** Sends as eagerly as the rule allows, with these pauses between the wishes; returns when each frame went out. */
function eager(rule: PaceRule, start: PacerState, pauses: readonly number[]): number[] {
  let state = start;
  let now = 0;
  const sentAt: number[] = [];
  for (const pause of pauses) {
    now += pause;
    let paced = takePace(state, rule, now);
    while (paced.waitMs > 0) {
      now += paced.waitMs;
      paced = takePace(paced.state, rule, now);
    }
    ({ state } = paced);
    sentAt.push(now);
  }
  return sentAt;
}

describe('the pacer', () => {
  it('keeps to 8 in any rolling 60 s on metals, however eager the sender', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20_000 }), { maxLength: 60 }), (pauses) => {
        const sentAt = eager(metals, empty, pauses);
        for (const at of sentAt) {
          expect(sentAt.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(8);
        }
      }),
    );
  });

  it('F8: shows a metals server no more than 8 in any 60 s, over a link that holds frames back for up to 5 s', () => {
    const pauses = fc.array(fc.nat({ max: 2_000 }), { minLength: 30, maxLength: 60 });
    const delays = fc.array(fc.nat({ max: 5_000 }), { minLength: 60, maxLength: 60 });
    fc.assert(
      fc.property(pauses, delays, (wishes, held) => {
        let last = 0;
        const seen = eager(metals, empty, wishes).map((at, index) => (last = Math.max(last, at + (held[index] ?? 0))));
        for (const at of seen) {
          expect(seen.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(8);
        }
      }),
      { examples: [[Array<number>(30).fill(667), [5_000, ...Array<number>(59).fill(0)]]] },
    );
  });

  it('lets the ninth wait for exactly as long as it has to', () => {
    expect(eager(metals, empty, [0, 1_000, 0, 0, 0, 0, 0, 0, 0])).toEqual([0, ...Array<number>(7).fill(1_000), 65_000]);
  });

  it('lets a burst through on tickwire and then the stated rate', () => {
    const rule: PaceRule = { kind: 'bucket', burst: 3, perMinute: 60 };
    expect(eager(rule, filledPacer(empty, 3, 0), [0, 0, 0, 0, 0])).toEqual([0, 0, 0, 1_000, 2_000]);
  });

  it('never sends more than burst plus rate on tickwire', () => {
    const rule: PaceRule = { kind: 'bucket', burst: 5, perMinute: 120 };
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3_000 }), { maxLength: 80 }), (pauses) => {
        const sentAt = eager(rule, filledPacer(empty, 5, 0), pauses);
        for (const at of sentAt) {
          const within = sentAt.filter((other) => other >= at && other <= at + 10_000).length;
          expect(within).toBeLessThanOrEqual(5 + 20 + 1);
        }
      }),
    );
  });

  it('keeps no more than sixty instants', () => {
    let state = filledPacer(empty, 1e6, 0);
    for (let frame = 0; frame < 1_000; frame += 1) {
      ({ state } = takePace(state, { kind: 'bucket', burst: 1e6, perMinute: 1e6 }, frame));
    }
    expect(state.sentAt.length).toBeLessThanOrEqual(60);
  });

  it('counts over a reconnect, as the older metals backend does', () => {
    const machine = new Machine({ dialect: 'metals', lingerMs: 0 }).take({ type: 'connect' }).opened();
    for (let toggle = 0; toggle < 8; toggle += 1) {
      machine.subscribe(toggle + 10, `metal:m${toggle}`).flush();
      expect(machine.told).toContain('send subscribe');
    }
    machine.closed(1006).pass(1_000).fire('reconnect').opened();
    expect(machine.told).not.toContain('send subscribe');
    expect(machine.delayOf('pace')).toBe(64_000);
    machine.pass(64_000).fire('pace');
    expect(machine.told).toContain('send subscribe');
  });

  it('starts the deadline of a ping when it is sent, not when it is due', () => {
    const machine = new Machine({ dialect: 'metals', lingerMs: 0 }).take({ type: 'connect' }).opened();
    machine.pass(14_000);
    for (let toggle = 0; toggle < 8; toggle += 1) machine.subscribe(toggle + 10, `metal:m${toggle}`).flush();
    machine.pass(1_000).fire('heartbeat');
    expect(machine.told).not.toContain('send ping');
    machine.pass(15_000).fire('heartbeat');
    expect(machine.status).toBe('connected');
    machine.pass(49_000).fire('pace');
    expect(machine.told).toContain('send ping');
    machine.pass(4_999).fire('heartbeat');
    expect(machine.status).toBe('connected');
    machine.pass(1).fire('heartbeat');
    expect(machine.status).toBe('reconnecting');
  });
});
