import { describe, expect, it } from 'vitest';
import { FakeClock } from '@tickwire/testing';
import { Channels, type Holder, type HolderOptions } from '../../src/kernel/channels.js';

const nothing = (): void => undefined;

function holder(channels: readonly string[], options: HolderOptions = {}): Holder {
  return { channels, options, accept: nothing, drop: nothing, over: nothing };
}

class Bench {
  readonly clock = new FakeClock();
  readonly released: string[] = [];
  readonly channels: Channels;

  constructor(lingerMs = 1_000) {
    this.channels = new Channels(this.clock, lingerMs, (channels) => this.released.push(...channels));
  }

  hold(...names: string[]): Holder {
    const held = holder(names);
    this.channels.hold(held);
    return held;
  }

  get names(): string[] {
    return [...this.channels];
  }
}

describe('what several holders ask for together', () => {
  const filter = [{ key: 'usdValue', cmp: 'gte', val: 5 }];
  it.each<[string, HolderOptions[], HolderOptions]>([
    ['the smallest interval', [{ minIntervalMs: 500 }, { minIntervalMs: 250 }], { minIntervalMs: 250 }],
    ['no interval when one wants everything', [{ minIntervalMs: 500 }, {}], {}],
    ['a filter that all agree on', [{ filter }, { filter: [...filter] }], { filter }],
    ['no filter when one has none', [{ filter }, {}], {}],
    ['no filter when they differ', [{ filter }, { filter: [{ ...filter[0], val: 6 }] }, { filter }], {}],
  ])('%s', (_title, holders, expected) => {
    const { channels } = new Bench();
    for (const options of holders) channels.hold(holder(['a'], options));
    expect(channels.desired('a')).toEqual({ held: true, ...expected });
  });

  it('of nobody: nothing, and of a channel that lingers: that nobody holds it', () => {
    const bench = new Bench();
    expect(bench.channels.desired('a')).toBeUndefined();
    bench.channels.letGo(bench.hold('a'), true);
    expect(bench.channels.desired('a')).toEqual({ held: false });
  });
});

describe('a channel', () => {
  it('is wanted once, by whoever holds it, and ends after the last, and a linger', async () => {
    const bench = new Bench();
    const first = bench.hold('a', 'b');
    const second = holder(['a', 'c']);
    expect(bench.channels.hold(second)).toEqual(['c']);
    expect([bench.names, bench.channels.held]).toEqual([['a', 'b', 'c'], 3]);
    bench.channels.letGo(first, true);
    expect([bench.channels.isHeld('a'), bench.channels.isHeld('b'), bench.channels.isWanted('b')]).toEqual([
      ...[true, false, true],
    ]);
    await bench.clock.advance(999);
    expect(bench.released).toEqual([]);
    await bench.clock.advance(1);
    expect([bench.released, bench.names]).toEqual([['b'], ['a', 'c']]);
    expect(bench.clock.pending).toBe(0);
  });

  it('survives a remount within the linger', async () => {
    const bench = new Bench();
    bench.channels.letGo(bench.hold('a'), true);
    await bench.clock.advance(500);
    expect(bench.channels.hold(holder(['a']))).toEqual(['a']);
    await bench.clock.advance(10_000);
    expect([bench.released, bench.names]).toEqual([[], ['a']]);
  });

  it('goes at once without a linger, or where the stream is over', () => {
    const hasty = new Bench(0);
    hasty.channels.letGo(hasty.hold('a'), true);
    expect(hasty.released).toEqual(['a']);
    const over = new Bench();
    over.channels.letGo(over.hold('a'), false);
    expect([over.released, over.clock.pending]).toEqual([['a'], 0]);
  });

  it('is let go once only: a second call does not take its successor away', () => {
    const bench = new Bench(0);
    const first = bench.hold('a');
    bench.channels.letGo(first, true);
    bench.hold('a');
    bench.channels.letGo(first, true);
    expect([bench.released, bench.names]).toEqual([['a'], ['a']]);
  });

  it('does not linger longer for being let go again', async () => {
    const bench = new Bench();
    const first = bench.hold('a');
    bench.channels.letGo(first, true);
    await bench.clock.advance(900);
    bench.channels.letGo(first, true);
    await bench.clock.advance(100);
    expect(bench.released).toEqual(['a']);
  });

  it('lingers no longer when the stream is closed or has failed', () => {
    const bench = new Bench();
    bench.hold('b');
    bench.channels.letGo(bench.hold('a'), true);
    bench.channels.over(undefined);
    expect([bench.released, bench.names, bench.clock.pending]).toEqual([['a'], ['b'], 0]);
  });
});
