import { describe, expect, it } from 'vitest';
import { FairTurns } from '../src/services/fair-turns.js';

function setUp(steps: number) {
  const due: (() => void)[] = [];
  const turns = new FairTurns({ steps, nextTurn: (callback) => (due.push(callback), () => undefined) });
  const log: string[] = [];
  const ask = (address: string, count: number, name = address) => {
    const waits = turns.take(address, count);
    if (waits === undefined) log.push(name);
    else void waits.then(() => log.push(name));
  };
  /** One turn of the loop; who was let go meanwhile. */
  const turn = async () => {
    for (const callback of due.splice(0)) callback();
    await new Promise((resolve) => setImmediate(resolve));
    return log.splice(0);
  };
  return { turns, due, log, ask, turn };
}

describe('F55: work in fair turns', () => {
  it('goes on at once while there are steps, and in a later turn when there are none', async () => {
    const { ask, log, turn } = setUp(10);
    ask('a', 6);
    ask('a', 6);
    expect(log.splice(0)).toEqual(['a', 'a']);
    ask('a', 1, 'late');
    expect(log).toEqual([]);
    expect(await turn()).toEqual(['late']);
  });

  it('lets an address with many askers have no more than one with a single asker', async () => {
    const { ask, log, turn } = setUp(2);
    for (let index = 0; index < 20; index += 1) ask('crowd', 1);
    ask('single', 1);
    expect(log.splice(0)).toEqual(['crowd', 'crowd']);
    expect(await turn()).toEqual(['crowd', 'single']);
  });

  it('pays later for what was overdrawn', async () => {
    const { ask, log, turn } = setUp(10);
    ask('a', 35);
    ask('b', 1);
    expect(log.splice(0)).toEqual(['a']);
    expect([await turn(), await turn(), await turn()]).toEqual([[], [], ['b']]);
  });

  it('keeps nothing of an address that waits no more, and no turn that nobody needs', async () => {
    const { turns, due, ask, turn } = setUp(2);
    for (let index = 0; index < 5; index += 1) ask(`a${index}`, 1);
    expect(turns.waiting).toBe(3);
    for (let index = 0; index < 5; index += 1) await turn();
    expect(turns.waiting).toBe(0);
    expect(due).toEqual([]);
  });
});
