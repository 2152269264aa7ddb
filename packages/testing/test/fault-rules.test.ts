import { describe, expect, it } from 'vitest';
import { atLeast, dueAt, flipped, lineMs, noFaults, portion, type FaultRules } from '../src/fault-rules.js';

const held = { bytes: Buffer.from('x'), arrivedAt: 1_000, chance: 0.5, opening: false };

describe('when held bytes may leave', () => {
  const table: [string, Partial<FaultRules>, Partial<typeof held>, number][] = [
    ['at once without rules', {}, {}, 1_000],
    ['after the latency', { latencyMs: 80 }, {}, 1_080],
    ['earliest at latency − jitter', { latencyMs: 80, jitterMs: 30 }, { chance: 0 }, 1_050],
    ['latest before latency + jitter', { latencyMs: 80, jitterMs: 30 }, { chance: 0.75 }, 1_095],
    ['never before they came', { latencyMs: 10, jitterMs: 30 }, { chance: 0 }, 1_000],
    ['later by the delay of the upgrade when they answer it', { upgradeDelayMs: 500 }, { opening: true }, 1_500],
    ['without the delay of the upgrade when they do not', { upgradeDelayMs: 500 }, {}, 1_000],
  ];
  it.each(table)('is %s', (_title, rules, part, at) => {
    expect(dueAt({ ...noFaults, ...rules }, { ...held, ...part })).toBe(at);
  });
});

describe('how much the next write may have', () => {
  const table: [string, Partial<FaultRules>, number | undefined, number][] = [
    ['all without rules', {}, undefined, 100],
    ['a slice', { sliceBytes: 7 }, undefined, 7],
    ['a fiftieth of a second of the rate', { bytesPerSecond: 500 }, undefined, 10],
    ['one byte at the slowest', { bytesPerSecond: 3 }, undefined, 1],
    ['up to the cut', {}, 4, 4],
    ['the least of all', { sliceBytes: 7, bytesPerSecond: 100 }, 4, 2],
    ['no more than there is', { sliceBytes: 1_000 }, undefined, 100],
  ];
  it.each(table)('is %s', (_title, rules, untilCut, bytes) => {
    expect(portion({ ...noFaults, ...rules }, 100, untilCut)).toBe(bytes);
  });
});

describe('the rest of the rules', () => {
  it('takes the line for as long as the bytes need', () => {
    expect(lineMs({ ...noFaults, bytesPerSecond: 200 }, 50)).toBe(250);
    expect(lineMs(noFaults, 50)).toBe(0);
  });

  it('changes one byte of a copy, and nothing outside of it', () => {
    const bytes = Buffer.from('price');
    expect(flipped(bytes, 1, 1).toString()).toBe('psice');
    expect(flipped(bytes, 5, 1)).toBe(bytes);
    expect(bytes.toString()).toBe('price');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('refuses %s as the number of a rule', (value) => {
    expect(() => atLeast('latency', value, 0)).toThrow('latency is a number from 0 on');
  });
});
