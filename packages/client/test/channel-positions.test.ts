import fc from 'fast-check';
import { settle } from '@tickwire/testing';
import { describe, expect, it } from 'vitest';
import { event, PositionsBench } from './positions-rig.js';

describe('a hole in an event channel', () => {
  it('holds what comes behind it, asks once, and is filled in order', async () => {
    const bench = new PositionsBench().at(51);
    bench.event(52);
    bench.event(55);
    bench.event(56);
    expect(bench.heard).toEqual([52]);
    expect(bench.questions).toMatchObject([{ channel: 'whales', since: { epoch: 'e1', seq: 52 } }]);
    await bench.answer({ seq: 56, messages: [event(53), event(54), event(55)] });
    expect(bench.heard).toEqual([52, 53, 54, 55, 56]);
    bench.event(57);
    expect(bench.heard.at(-1)).toBe(57);
    expect(bench).toMatchObject({ questions: [], duplicates: 0 });
  });

  it('is announced as far as it stays open, before what was held', async () => {
    const bench = new PositionsBench().at(55);
    bench.event(58);
    await bench.answer({ seq: 58, complete: false, messages: [event(57)] });
    expect(bench.heard).toEqual(['56-56', 57, 58]);
  });

  it.each(['refused', 'of another epoch'])('is announced whole when the answer is %s', async (how) => {
    const bench = new PositionsBench().at(5);
    bench.event(8);
    bench.event(9);
    if (how === 'refused') await bench.refuse();
    else await bench.answer({ epoch: 'e2', seq: 3, messages: [event(3, 'e2')] });
    expect(bench.heard).toEqual(['6-7', 8, 9, ...(how === 'refused' ? [] : ['reset e2'])]);
  });

  it('behind the one that was asked for is asked for in its turn', async () => {
    const bench = new PositionsBench().at(1);
    bench.event(3);
    bench.event(6);
    await bench.answer({ seq: 3, messages: [event(2), event(3)] });
    expect(bench.heard).toEqual([2, 3]);
    expect(bench.questions).toMatchObject([{ since: { seq: 3 } }]);
    await bench.answer({ seq: 6, messages: [event(4), event(5)] });
    expect(bench.heard).toEqual([2, 3, 4, 5, 6]);
  });

  it('that a replay fills needs no answer any more', async () => {
    const bench = new PositionsBench().at(1);
    bench.event(4);
    bench.event(2);
    bench.event(3);
    expect(bench.heard).toEqual([2, 3, 4]);
    await bench.answer({ seq: 4, messages: [event(2), event(3)] });
    expect(bench.heard).toEqual([2, 3, 4]);
  });

  it('holds at most 1,000 frames: then it is announced and the answer comes too late', async () => {
    const bench = new PositionsBench().at(0);
    for (let seq = 2; seq <= 1_001; seq += 1) bench.event(seq);
    expect(bench.heard).toEqual([]);
    bench.event(1_002);
    expect(bench.heard.slice(0, 2)).toEqual(['1-1', 2]);
    expect(bench.heard).toHaveLength(1_002);
    await bench.answer({ seq: 1_002, messages: [event(1)] });
    expect(bench.heard).toHaveLength(1_002);
  });

  it('F69: holds at most 8 MiB of them, in one channel or in all: then it is announced, and goes on', async () => {
    const big = 'x'.repeat(500_000);
    const bench = new PositionsBench().at(0);
    for (let seq = 2; seq <= 17; seq += 1) bench.event(seq, { more: { big } });
    expect(bench.heard).toEqual([]);
    bench.event(18, { more: { big } });
    expect(bench.heard).toEqual(['1-1', ...Array.from({ length: 17 }, (_each, index) => index + 2)]);
    // What has been delivered is not counted any more.
    await bench.answer({ seq: 18, messages: [] });
    bench.event(20, { more: { big } });
    expect(bench.heard).toHaveLength(18);
    await bench.answer({ seq: 20, messages: [event(19)] });
    expect(bench.heard.slice(18)).toEqual([19, 20]);
    const channels = Array.from({ length: 20 }, (_each, index) => `whales:coin${String(index)}` as const);
    for (const channel of channels) {
      bench.wanted.add(channel);
      bench.ack(channel, 0);
      bench.event(2, { channel, more: { big } });
    }
    expect(bench.heard.slice(20)).toEqual(['1-1', 2, '1-1', 2, '1-1', 2, '1-1', 2]);
  });

  it('takes no more from an answer than this connection was sent', async () => {
    const bench = new PositionsBench().at(1);
    bench.event(3);
    await bench.answer({ seq: 9, messages: [2, 3, 4, 5].map((seq) => event(seq)) });
    expect(bench.heard).toEqual([2, 3]);
    bench.event(4);
    expect(bench).toMatchObject({ heard: [2, 3, 4], duplicates: 0 });
  });

  it('ends with the connection: what was held comes again from a position that stands', async () => {
    const bench = new PositionsBench().at(1);
    bench.event(4);
    bench.positions.disconnected();
    await bench.refuse();
    expect(bench.heard).toEqual([]);
    expect(bench.positions.of('whales')).toEqual({ epoch: 'e1', seq: 1 });
  });

  it('stops where a listener closes the client', async () => {
    const bench = new PositionsBench().at(1);
    bench.deliver = (seq) => {
      bench.heard.push(seq);
      if (seq === 2) bench.positions.disconnected();
    };
    bench.event(5);
    await bench.answer({ seq: 5, messages: [event(2), event(4)] });
    expect(bench.heard).toEqual([2]);
    expect(bench.positions.of('whales')?.seq).toBe(2);
  });
});

describe('a frame', () => {
  it('that came before is dropped and counted, live or replayed', () => {
    const bench = new PositionsBench().at(5);
    bench.event(5);
    bench.event(6);
    bench.event(6);
    expect([bench.value(5), bench.value(6), bench.value(6)]).toEqual([false, true, false]);
    expect(bench).toMatchObject({ heard: [6], duplicates: 4 });
  });

  it('of another epoch starts anew: an event channel says that it has lost an unknown range', () => {
    const bench = new PositionsBench().at(5);
    bench.event(3, { epoch: 'e2' });
    bench.event(4, { epoch: 'e2' });
    expect(bench.heard).toEqual(['reset e2', 3, 4]);
    expect([bench.value(2, { epoch: 'e2' }), bench.value(3, { epoch: 'e2' })]).toEqual([true, true]);
    expect(bench.missed).toBe(0);
  });

  it('of another epoch ends the waiting for a hole', async () => {
    const bench = new PositionsBench().at(5);
    bench.event(8);
    bench.event(1, { epoch: 'e2' });
    expect(bench.heard).toEqual(['6-7', 8, 'reset e2', 1]);
    await bench.answer({ seq: 8, messages: [event(6), event(7)] });
    expect(bench.heard).toHaveLength(4);
  });

  it('of a socket that is being left cannot start an epoch', () => {
    const bench = new PositionsBench().at(5);
    bench.event(1, { epoch: 'e0', late: true });
    bench.event(6, { late: true });
    expect([bench.value(9, { epoch: 'e0', late: true }), bench.value(6, { late: true })]).toEqual([false, true]);
    expect(bench.heard).toEqual([6]);
  });

  it('behind a missing value is taken, and the miss is counted', () => {
    const bench = new PositionsBench().at(5);
    expect([bench.value(8), bench.value(12, { skip: 3 })]).toEqual([true, true]);
    expect(bench).toMatchObject({ missed: 1, questions: [], heard: [] });
  });

  it('of a channel that nobody wants leaves no position behind', () => {
    const bench = new PositionsBench();
    bench.event(1, { channel: 'whales:dogecoin' });
    expect(bench.positions.of('whales:dogecoin')).toBeUndefined();
  });

  it('stands in its channel alone: one event in two channels has two positions', () => {
    const bench = new PositionsBench().at(5);
    bench.wanted.add('whales:bitcoin');
    bench.ack('whales:bitcoin', 90);
    bench.event(6);
    bench.event(91, { channel: 'whales:bitcoin' });
    expect(bench).toMatchObject({ heard: [6, 91], duplicates: 0, questions: [] });
  });
});

describe('an ack', () => {
  it('that says recovered leaves the position to the replay', () => {
    const bench = new PositionsBench().at(5);
    bench.ack('whales', 7, { recovered: true });
    bench.event(6);
    bench.event(7);
    expect(bench.heard).toEqual([6, 7]);
  });

  it('that says not recovered is one loss: the server tells it', () => {
    const bench = new PositionsBench().at(5);
    bench.ack('whales', 30, { reason: 'too_old' });
    expect(bench.heard).toEqual([]);
    bench.positions.takeGap({ channel: 'whales', from: 6, to: 30, reason: 'too_old' }, false);
    bench.event(31);
    expect(bench.heard).toEqual(['6-30', 31]);
  });

  it.each(['frame', 'heartbeat', 'ack'])(
    'whose loss the server does not tell is announced before the next %s',
    (next) => {
      const bench = new PositionsBench().at(5);
      bench.ack('whales', 30, { reason: 'too_old' });
      if (next === 'frame') bench.event(31);
      else if (next === 'heartbeat') bench.positions.heads({ whales: 30 });
      else bench.ack('whales', 30, { recovered: true });
      expect(bench.heard).toEqual(['6-30', ...(next === 'frame' ? [31] : [])]);
    },
  );

  it('that recovers a value which was never received has it sent anew', () => {
    const bench = new PositionsBench().at(5);
    bench.positions.disconnected();
    expect(bench.positions.of('coin:bitcoin')).toEqual({ epoch: 'e1', seq: 5 });
    bench.ack('coin:bitcoin', 5, { recovered: true });
    expect(bench.resubscribed).toEqual(['coin:bitcoin']);
    expect(bench.positions.of('coin:bitcoin')).toBeUndefined();
    bench.ack('coin:bitcoin', 6, { reason: 'new' });
    expect(bench.positions.takeSnapshot('coin:bitcoin', { seq: 6, epoch: 'e1' }, false)).toBe(true);
  });

  it('that recovers the value at hand confirms it', () => {
    const bench = new PositionsBench().at(5);
    bench.value(6);
    bench.ack('coin:bitcoin', 6, { recovered: true });
    expect(bench).toMatchObject({ confirmed: ['coin:bitcoin 6'], resubscribed: [] });
  });

  it('of the authentication shows a hole of the channel that comes by itself, where it is not resumed', async () => {
    const bench = new PositionsBench();
    const authenticated = (seq: number, epoch = 'u1'): void => bench.positions.acked('user', { epoch, seq }, true);
    authenticated(9);
    bench.positions.disconnected();
    authenticated(11);
    expect(bench.questions).toEqual([]);
    bench.positions.notResumed('user');
    expect(bench.questions).toMatchObject([{ channel: 'user', since: { epoch: 'u1', seq: 9 } }]);
    await bench.answer({ epoch: 'u1', seq: 11, messages: [event(10, 'u1', 'user'), event(11, 'u1', 'user')] });
    authenticated(2, 'u2');
    bench.positions.notResumed('user');
    expect(bench.heard).toEqual([10, 11, 'reset u2']);
  });
});

describe('an item of a snapshot', () => {
  it.each([
    [6, true],
    [5, true],
    [4, false],
  ])('at seq %i where the position is 5: %s, and no duplicate', (seq, stands) => {
    const bench = new PositionsBench().at(5);
    expect(bench.positions.takeSnapshot('coin:bitcoin', { seq, epoch: 'e1' }, false)).toBe(stands);
    expect(bench.duplicates).toBe(0);
  });
});

describe('a gap that the server tells', () => {
  const told = (bench: PositionsBench, from: number | null, to: number | null, epoch?: string): void =>
    bench.positions.takeGap(
      { channel: 'whales', from, to, reason: 'x', ...(epoch === undefined ? {} : { epoch }) },
      false,
    );

  it('moves the position and is announced once', () => {
    const bench = new PositionsBench().at(5);
    told(bench, 6, 8);
    told(bench, 6, 8);
    bench.event(9);
    expect(bench.heard).toEqual(['6-8', 9]);
    expect(bench.questions).toEqual([]);
  });

  it('covers no more than what has not come', () => {
    const bench = new PositionsBench().at(5);
    bench.event(6);
    told(bench, 5, 8);
    expect(bench.heard).toEqual([6, '7-8']);
  });

  it('behind a hole waits for its turn', async () => {
    const bench = new PositionsBench().at(5);
    told(bench, 8, 9);
    bench.event(10);
    expect(bench.heard).toEqual([]);
    await bench.answer({ seq: 10, messages: [event(6), event(7)] });
    expect(bench.heard).toEqual([6, 7, '8-9', 10]);
  });

  it('of another epoch is a reset, once', () => {
    const bench = new PositionsBench().at(5);
    told(bench, null, null, 'e2');
    told(bench, null, null, 'e2');
    bench.event(40, { epoch: 'e2' });
    expect(bench.heard).toEqual(['reset e2', 40]);
  });
});

describe('a head', () => {
  it('that is not reached for more than 2 s and the interval is a lost tail: events are asked for', async () => {
    const bench = new PositionsBench().at(58);
    bench.interval = 500;
    bench.positions.heads({ whales: 60 });
    await bench.clock.advance(2_499);
    expect(bench.questions).toEqual([]);
    await bench.clock.advance(1);
    expect(bench.questions).toMatchObject([{ since: { seq: 58 } }]);
    await bench.answer({ seq: 60, messages: [event(59)] });
    expect(bench.heard).toEqual([59, '60-60']);
    expect(bench.clock.pending).toBe(0);
  });

  it('that is not reached has a value sent anew, at most every 5 s', async () => {
    const bench = new PositionsBench().at(5);
    for (let beat = 0; beat < 9; beat += 1) {
      bench.positions.heads({ 'coin:bitcoin': 9 });
      await bench.clock.advance(1_000);
    }
    expect(bench.resubscribed).toEqual(['coin:bitcoin', 'coin:bitcoin']);
  });

  it('that is reached in time asks nothing', async () => {
    const bench = new PositionsBench().at(5);
    bench.positions.heads({ whales: 6, 'coin:bitcoin': 6 });
    bench.event(6);
    bench.value(6);
    await bench.clock.advance(5_000);
    expect(bench).toMatchObject({ questions: [], resubscribed: [] });
    expect(bench.clock.pending).toBe(0);
  });

  it('at the position confirms the value, unless the value is of another position', () => {
    const bench = new PositionsBench().at(5);
    bench.positions.heads({ 'coin:bitcoin': 5 });
    expect(bench.confirmed).toEqual([]);
    bench.value(6);
    bench.positions.heads({ 'coin:bitcoin': 6 });
    expect(bench.confirmed).toEqual(['coin:bitcoin 6']);
  });

  it('below the position means another epoch: the channel is asked for anew', () => {
    const bench = new PositionsBench().at(5);
    bench.positions.heads({ whales: 2 });
    expect(bench.resubscribed).toEqual(['whales']);
  });

  it('is the first position of a channel that comes by itself, and of no other', () => {
    const bench = new PositionsBench();
    bench.positions.heads({ global: 4, 'whales:dogecoin': 4, nonsense: 4 });
    bench.event(5, { channel: 'global', epoch: 'g1' });
    bench.event(7, { channel: 'global', epoch: 'g1' });
    expect(bench.heard).toEqual([5]);
    expect(bench.questions).toMatchObject([{ since: { epoch: 'g1', seq: 5 } }]);
    bench.positions.heads({ global: 1 });
    expect(bench.heard).toEqual([5, '6-6', 7, 'reset ']);
    expect(bench.positions.of('whales:dogecoin')).toBeUndefined();
  });
});

describe('every seq of an event channel', () => {
  type Act = { act: 'send' | 'lose' | 'twice' | 'skip' | 'beat' | 'answer' | 'refuse' | 'cut' | 'wait'; times: number };
  const act = fc.record<Act>({
    act: fc.constantFrom(
      'send',
      'send',
      'send',
      'lose',
      'lose',
      'twice',
      'skip',
      'beat',
      'answer',
      'refuse',
      'cut',
      'wait',
    ),
    times: fc.integer({ min: 1, max: 4 }),
  });

  it('is delivered once and in order, or covered by one gap, whatever is lost, doubled or cut off', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 6 }),
        async (acts, kept, limit) => {
          const bench = new PositionsBench();
          bench.ack('whales', 0, { reason: 'new' });
          let head = 0;
          const after = (seq: number): number[] => {
            const first = Math.max(seq, head - kept) + 1;
            return Array.from({ length: Math.max(0, head - first + 1) }, (_each, index) => first + index);
          };
          const answer = async (): Promise<void> => {
            const since = bench.questions[0]?.since?.seq ?? 0;
            const messages = after(since)
              .slice(0, limit)
              .map((seq) => event(seq));
            await bench.answer({ seq: head, complete: messages.length === head - since, messages });
          };
          const cut = async (): Promise<void> => {
            bench.positions.disconnected();
            while (bench.questions.length > 0) await bench.refuse();
            const since = bench.positions.of('whales')?.seq ?? 0;
            const recovered = since >= head - kept;
            bench.ack('whales', head, recovered ? { recovered } : { reason: 'too_old' });
            if (recovered) for (const seq of after(since)) bench.event(seq);
            else bench.positions.takeGap({ channel: 'whales', from: since + 1, to: head, reason: 'too_old' }, false);
          };
          const one = async (what: Act['act']): Promise<void> => {
            if (what === 'send' || what === 'lose' || what === 'twice') head += 1;
            if (what === 'send' || what === 'twice') bench.event(head);
            if (what === 'twice') bench.event(Math.max(1, head - (head % 3)));
            if (what === 'skip') {
              head += 2;
              bench.positions.takeGap({ channel: 'whales', from: head - 1, to: head, reason: 'slow_consumer' }, false);
            }
            if (what === 'beat') bench.positions.heads({ whales: head });
            if (what === 'answer') await answer();
            if (what === 'refuse') await bench.refuse();
            if (what === 'cut') await cut();
            if (what === 'wait') await bench.clock.advance(2_000);
          };
          for (const { act: what, times } of acts) for (let time = 0; time < times; time += 1) await one(what);
          for (let round = 0; round < 4; round += 1) {
            bench.positions.heads({ whales: head });
            await bench.clock.advance(2_000);
            while (bench.questions.length > 0) await answer();
          }
          await settle();
          const covered = bench.heard.flatMap((each) => {
            if (typeof each === 'number') return [each];
            const [from = 0, to = 0] = each.split('-').map(Number);
            return Array.from({ length: to - from + 1 }, (_each, index) => from + index);
          });
          expect(covered).toEqual(Array.from({ length: head }, (_each, index) => index + 1));
        },
      ),
      { numRuns: 400 },
    );
  });
});
