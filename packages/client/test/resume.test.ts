import { coinPrice, hello, settle, whale } from '@tickwire/testing';
import { describe, expect, it } from 'vitest';
import { Harness } from './harness.js';

type Json = Record<string, unknown>;

const subscribed = (channel: string, seq: number, part: Json = { recovered: false, reason: 'new' }): Json => ({
  channel,
  kind: channel.startsWith('coin') ? 'state' : 'event',
  epoch: 'e1',
  seq,
  ...part,
});

async function acked(harness: Harness, ...entries: Json[]): Promise<unknown> {
  await settle();
  const asked = harness.socket.taken().find((message) => message['type'] === 'subscribe');
  harness.socket.receive({ type: 'ack', id: asked?.['id'], op: 'subscribe', data: { subscribed: entries } });
  return (asked?.['data'] as { channels?: unknown } | undefined)?.channels;
}

async function again(harness: Harness): Promise<void> {
  harness.socket.drop(1006);
  await harness.clock.advance(1_000);
  harness.socket.open();
  harness.socket.receive(hello());
}

describe('after a reconnect', () => {
  it('every channel is resumed from the position of its ack, also when nothing was ever received', async () => {
    const harness = await new Harness().connected();
    harness.client.subscribe(['coin:bitcoin', 'whales'], () => undefined);
    await acked(harness, subscribed('coin:bitcoin', 412), subscribed('whales', 0));
    await again(harness);
    expect(await acked(harness)).toEqual([
      { channel: 'coin:bitcoin', epoch: 'e1', seq: 412 },
      { channel: 'whales', epoch: 'e1', seq: 0 },
    ]);
    await harness.client.close();
  });

  it('a channel that was let go meanwhile starts anew', async () => {
    const harness = await new Harness({ lingerMs: 0 }).connected();
    const first = harness.client.subscribe('whales', () => undefined);
    await acked(harness, subscribed('whales', 7));
    first.unsubscribe();
    await settle();
    harness.socket.taken();
    harness.client.subscribe('whales', () => undefined);
    expect(await acked(harness, subscribed('whales', 9))).toEqual([{ channel: 'whales' }]);
    await harness.client.close();
  });

  it('close and connect go on from where they were', async () => {
    const harness = await new Harness().connected();
    harness.client.subscribe('whales', () => undefined);
    await acked(harness, subscribed('whales', 7));
    await harness.client.close();
    await harness.connected({ type: 'pong' });
    harness.socket.receive(hello());
    expect(await acked(harness)).toEqual([{ channel: 'whales', epoch: 'e1', seq: 7 }]);
    await harness.client.close();
  });

  it('another filter on the same connection is asked for from the position', async () => {
    const harness = await new Harness().connected();
    harness.client.subscribe('whales', () => undefined);
    await acked(harness, subscribed('whales', 7));
    harness.socket.receive(whale('bitcoin', 5, { sub: 'whales', seq: 8, epoch: 'e1' }));
    const price = harness.client.subscribe('coin:bitcoin', () => undefined, { minIntervalMs: 500 });
    await acked(harness, subscribed('coin:bitcoin', 3));
    harness.client.subscribe('coin:bitcoin', () => undefined, { minIntervalMs: 250 });
    expect(await acked(harness, subscribed('coin:bitcoin', 3))).toEqual([
      { channel: 'coin:bitcoin', minIntervalMs: 250, epoch: 'e1', seq: 3 },
    ]);
    price.unsubscribe();
    await harness.client.close();
  });
});

describe('over the wire', () => {
  it('an ack of an older request moves no position', async () => {
    const harness = await new Harness().connected();
    harness.client.subscribe('whales', () => undefined);
    await acked(harness, subscribed('whales', 7));
    harness.socket.receive({
      type: 'ack',
      id: 'r999',
      op: 'subscribe',
      data: { subscribed: [subscribed('whales', 90)] },
    });
    const whales = harness.record('whale_movement');
    harness.socket.receive(whale('bitcoin', 5, { sub: 'whales', seq: 8, epoch: 'e1' }));
    expect(whales).toHaveLength(1);
    await harness.client.close();
  });

  it('a history that fails is one gap, then what was held', async () => {
    const harness = await new Harness().connected();
    const heard: unknown[] = [];
    harness.client.subscribe('whales', (message) => heard.push((message as { seq?: number }).seq));
    harness.client.on('gap', (gap) => heard.push(gap));
    await acked(harness, subscribed('whales', 7));
    harness.socket.receive(whale('bitcoin', 5, { sub: 'whales', seq: 10, epoch: 'e1' }));
    const [question] = harness.socket.taken();
    expect(question).toMatchObject({ type: 'history', data: { channel: 'whales', since: { epoch: 'e1', seq: 7 } } });
    harness.socket.receive({ type: 'error', id: question?.['id'], op: 'history', data: { code: 'SERVER_BUSY' } });
    await settle();
    expect(heard).toEqual([{ channel: 'whales', from: 8, to: 9, reason: 'unfilled' }, 10]);
    expect(harness.client.stats().gaps).toBe(1);
    await harness.client.close();
  });

  it('a hole that is being filled when the link breaks is filled by the resume, not announced', async () => {
    const harness = await new Harness().connected();
    const [whales, gaps] = [harness.record('whale_movement'), harness.record('gap')];
    harness.client.subscribe('whales', () => undefined);
    await acked(harness, subscribed('whales', 7));
    harness.socket.receive(whale('bitcoin', 5, { sub: 'whales', seq: 9, epoch: 'e1' }));
    await again(harness);
    expect(await acked(harness, subscribed('whales', 9, { recovered: true }))).toMatchObject([{ seq: 7 }]);
    for (const seq of [8, 9]) {
      harness.socket.receive(whale('bitcoin', 5, { sub: 'whales', seq, epoch: 'e1', replay: true }));
    }
    expect(whales).toMatchObject([{ seq: 8 }, { seq: 9 }]);
    expect(gaps).toEqual([]);
    await harness.client.close();
  });

  it('a message of a later version takes its place in the channel', async () => {
    const harness = await new Harness().connected();
    const unknown = harness.record('unknown');
    const whales = harness.record('whale_movement');
    harness.client.subscribe('whales', () => undefined);
    await acked(harness, subscribed('whales', 7));
    harness.socket.receive({ type: 'of_tomorrow', sub: 'whales', seq: 8, epoch: 'e1' });
    harness.socket.receive({ type: 'of_tomorrow', sub: 'whales', seq: 8, epoch: 'e1' });
    harness.socket.receive(whale('bitcoin', 5, { sub: 'whales', seq: 9, epoch: 'e1' }));
    expect([unknown.length, whales.length, harness.client.stats().duplicates]).toEqual([1, 1, 1]);
    await harness.client.close();
  });

  it('an old price of the same number in another epoch is not confirmed by a head', async () => {
    const harness = await new Harness({ staleAfterMs: 20_000 }).connected();
    harness.client.subscribe('coin:bitcoin', () => undefined);
    await acked(harness, subscribed('coin:bitcoin', 6));
    harness.socket.receive(coinPrice('bitcoin', 1, { sub: 'coin:bitcoin', seq: 7, epoch: 'e1' }));
    await again(harness);
    await acked(harness, subscribed('coin:bitcoin', 7, { epoch: 'e2', recovered: false, reason: 'epoch' }));
    harness.answerPings();
    await harness.clock.advance(18_000);
    harness.socket.receive({ type: 'heartbeat', data: { serverTime: 0, heads: { 'coin:bitcoin': 7 } } });
    await harness.clock.advance(5_000);
    expect(harness.client.prices.get('coin:bitcoin')?.freshness).toBe('stale');
    await harness.client.close();
  });

  it('hostile seqs cost neither an exception nor a flood of requests', async () => {
    const harness = await new Harness().connected();
    harness.client.subscribe(['coin:bitcoin', 'whales'], () => undefined);
    await acked(harness, subscribed('coin:bitcoin', 1), subscribed('whales', 1));
    harness.socket.taken();
    for (let index = 0; index < 200; index += 1) {
      const seq = index % 3 === 0 ? 1 : index * 1_000_000_007;
      const epoch = index % 5 === 0 ? `x${String(index)}` : 'e1';
      harness.socket.receive(coinPrice('bitcoin', 1, { sub: 'coin:bitcoin', seq, epoch, skip: index }));
      harness.socket.receive(whale('bitcoin', 5, { sub: 'whales', seq, epoch }));
      harness.socket.receive({
        type: 'heartbeat',
        data: { serverTime: 0, heads: { 'coin:bitcoin': index, whales: 0 } },
      });
    }
    await harness.clock.advance(4_000);
    const sent = harness.socket.taken();
    const count = (type: string): number => sent.filter((message) => message['type'] === type).length;
    expect(count('subscribe')).toBeLessThanOrEqual(2);
    expect(count('history')).toBeLessThanOrEqual(100);
    await harness.client.close();
    expect(harness.clock.pending).toBe(0);
  });
});
