import { decodeServerMessage } from '@tickwire/protocol/codec';
import { describe, expect, it } from 'vitest';
import type { PublishedMessage } from '../src/engine/engine.js';
import { errorFrame, pongFrame, positionedFrame, snapshotFrames } from '../src/services/frames.js';

function message(seq: number, more: Partial<PublishedMessage> = {}): PublishedMessage {
  const body = JSON.stringify({
    type: 'price_update',
    data: { coinId: 'bitcoin', price: seq, padding: 'x'.repeat(200) },
  });
  return { channel: 'coin:bitcoin', epoch: 'e"1', seq, body, publishedAt: 0, ...more };
}

describe('snapshot frames', () => {
  it('are none for no messages', () => {
    expect(snapshotFrames([])).toEqual([]);
  });

  it('stay below 16 KiB, and carry every message once and in order', () => {
    const frames = snapshotFrames(Array.from({ length: 300 }, (_, index) => message(index + 1)));
    expect(frames.length).toBeGreaterThan(4);
    expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThan(16_384);
    const seqs = frames.flatMap((frame) => {
      const decoded = decodeServerMessage(frame);
      if (!decoded.ok || decoded.kind !== 'known' || decoded.message.type !== 'snapshot')
        throw new Error('no snapshot');
      return decoded.message.data.items.map(({ seq }) => seq);
    });
    expect(seqs).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  });

  it('carry a message that is bigger than that by itself', () => {
    const body = JSON.stringify({ type: 'announcement', data: { message: 'x'.repeat(30_000) } });
    expect(snapshotFrames([message(1), message(2, { body }), message(3)])).toHaveLength(3);
  });
});

describe('positioned frames', () => {
  it.each([
    [{}, {}],
    [{ skip: 0 }, {}],
    [{ skip: 3 }, { skip: 3 }],
    [{ replay: true }, { replay: true }],
  ])('say %o as %o', (delivery, expected) => {
    const frame = JSON.parse(positionedFrame(message(7), delivery)) as Record<string, unknown>;
    expect(frame).toEqual({
      ...(JSON.parse(message(7).body) as object),
      sub: 'coin:bitcoin',
      seq: 7,
      epoch: 'e"1',
      ...expected,
    });
  });

  it('name the channel of a single user’s log without the user', () => {
    expect(JSON.parse(positionedFrame(message(1, { channel: 'user:17' })))).toMatchObject({ sub: 'user' });
    expect(JSON.parse(positionedFrame(message(1, { channel: 'portfolio:17' })))).toMatchObject({ sub: 'portfolio' });
  });
});

describe('answers', () => {
  it('repeat the words of an error for older readers', () => {
    expect(JSON.parse(errorFrame('RATE_LIMITED', { id: 'r2', op: 'subscribe', retryAfterMs: 4_200 }, 0))).toEqual({
      type: 'error',
      id: 'r2',
      op: 'subscribe',
      data: {
        code: 'RATE_LIMITED',
        message: 'Rate limit exceeded',
        error: 'Rate limit exceeded',
        retryable: true,
        retryAfterMs: 4_200,
      },
      timestamp: '1970-01-01T00:00:00.000Z',
    });
  });

  it.each([
    [{}, false, { type: 'pong' }],
    [{ id: 0, ts: 5 }, true, { type: 'pong', id: 0, ts: 99, echo: 5 }],
  ])('to the ping %o (with time: %s) are %o', (ping, withTime, expected) => {
    expect(JSON.parse(pongFrame(ping, withTime, 99))).toEqual(expected);
  });
});
