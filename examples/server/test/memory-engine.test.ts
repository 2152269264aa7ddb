import { describe, expect, it } from 'vitest';
import type { Engine } from '../src/engine/engine.js';
import { createMemoryEngine } from '../src/engine/memory.js';
import { describeEngine } from './engine-conformance.js';
import { createManualClock } from './manual-clock.js';

function make() {
  const clock = createManualClock();
  let epochs = 0;
  const engine = createMemoryEngine({
    limits: {
      resumeWindowMs: 10_000,
      resumeMessages: 5,
      resumeBytes: 1_000,
      userWindowMs: 100_000,
      userMessages: 3,
      maxChannels: 20,
      maxLogBytes: 4_000,
      publisherSharePercent: 25,
    },
    now: () => clock.now(),
    createEpoch: () => `e${(epochs += 1)}`,
    onListenerError: () => undefined,
  });
  return { engine, advance: (ms: number) => clock.advance(ms) };
}

describeEngine('memory', () => Promise.resolve(make()));

describe('a full memory engine', () => {
  async function full() {
    const { engine, advance } = make();
    await engine.publish('coin:bitcoin', '{}');
    for (let index = 0; index < 9; index += 1) await engine.publish(`portfolio:u${index}`, '{}');
    for (let index = 0; index < 10; index += 1) await engine.publish(`user:u${index}`, '{}');
    return { engine, advance };
  }

  const kept = async (engine: Engine, ...channels: string[]) =>
    Promise.all(channels.map(async (channel) => (await engine.history(channel, { limit: 5 })).messages.length));

  it('F35: forgets what is private and was quiet for longest, and neither those who are here nor a price', async () => {
    const { engine } = await full();
    await engine.subscribe('portfolio:u0');
    await engine.publish('portfolio:u1', '{}');
    await engine.publish('user:new', '{}');
    expect(await kept(engine, 'coin:bitcoin', 'portfolio:u0', 'portfolio:u1', 'portfolio:u2', 'portfolio:u3')).toEqual([
      1, 1, 2, 0, 1,
    ]);
    for (let index = 0; index < 100; index += 1) await engine.publish(`user:more${index}`, '{}');
    expect(await kept(engine, 'coin:bitcoin', 'portfolio:u0', 'user:new', 'user:more99')).toEqual([1, 1, 0, 1]);
  });

  it('F35: says so when nothing may go, and when to come again', async () => {
    const { engine } = await full();
    for (let index = 0; index < 10; index += 1) {
      await engine.subscribe(`user:u${index}`);
      await engine.subscribe(`portfolio:u${index}`);
    }
    await expect(engine.publish('user:new', '{}')).rejects.toMatchObject({
      code: 'TOO_MANY_CHANNELS',
      retryAfterMs: 60_000,
    });
  });

  it('F35: that is full of bytes forgets what is private and quiet, then all but the last values', async () => {
    const { engine } = make();
    const body = `"${'x'.repeat(298)}"`;
    for (let index = 0; index < 4; index += 1) {
      for (let count = 0; count < 3; count += 1) await engine.publish(`user:u${index}`, body);
    }
    expect(await kept(engine, 'user:u0', 'user:u3')).toEqual([3, 3]);
    for (let count = 0; count < 3; count += 1) await engine.publish('coin:a', body);
    expect(await kept(engine, 'user:u0', 'user:u1', 'user:u3', 'coin:a')).toEqual([0, 3, 3, 3]);
    for (let index = 0; index < 18; index += 1) await engine.publish(`coin:c${index}`, body);
    const sizes = await kept(engine, ...Array.from({ length: 18 }, (_, index) => `coin:c${index}`));
    expect(sizes).toEqual(Array.from({ length: 18 }, () => 1));
    for (let count = 0; count < 3; count += 1) await engine.publish('coin:c0', body);
    expect(await kept(engine, 'coin:c0', 'user:u1', 'user:u2', 'user:u3')).toEqual([1, 0, 0, 0]);
  });

  it('F35: lets one account keep its share of the bytes, and of the rest the last values', async () => {
    const { engine } = make();
    const account = 'key:feed';
    const body = `"${'x'.repeat(298)}"`;
    for (let index = 0; index < 2; index += 1) {
      for (let count = 0; count < 3; count += 1) await engine.publish(`user:u${index}`, body, { account });
    }
    expect(await kept(engine, 'user:u0', 'user:u1')).toEqual([2, 1]);
    for (let count = 0; count < 3; count += 1) await engine.publish('user:own', body);
    expect(await kept(engine, 'user:own')).toEqual([3]);
  });

  it('F35: gives one account its share and no more, until what it wrote is outdated', async () => {
    const { engine, advance } = make();
    const account = 'key:feed';
    for (let index = 0; index < 5; index += 1) await engine.publish(`user:u${index}`, '{}', { account });
    await expect(engine.publish('user:more', '{}', { account })).rejects.toMatchObject({ code: 'TOO_MANY_CHANNELS' });
    await engine.publish('user:u3', '{}', { account });
    await engine.publish('user:more', '{}', { account: 'key:other' });
    await engine.publish('user:own', '{}');
    await engine.subscribe('user:u0');
    advance(100_001);
    await engine.publish('user:late', '{}', { account });
    expect(await kept(engine, 'user:u0', 'user:u1', 'user:u2', 'user:u3', 'user:late')).toEqual([1, 0, 1, 1, 1]);
  });

  it('continues no position of a log that it forgot', async () => {
    const { engine, advance } = await full();
    const { epoch } = await engine.history('user:u0', { limit: 0 });
    advance(100_001);
    for (let index = 0; index < 19; index += 1) await engine.publish(`user:new${index}`, '{}');
    await engine.publish('user:u0', '{}');
    await engine.publish('user:u0', '{}');
    const since = await engine.history('user:u0', { since: { epoch, seq: 1 }, limit: 5 });
    expect(since).toMatchObject({ complete: false, failure: 'epoch', messages: [] });
    const bitcoin = await engine.history('coin:bitcoin', { since: { epoch, seq: 0 }, limit: 5 });
    expect(bitcoin).toMatchObject({ complete: true, seq: 1 });
  });
});
