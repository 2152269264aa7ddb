import { describe, expect, it } from 'vitest';
import { Listeners } from '../src/kernel/listeners.js';

interface Events {
  tick: number;
  error: string;
}

function registry(): { listeners: Listeners<Events>; failures: unknown[] } {
  const failures: unknown[] = [];
  return { listeners: new Listeners<Events>((event, cause) => failures.push([event, cause])), failures };
}

describe('listeners', () => {
  it('are called in the order in which they came', () => {
    const { listeners } = registry();
    const seen: string[] = [];
    listeners.on('tick', (value) => seen.push(`a${value}`));
    listeners.on('tick', (value) => seen.push(`b${value}`));
    listeners.emit('tick', 1);
    expect(seen).toEqual(['a1', 'b1']);
  });

  it('that were there when the event happened are called, those that come meanwhile are not', () => {
    const { listeners } = registry();
    const seen: string[] = [];
    listeners.on('tick', () => {
      seen.push('first');
      listeners.on('tick', () => seen.push('late'));
    });
    listeners.on('tick', () => seen.push('second'));
    listeners.emit('tick', 1);
    expect(seen).toEqual(['first', 'second']);
  });

  it('whose undo was called meanwhile are not called', () => {
    const { listeners } = registry();
    const seen: string[] = [];
    listeners.on('tick', () => undo());
    const undo = listeners.on('tick', () => seen.push('second'));
    listeners.emit('tick', 1);
    expect(seen).toEqual([]);
  });

  it('that were taken off meanwhile are not called, however often they were added', () => {
    const { listeners } = registry();
    const seen: string[] = [];
    const second = (): void => void seen.push('second');
    listeners.on('tick', () => listeners.off('tick', second));
    listeners.on('tick', second);
    listeners.on('tick', second);
    listeners.on('tick', () => seen.push('third'));
    listeners.emit('tick', 1);
    expect(seen).toEqual(['third']);
    expect(listeners.count('tick')).toBe(2);
  });

  it('that were taken off and put back meanwhile wait for the next event', () => {
    const { listeners } = registry();
    const seen: number[] = [];
    const second = (value: number): void => void seen.push(value);
    const undo = listeners.on('tick', () => {
      undo();
      listeners.off('tick', second);
      listeners.on('tick', second);
    });
    listeners.on('tick', second);
    listeners.emit('tick', 1);
    listeners.emit('tick', 2);
    expect(seen).toEqual([2]);
  });

  it('are removed by their undo alone, however often it is called', () => {
    const { listeners } = registry();
    let calls = 0;
    const listener = (): void => void (calls += 1);
    const undo = listeners.on('tick', listener);
    listeners.on('tick', listener);
    undo();
    undo();
    listeners.emit('tick', 1);
    expect(calls).toBe(1);
    expect(listeners.count('tick')).toBe(1);
  });

  it('are all removed by off, which takes nobody else away', () => {
    const { listeners } = registry();
    const seen: string[] = [];
    const mine = (): void => void seen.push('mine');
    listeners.on('tick', mine);
    listeners.on('tick', mine);
    listeners.on('tick', () => seen.push('other'));
    listeners.off('tick', mine);
    listeners.off('tick', mine);
    listeners.emit('tick', 1);
    expect(seen).toEqual(['other']);
  });

  it('that throw anything at all are reported once each, and the others are called', () => {
    const { listeners, failures } = registry();
    const seen: number[] = [];
    const nothing: unknown = Object.create(null);
    listeners.on('tick', () => {
      throw nothing;
    });
    listeners.on('tick', (value) => seen.push(value));
    listeners.emit('tick', 5);
    expect(seen).toEqual([5]);
    expect(failures).toEqual([['tick', nothing]]);
  });

  it('may be missing for an error', () => {
    expect(() => registry().listeners.emit('error', 'x')).not.toThrow();
  });
});
