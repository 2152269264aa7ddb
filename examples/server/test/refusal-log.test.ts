import { describe, expect, it } from 'vitest';
import { RefusalLog } from '../src/plugins/refusal-log.js';
import { createManualClock } from './manual-clock.js';

function setUp() {
  const clock = createManualClock();
  const lines: Readonly<Record<string, number>>[] = [];
  const origins: (readonly string[])[] = [];
  const log = new RefusalLog({
    clock,
    everyMs: 10_000,
    write: (counts, told) => void (lines.push(counts), origins.push(told)),
  });
  return { clock, lines, origins, log };
}

describe('the log of refusals', () => {
  it('has one line for many, by reason', () => {
    const { clock, lines, log } = setUp();
    for (let index = 0; index < 1_000; index += 1) log.add(index % 4 === 0 ? 'full' : 'address_rate');
    clock.advance(9_999);
    expect(lines).toEqual([]);
    clock.advance(1);
    expect(lines).toEqual([{ full: 250, address_rate: 750 }]);
    expect(clock.waiting).toBe(0);
    log.add('origin');
    clock.advance(10_000);
    expect(lines.at(-1)).toEqual({ origin: 1 });
  });

  it('F7: tells some of the origins that were refused, each once, and of no other refusals', () => {
    const { clock, lines, origins, log } = setUp();
    for (let index = 0; index < 100; index += 1) {
      log.add('origin', 'https://a.example');
      log.add('origin', `https://b.example:${1_000 + index}`);
      log.add('full', 'https://full.example');
    }
    log.add('origin');
    clock.advance(10_000);
    expect(lines).toEqual([{ origin: 201, full: 100 }]);
    expect(origins).toEqual([
      ['https://a.example', ...[1_000, 1_001, 1_002, 1_003].map((port) => `https://b.example:${port}`)],
    ]);
    log.add('full', 'https://full.example');
    clock.advance(10_000);
    expect(origins.at(-1)).toEqual([]);
  });

  it('tells the rest at its end and leaves no timer', () => {
    const { clock, lines, log } = setUp();
    log.add('draining');
    log.flush();
    log.flush();
    expect(lines).toEqual([{ draining: 1 }]);
    expect(clock.waiting).toBe(0);
  });
});
