import { describe, expect, it } from 'vitest';
import {
  afterAck,
  firstOf,
  joined,
  verdictOn,
  type Acked,
  type Loss,
  type Position,
} from '../../src/dialects/tickwire/positions.js';

const at = (seq: number, epoch: string | undefined = 'e1'): Position => ({ epoch, seq });

describe('the gap rule', () => {
  it.each([
    ['the next seq', at(5), { seq: 6, epoch: 'e1' }, 'next'],
    ['a seq without an epoch', at(5), { seq: 6 }, 'next'],
    ['the first of a channel that had none', at(0), { seq: 1, epoch: 'e1' }, 'next'],
    ['the same seq', at(5), { seq: 5, epoch: 'e1' }, 'duplicate'],
    ['an older seq', at(5), { seq: 1, epoch: 'e1' }, 'duplicate'],
    ['one missing', at(5), { seq: 7, epoch: 'e1' }, 'gap'],
    ['one withheld', at(5), { seq: 7, skip: 1, epoch: 'e1' }, 'next'],
    ['more withheld than there were', at(5), { seq: 7, skip: 9, epoch: 'e1' }, 'next'],
    ['one withheld and one missing', at(5), { seq: 8, skip: 1, epoch: 'e1' }, 'gap'],
    ['a jump', at(5), { seq: 1_000_000_005, epoch: 'e1' }, 'gap'],
    ['another epoch, further on', at(5), { seq: 6, epoch: 'e2' }, 'reset'],
    ['another epoch, further back', at(5), { seq: 1, epoch: 'e2' }, 'reset'],
    ['any epoch where none is known', { epoch: undefined, seq: 5 }, { seq: 6, epoch: 'e2' }, 'next'],
    ['any seq where none is known', at(-1), { seq: 99, epoch: 'e1' }, 'next'],
  ] as const)('%s', (_title, last, frame, verdict) => {
    expect(verdictOn(last, frame)).toBe(verdict);
  });

  it('counts what a frame skips as its own', () => {
    expect([firstOf({ seq: 9 }), firstOf({ seq: 9, skip: 3 })]).toEqual([9, 6]);
  });
});

describe('after an ack the client', () => {
  const ack = (seq: number, part: Partial<Acked> = {}): Acked => ({ epoch: 'e1', seq, recovered: false, ...part });
  it.each<[string, Position | undefined, Acked, Position, Loss | undefined]>([
    ['starts where the server is', undefined, ack(51, { reason: 'new' }), at(51), undefined],
    ['starts at 0 where nothing has been', undefined, ack(0), at(0), undefined],
    ['stays where it asked from, recovered', at(52), ack(54, { recovered: true }), at(52), undefined],
    ['learns the epoch', { epoch: undefined, seq: 5 }, ack(5, { recovered: true }), at(5), undefined],
    [
      'has lost a range that is too old',
      at(52),
      ack(130, { reason: 'too_old' }),
      at(130),
      { from: 53, to: 130, reason: 'too_old' },
    ],
    ['has lost nothing at the head', at(52), ack(52), at(52), undefined],
    [
      'has lost an unknown range when the counter was set back',
      at(52),
      ack(7, { reason: 'unknown' }),
      at(7),
      { from: null, to: null, reason: 'unknown', epoch: 'e1' },
    ],
    [
      'has lost an unknown range in another epoch',
      at(52),
      ack(60, { epoch: 'e2', reason: 'epoch' }),
      at(60, 'e2'),
      { from: null, to: null, reason: 'epoch', epoch: 'e2' },
    ],
    [
      'never believes that another epoch is recovered',
      at(52),
      ack(60, { epoch: 'e2', recovered: true }),
      at(60, 'e2'),
      { from: null, to: null, reason: 'unknown', epoch: 'e2' },
    ],
  ])('%s', (_title, last, said, position, lost) => {
    const after = afterAck(last, said);
    expect(after.position).toEqual(position);
    expect(after.lost).toEqual(lost);
  });
});

describe('two words on one loss', () => {
  const ours: Loss = { from: 53, to: 130, reason: 'too_old' };
  it.each<[string, Loss, Loss]>([
    ['that agree are one', { from: 53, to: 130, reason: 'x' }, { from: 53, to: 130, reason: 'x' }],
    ['cover what either covers', { from: 60, to: 140, reason: 'x' }, { from: 53, to: 140, reason: 'x' }],
    [
      'name no range when one of them knows none',
      { from: null, to: null, reason: 'epoch', epoch: 'e2' },
      { from: null, to: null, reason: 'epoch', epoch: 'e2' },
    ],
  ])('%s', (_title, told, both) => {
    expect(joined(ours, told)).toEqual(both);
  });
});
