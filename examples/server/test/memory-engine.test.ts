import { describe, expect, it } from 'vitest';
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

  it('forgets users who did not come in time, and neither those who are here nor a price', async () => {
    const { engine, advance } = await full();
    await engine.subscribe('portfolio:u8');
    await engine.subscribe('user:u9');
    await expect(engine.publish('user:new', '{}')).rejects.toMatchObject({ code: 'TOO_MANY_CHANNELS' });
    advance(10_001);
    await engine.publish('user:new', '{}');
    const lengths = async (...channels: string[]) =>
      Promise.all(channels.map(async (channel) => (await engine.history(channel, { limit: 5 })).messages.length));
    expect(await lengths('portfolio:u0', 'portfolio:u8', 'user:u0', 'coin:bitcoin')).toEqual([0, 1, 1, 1]);
    for (let index = 0; index < 7; index += 1) await engine.publish(`user:more${index}`, '{}');
    advance(100_000);
    await engine.publish('user:last', '{}');
    expect(await lengths('user:u0', 'user:u9', 'coin:bitcoin', 'user:last')).toEqual([0, 1, 1, 1]);
  });

  it('continues no position of a log that it forgot', async () => {
    const { engine, advance } = await full();
    const { epoch } = await engine.history('user:u0', { limit: 0 });
    advance(100_001);
    await engine.publish('user:new', '{}');
    await engine.publish('user:u0', '{}');
    await engine.publish('user:u0', '{}');
    const since = await engine.history('user:u0', { since: { epoch, seq: 1 }, limit: 5 });
    expect(since).toMatchObject({ complete: false, failure: 'epoch', messages: [] });
    const bitcoin = await engine.history('coin:bitcoin', { since: { epoch, seq: 0 }, limit: 5 });
    expect(bitcoin).toMatchObject({ complete: true, seq: 1 });
  });
});
