import { describe, expect, it } from 'vitest';
import { PublishOnce } from '../src/services/publish-once.js';

function setUp() {
  let now = 0;
  let published = 0;
  const once = new PublishOnce(
    { rememberedPublishes: 6, publisherSharePercent: 50, publishMemoryMs: 1_000 },
    () => now,
  );
  const publish = (): Promise<void> => {
    published += 1;
    return Promise.resolve();
  };
  return {
    once,
    publish,
    count: () => published,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

describe('an idempotency key', () => {
  it('publishes once, at whatever distance in its memory', async () => {
    const { once, publish, count, wait } = setUp();
    expect(await once.run('feed', 'k', 'a', publish)).toBe('published');
    wait(1_000);
    expect(await once.run('feed', 'k', 'a', publish)).toBe('duplicate');
    wait(1);
    expect(await once.run('feed', 'k', 'a', publish)).toBe('published');
    expect(count()).toBe(2);
  });

  it('publishes once for requests that come together', async () => {
    const { once, publish, count } = setUp();
    expect(await Promise.all([once.run('feed', 'k', 'a', publish), once.run('feed', 'k', 'a', publish)])).toEqual([
      'published',
      'duplicate',
    ]);
    expect(count()).toBe(1);
  });

  it('stands for one message', async () => {
    const { once, publish, count } = setUp();
    await once.run('feed', 'k', 'a', publish);
    expect(await once.run('feed', 'k', 'b', publish)).toBe('conflict');
    expect(count()).toBe(1);
  });

  it('is free again when nothing was published', async () => {
    const { once, publish } = setUp();
    await expect(once.run('feed', 'k', 'a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await once.run('feed', 'k', 'b', publish)).toBe('published');
  });

  it('is one of a bounded number', async () => {
    const { once, publish } = setUp();
    for (let index = 0; index < 9; index += 1) await once.run('feed', `k${index}`, 'a', publish);
    expect(once.size).toBe(3);
    expect(await once.run('feed', 'k8', 'a', publish)).toBe('duplicate');
    expect(await once.run('feed', 'k0', 'a', publish)).toBe('published');
  });

  it('F35: is its owner’s alone, and no owner makes the server forget what another has published', async () => {
    const { once, publish } = setUp();
    expect(await once.run('feed', 'k', 'a', publish)).toBe('published');
    for (let index = 0; index < 9; index += 1) await once.run('other', `k${index}`, 'a', publish);
    expect(once.size).toBe(4);
    expect(await once.run('feed', 'k', 'a', publish)).toBe('duplicate');
    expect(await once.run('other', 'k', 'b', publish)).toBe('published');
  });
});
