import { describe, expect, it } from 'vitest';
import { createCounters } from '../src/counters.js';
import { defaultLimits } from '../src/limits.js';
import { Connection } from '../src/plugins/connection.js';
import { Outboxes } from '../src/services/outboxes.js';

function setUp() {
  const turns: (() => void)[] = [];
  const log: string[] = [];
  const shared = {
    limits: defaultLimits,
    counters: createCounters(),
    now: () => 0,
    random: () => 0.5,
    onTaskError: () => undefined,
    slowFrame: () => '',
  };
  const connect = (id: string) =>
    new Connection({
      id,
      socket: {
        readyState: 1,
        bufferedAmount: 0,
        send: () => undefined,
        ping: () => undefined,
        close: () => undefined,
        terminate: () => undefined,
      },
      wire: {
        writable: true,
        writableLength: 0,
        write: () => undefined,
        cork: () => void log.push(`${id}(`),
        uncork: () => void log.push(`)${id}`),
      },
      shared,
    });
  const outboxes = new Outboxes<string>({
    limits: { outboxFrames: 4, sliceFrames: 3 },
    nextTurn(callback) {
      turns.push(callback);
      return () => void turns.splice(turns.indexOf(callback), 1);
    },
    write: (connection, waiting) => void log.push(`${connection.id}${waiting}`),
  });
  /** Runs one turn, and tells what was written in it. */
  const turn = (): string => {
    log.length = 0;
    turns.shift()?.();
    return log.join(' ');
  };
  return { turns, log, connect, outboxes, turn };
}

describe('outboxes', () => {
  it('write nothing in the turn in which something is queued, and all of it in the next', () => {
    const { log, connect, outboxes, turn } = setUp();
    outboxes.push(connect('a'), '1');
    expect(log).toEqual([]);
    expect(turn()).toBe('a1');
    expect(outboxes.size).toBe(0);
  });

  it('gather what one connection gets, in order', () => {
    const { connect, outboxes, turn } = setUp();
    const [a, b] = [connect('a'), connect('b')];
    for (const number of ['1', '2']) for (const connection of [a, b]) outboxes.push(connection, number);
    expect(turn()).toBe('a( a1 a2 )a b( b1 b2 )b');
  });

  it('write so many frames a turn and leave the rest for later ones', () => {
    const { turns, connect, outboxes, turn } = setUp();
    for (const id of ['a', 'b', 'c', 'd', 'e']) outboxes.push(connect(id), '1');
    expect(turns.length).toBe(1);
    expect(turn()).toBe('a1 b1 c1');
    expect(turn()).toBe('d1 e1');
    expect(turns).toEqual([]);
  });

  it('keep the order of a connection that gets more while others are served', () => {
    const { connect, outboxes, turn } = setUp();
    const connections = ['a', 'b', 'c', 'd'].map(connect);
    for (const connection of connections) outboxes.push(connection, '1');
    turn();
    for (const connection of connections) outboxes.push(connection, '2');
    expect(turn()).toBe('d( d1 d2 )d a2');
    expect(turn()).toBe('b2 c2');
  });

  it('empty a full queue on the spot, so that none grows without end and nothing is lost', () => {
    const { log, connect, outboxes, turn } = setUp();
    const a = connect('a');
    for (const number of ['1', '2', '3', '4', '5']) outboxes.push(a, number);
    expect(log.join(' ')).toBe('a( a1 a2 a3 a4 )a');
    expect(turn()).toBe('a5');
  });

  it('forget a connection that has gone, and everything when they are stopped', () => {
    const { turns, connect, outboxes, turn } = setUp();
    const [a, b] = [connect('a'), connect('b')];
    outboxes.push(a, '1');
    outboxes.push(b, '1');
    outboxes.forget(a);
    expect(turn()).toBe('b1');
    outboxes.push(a, '2');
    outboxes.stop();
    expect([turns.length, outboxes.size]).toEqual([0, 0]);
  });
});
