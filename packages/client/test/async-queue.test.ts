import { describe, expect, it } from 'vitest';
import { AsyncQueue, type Overflow } from '../src/kernel/queue.js';

function queueOf(
  overflow: Overflow,
  bufferSize = 3,
): { queue: AsyncQueue<number>; lost: () => number; ended: () => number } {
  let lost = 0;
  let ended = 0;
  const queue = new AsyncQueue<number>({
    overflow,
    bufferSize,
    lost: () => (lost += 1),
    ended: () => (ended += 1),
  });
  return { queue, lost: () => lost, ended: () => ended };
}

async function drain(queue: AsyncQueue<number>): Promise<number[]> {
  queue.end();
  const items: number[] = [];
  for await (const item of queue.iterate()) items.push(item);
  return items;
}

describe('a queue', () => {
  it.each<[Overflow, number[], number]>([
    ['drop-oldest', [3, 4, 5], 2],
    ['latest', [2, 4, 5], 2],
  ])('with %s keeps %j and counts %i lost', async (overflow, kept, losses) => {
    const { queue, lost } = queueOf(overflow);
    for (const [key, item] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['c', 4],
      ['a', 5],
    ] as const) {
      queue.push(key, item);
    }
    expect(await drain(queue)).toEqual(kept);
    expect(lost()).toBe(losses);
  });

  it('gives what it has buffered before it ends', async () => {
    const { queue } = queueOf('drop-oldest');
    queue.push('a', 1);
    queue.end();
    queue.push('a', 2);
    const iterator = queue.iterate();
    await expect(iterator.next()).resolves.toEqual({ done: false, value: 1 });
    await expect(iterator.next()).resolves.toEqual({ done: true, value: undefined });
  });

  it('resolves reads that wait when it ends, and rejects them when it ends with an error', async () => {
    const { queue } = queueOf('drop-oldest');
    const reads = [queue.iterate().next(), queue.iterate().next()];
    queue.end();
    await expect(Promise.all(reads)).resolves.toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    const failing = queueOf('drop-oldest').queue;
    const read = failing.iterate().next();
    failing.end(new Error('over'));
    await expect(read).rejects.toThrow('over');
    await expect(failing.iterate().next()).resolves.toEqual({ done: true, value: undefined });
  });

  it('is left by return and by throw, once', async () => {
    const { queue, ended } = queueOf('drop-oldest');
    const iterator = queue.iterate();
    await iterator.return?.();
    await iterator.return?.();
    expect(ended()).toBe(1);
    const other = queueOf('drop-oldest');
    await expect(other.queue.iterate().throw?.(new Error('mine'))).rejects.toThrow('mine');
    expect(other.ended()).toBe(1);
  });
});
