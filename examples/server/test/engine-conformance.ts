/** What every engine must do, as tests. Call it once for each implementation. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine, PublishedMessage } from '../src/engine/engine.js';

/** Makes engines that keep 5 messages or 1,000 bytes a channel, for 10 s, of at most 20 channels; of a user’s channel 3 messages, for 100 s. */
export interface EngineUnderTest {
  readonly engine: Engine;
  /** Moves the engine's clock. */
  advance(ms: number): void;
}

export function describeEngine(name: string, make: () => Promise<EngineUnderTest>): void {
  describe(`the ${name} engine`, () => {
    let engine: Engine;
    let advance: (ms: number) => void;
    beforeEach(async () => {
      ({ engine, advance } = await make());
    });
    afterEach(() => engine.close());

    async function publishTimes(count: number, channel = 'coin:a'): Promise<void> {
      for (let index = 1; index <= count; index += 1) await engine.publish(channel, `{"n":${index}}`);
    }
    const numbers = (messages: readonly PublishedMessage[]): number[] => messages.map(({ seq }) => seq);

    it('numbers each channel by itself, from 1', async () => {
      await publishTimes(2);
      const other = await engine.publish('coin:b', '{}');
      const next = await engine.publish('coin:a', '{}');
      expect([other.seq, next.seq]).toEqual([1, 3]);
    });

    it('gives a channel that nobody published to a head of 0 that stays the same', async () => {
      const heads = await engine.heads(['coin:a', 'coin:b']);
      expect([...heads].map(([channel, { seq }]) => [channel, seq])).toEqual([
        ['coin:a', 0],
        ['coin:b', 0],
      ]);
      const { epoch } = await engine.history('coin:a', { limit: 1 });
      expect(epoch).toBe(heads.get('coin:a')?.epoch);
      expect((await engine.publish('coin:a', '{}')).epoch).toBe(epoch);
    });

    it('starts a new epoch when asked, with an empty log and seq 1', async () => {
      await publishTimes(3);
      const before = (await engine.heads(['coin:a'])).get('coin:a');
      const first = await engine.publish('coin:a', '{"new":true}', { startsEpoch: true });
      expect(first.seq).toBe(1);
      expect(first.epoch).not.toBe(before?.epoch);
      const { messages } = await engine.history('coin:a', { limit: 10 });
      expect(messages.map(({ body }) => body)).toEqual(['{"new":true}']);
    });

    it('keeps fewer messages of a user’s channel, and keeps them longer', async () => {
      await publishTimes(4, 'user:u1');
      await publishTimes(4);
      advance(50_000);
      expect(numbers((await engine.history('user:u1', { limit: 10 })).messages)).toEqual([2, 3, 4]);
      expect(numbers((await engine.history('coin:a', { limit: 10 })).messages)).toEqual([4]);
      advance(60_000);
      expect(numbers((await engine.history('user:u1', { limit: 10 })).messages)).toEqual([4]);
    });

    it('hands messages of subscribed channels to listeners, in order, until the last undo', async () => {
      const heard: string[] = [];
      const stop = engine.onMessage(({ channel, seq }) => heard.push(`${channel}#${seq}`));
      await publishTimes(1);
      const undoFirst = await engine.subscribe('coin:a');
      const undoSecond = await engine.subscribe('coin:a');
      await publishTimes(2);
      await engine.publish('coin:b', '{}');
      undoFirst();
      undoFirst();
      await publishTimes(1);
      await expect.poll(() => heard).toEqual(['coin:a#2', 'coin:a#3', 'coin:a#4']);
      undoSecond();
      await publishTimes(1);
      // What is told of another channel came later: nothing of this one can still be on its way.
      await engine.subscribe('coin:b');
      await engine.publish('coin:b', '{}');
      await expect.poll(() => heard).toEqual(['coin:a#2', 'coin:a#3', 'coin:a#4', 'coin:b#2']);
      stop();
    });

    it('serves the other listeners when one throws', async () => {
      const heard: number[] = [];
      engine.onMessage(() => {
        throw new Error('a bad listener');
      });
      engine.onMessage(({ seq }) => heard.push(seq));
      await engine.subscribe('coin:a');
      await publishTimes(2);
      await expect.poll(() => heard).toEqual([1, 2]);
    });

    it('gives exactly what was missed since a position', async () => {
      await publishTimes(5);
      const { epoch } = await engine.history('coin:a', { limit: 0 });
      const missed = await engine.history('coin:a', { since: { epoch, seq: 2 }, limit: 10 });
      expect([missed.complete, missed.seq, numbers(missed.messages)]).toEqual([true, 5, [3, 4, 5]]);
      const none = await engine.history('coin:a', { since: { epoch, seq: 5 }, limit: 10 });
      expect([none.complete, none.messages]).toEqual([true, []]);
      const part = await engine.history('coin:a', { since: { epoch, seq: 1 }, limit: 2 });
      expect([part.complete, part.failure, numbers(part.messages)]).toEqual([false, undefined, [2, 3]]);
    });

    it('gives the newest without a position', async () => {
      await publishTimes(5);
      const newest = await engine.history('coin:a', { limit: 2 });
      expect([newest.complete, numbers(newest.messages)]).toEqual([true, [4, 5]]);
    });

    it.each([
      ['another epoch', { epoch: 'elsewhere', seq: 1 }, 'epoch', []],
      ['a position ahead of the head', { seq: 99 }, 'unknown', []],
      ['a position that fell out of the log', { seq: 1 }, 'too_old', [3, 4, 5, 6, 7]],
    ])('does not claim to continue %s', async (_case, since, failure, kept) => {
      await publishTimes(7);
      const { epoch } = await engine.history('coin:a', { limit: 0 });
      const answer = await engine.history('coin:a', { since: { epoch, ...since }, limit: 10 });
      expect([answer.complete, answer.failure, numbers(answer.messages)]).toEqual([false, failure, kept]);
    });

    it('forgets by age, but never the last value', async () => {
      await publishTimes(3);
      advance(10_001);
      const { epoch, messages } = await engine.history('coin:a', { limit: 10 });
      expect(numbers(messages)).toEqual([3]);
      expect((await engine.history('coin:a', { since: { epoch, seq: 1 }, limit: 10 })).complete).toBe(false);
    });

    it('forgets by size', async () => {
      for (let index = 0; index < 4; index += 1) await engine.publish('coin:a', `"${'x'.repeat(400)}"`);
      expect(numbers((await engine.history('coin:a', { limit: 10 })).messages)).toEqual([3, 4]);
    });

    it('refuses more channels than it may remember, and remembers none that is only asked for', async () => {
      for (let index = 0; index < 20; index += 1) await engine.publish(`coin:c${index}`, '{}');
      await expect(engine.publish('coin:more', '{}')).rejects.toMatchObject({ code: 'TOO_MANY_CHANNELS' });
      await expect(engine.publish('coin:c3', '{}')).resolves.toMatchObject({ seq: 2 });
    });

    it('rejects after its close', async () => {
      await engine.close();
      await expect(engine.publish('coin:a', '{}')).rejects.toMatchObject({ code: 'CLOSED' });
      await expect(engine.history('coin:a', { limit: 1 })).rejects.toMatchObject({ code: 'CLOSED' });
    });
  });
}
