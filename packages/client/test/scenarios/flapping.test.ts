import { describe, expect, it } from 'vitest';
import { hello, settle } from '@tickwire/testing';
import { Harness } from '../harness.js';
import { begin } from './stage.js';

/** Chance that a run can repeat: mulberry32. */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function medianOfFive(run: (seed: number) => Promise<number>): Promise<number> {
  return Promise.all([1, 2, 3, 4, 5].map(run)).then((all) => all.sort((a, b) => a - b)[2] ?? Infinity);
}

/** A server that does this with each connection; gives the instants of the attempts, in ms. */
async function attemptsOf(
  seed: number,
  server: { greets: boolean; dropsAfterMs: number },
  until: (attempts: readonly number[], nowMs: number) => boolean,
): Promise<readonly number[]> {
  const { client, sockets, clock } = new Harness({ random: chanceOf(seed) });
  begin(client);
  const attempts: number[] = [];
  while (!until(attempts, clock.monotonic())) {
    if (sockets.all.length > attempts.length) {
      attempts.push(clock.monotonic());
      const socket = sockets.last;
      if (server.greets) {
        socket.open();
        socket.receive(hello());
        await clock.advance(server.dropsAfterMs);
      }
      socket.drop(1006);
      await settle();
      expect(client.connection.get().status).toBe('reconnecting');
    }
    await clock.advance(server.dropsAfterMs === 1_000 ? 500 : 50);
  }
  await client.close();
  expect(clock.pending).toBe(0);
  return attempts;
}

describe('a server that greets and drops after a second, fifty times', () => {
  it('does not bring the back-off down: at most six attempts a minute once it has grown', async () => {
    const perMinute = await medianOfFive(async (seed) => {
      const attempts = await attemptsOf(seed, { greets: true, dropsAfterMs: 1_000 }, (all) => all.length >= 50);
      const steady = attempts.slice(10);
      const minutes = ((steady.at(-1) ?? 0) - (steady[0] ?? 0)) / 60_000;
      return (steady.length - 1) / minutes;
    });
    expect(perMinute).toBeLessThanOrEqual(6);
    expect(perMinute).toBeGreaterThan(2);
  });
});

describe('a server that ends every connection', () => {
  it.each([
    { server: 'resets at once', greets: false, dropsAfterMs: 0 },
    { server: 'greets and drops after 200 ms', greets: true, dropsAfterMs: 200 },
  ])(
    'is tried at most eight times in 30 s when it $server, and is never given up',
    async ({ greets, dropsAfterMs }) => {
      const attempts = await medianOfFive(async (seed) => {
        const all = await attemptsOf(seed, { greets, dropsAfterMs }, (_, nowMs) => nowMs >= 30_000);
        return all.length;
      });
      expect(attempts).toBeLessThanOrEqual(8);
      expect(attempts).toBeGreaterThanOrEqual(4);
      const later = await attemptsOf(6, { greets, dropsAfterMs }, (_, nowMs) => nowMs >= 300_000);
      expect(later.filter((at) => at > 240_000).length).toBeGreaterThanOrEqual(1);
    },
  );
});
