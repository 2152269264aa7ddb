import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeClientMessage } from '@tickwire/protocol/codec';
import { defaultLimits } from '../src/limits.js';
import { refusalOf } from '../src/routes/refusals.js';
import type { StreamClient } from './stream-client.js';
import { startTestServer, type TestServer } from './test-server.js';

const text = (value: unknown) => JSON.stringify(value);

describe('messages of ill will', () => {
  let server: TestServer;
  let client: StreamClient;
  let bystander: StreamClient;
  beforeEach(async () => {
    server = await startTestServer();
    bystander = await server.openTickwire();
    client = await server.openTickwire();
    await client.settle();
  });
  afterEach(async () => {
    await bystander.settle();
    expect(Object.keys(Object.prototype)).toEqual([]);
    await server.close();
  });

  it.each([
    ['an escaped half of a surrogate pair', '\\ud800'],
    ['a line end', 'a\\nb'],
    ['a zero', 'BTC\\u0000'],
    ['a right-to-left mark', '\\u202ebtc'],
    ['a face', '\\ud83d\\ude00'],
    ['a path', '../secret'],
    ['a star', '*'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['prototype', 'prototype'],
    ['nothing', ''],
    ['65 characters', 'a'.repeat(65)],
  ])('a coin, a metal and a channel named by %s are refused, and the name is not said again', async (_case, name) => {
    client.send(`{"type":"subscribe","data":{"coinId":"${name}"}}`);
    client.send(`{"type":"subscribe","metals":["${name}"]}`);
    client.send(`{"type":"subscribe","id":1,"data":{"channels":[{"channel":"coin:${name}"}]}}`);
    for (let index = 0; index < 3; index += 1) {
      const error = await client.next('error');
      expect(error.data?.code).toBe('BAD_MESSAGE');
      const said = text(error.data);
      if (name.length > 1) expect(said).not.toContain(JSON.parse(`"${name}"`));
    }
  });

  it('the last of two equal keys counts, for the check as for the answer', async () => {
    client.send('{"type":"launch","type":"ping","id":"a","id":"b"}');
    expect(await client.next('pong')).toMatchObject({ id: 'b' });
    client.send('{"type":"ping","type":"launch"}');
    expect((await client.next('error')).data?.code).toBe('UNKNOWN_TYPE');
  });

  it.each([
    ['1e400', '1e400'],
    ['a negative number', '-1'],
    ['half a number', '1.5'],
    ['2^53 + 1', '9007199254740993'],
    ['a text', '"5"'],
    ['a list', '[5]'],
    ['null', 'null'],
    ['true', 'true'],
    ['NaN', '"NaN"'],
  ])('%s is no position', async (_case, number) => {
    const since = `{"epoch":"e","seq":${number}}`;
    client.send(`{"type":"history","id":"h","data":{"channel":"whales","since":${since}}}`);
    expect(await client.next('error')).toMatchObject({ id: 'h', data: { code: 'BAD_MESSAGE' } });
  });

  it.each([
    ['an unknown epoch', 'no-such-epoch', 3, 'epoch'],
    ['the epoch of another channel’s dreams', '__proto__', 0, 'epoch'],
    ['a seq beyond the head', undefined, 9_007_199_254_740_991, 'unknown'],
  ])('a resume from %s brings no message of anybody', async (_case, epoch, seq, reason) => {
    await server.app.realtime.broadcastToUser('alice', { type: 'announcement', data: { message: 'for alice' } });
    client.send({ type: 'history', id: 'h', data: { channel: 'whales' } });
    const head = (await client.next('ack')).data as { epoch: string };
    const position = { channel: 'whales', epoch: epoch ?? head.epoch, seq };
    const forged = { channel: 'user', epoch: epoch ?? head.epoch, seq };
    client.send({ type: 'subscribe', id: 's', data: { channels: [position, forged] } });
    expect((await client.next('ack')).data).toMatchObject({
      subscribed: [{ channel: 'whales', recovered: false, reason }],
      rejected: [{ channel: 'user', code: 'UNAUTHENTICATED' }],
    });
    await client.settle();
    expect(client.ofType('announcement')).toEqual([]);
    expect(client.frames.every((frame) => !('replay' in frame))).toBe(true);
  });

  it.each([
    ['a negative seq', -1],
    ['2^53', 2 ** 53],
    ['a fraction', 0.5],
  ])('a resume from %s is no message', async (_case, seq) => {
    client.send({ type: 'subscribe', id: 's', data: { channels: [{ channel: 'whales', epoch: 'e', seq }] } });
    expect(await client.next('error')).toMatchObject({ id: 's', data: { code: 'BAD_MESSAGE' } });
  });

  it('a newer client is told which version is spoken here, and its unknown keys and types cost it nothing', async () => {
    client.send({ type: 'ping', id: 'n', newKey: { deep: [1] } });
    expect(await client.next('pong')).toMatchObject({ id: 'n' });
    client.send({
      type: 'subscribe',
      id: 's',
      priority: 1,
      data: { channels: [{ channel: 'whales', depth: 3 }], x: 1 },
    });
    expect((await client.next('ack')).data).toMatchObject({ subscribed: [{ channel: 'whales' }] });
    client.send({ type: 'from_the_future', id: 'f' });
    expect((await client.next('error')).data?.code).toBe('UNKNOWN_TYPE');
    const newer = server.open();
    await newer.next('hello');
    newer.send({ type: 'hello', data: { protocol: 2 } });
    expect((await newer.next('error')).data?.code).toBe('UNSUPPORTED_VERSION');
    expect(await newer.closed).toEqual({ code: 4406, reason: 'unsupported_version' });
  });

  it('a client whose old socket is still open has one delivery on each, and the old one’s end ends nothing', async () => {
    const channels = [{ channel: 'whales' }];
    const whale = (txHash: string) => ({
      type: 'whale_movement' as const,
      data: {
        coinId: 'bitcoin',
        txHash,
        fromAddress: 'a',
        toAddress: 'b',
        amount: 1,
        usdValue: 1,
        timestamp: '2026-01-01T00:00:00.000Z',
      },
    });
    client.send({ type: 'subscribe', id: 's', data: { channels } });
    const { subscribed } = (await client.next('ack')).data as { subscribed: { epoch: string; seq: number }[] };
    await server.app.realtime.broadcastToCoin('bitcoin', whale('missed'));
    await client.next('whale_movement');
    const [position] = subscribed;
    const again = await server.openTickwire();
    again.send({
      type: 'subscribe',
      id: 's',
      data: { channels: [{ channel: 'whales', ...position, kind: undefined }] },
    });
    expect((await again.next('ack')).data).toMatchObject({ subscribed: [{ recovered: true }] });
    await server.app.realtime.broadcastToCoin('bitcoin', whale('live'));
    await again.settle();
    await client.settle();
    const hashes = (of: StreamClient) => of.ofType('whale_movement').map(({ data }) => data.txHash);
    expect(hashes(again)).toEqual(['missed', 'live']);
    expect(hashes(client)).toEqual(['missed', 'live']);
    await client.close();
    await server.app.realtime.broadcastToCoin('bitcoin', whale('after'));
    await again.settle();
    expect(hashes(again)).toEqual(['missed', 'live', 'after']);
  });

  it('6,000 names of channels that are not there leave nothing behind', async () => {
    const before = server.app.connections.size;
    const status = async () =>
      ((await (await fetch(`${server.base}/api/status`)).json()) as { subscriptions: object }).subscriptions;
    const subscriptions = await status();
    for (let batch = 0; batch < 30; batch += 1) {
      const channels = Array.from({ length: 200 }, (_, index) => ({ channel: `coin:c${batch}-${index}` }));
      client.send({ type: 'subscribe', id: batch, data: { channels } });
      const { subscribed, rejected } = (await client.next('ack')).data as { subscribed: []; rejected: [] };
      expect([subscribed.length, rejected.length]).toEqual([0, 200]);
    }
    expect(await status()).toEqual(subscriptions);
    expect(server.app.connections.size).toBe(before);
  });

  it('a thousand messages a second of one client are refused, then end, and others are answered meanwhile', async () => {
    const flood = Array.from({ length: 1_000 }, (_, index) => text({ type: 'catalog', id: index }));
    for (const message of flood) client.socket.send(message);
    await bystander.settle();
    expect((await client.closed).code).toBe(4429);
    await bystander.settle();
    expect(client.ofType('ack').length).toBeLessThanOrEqual(41);
  });
});

describe('decoding', () => {
  it('of 8,190 nested lists, 5,400 metals and 2,000 keys ends with a short answer', () => {
    for (const frame of [
      '['.repeat(8_190),
      '['.repeat(8_190) + ']'.repeat(8_190),
      `{"type":"subscribe","metals":[${'"",'.repeat(5_399)}""]}`,
      `{"type":"subscribe","metals":[${'{},'.repeat(5_299)}{}]}`,
      text({ type: 'history', ...Object.fromEntries(Array.from({ length: 1_500 }, (_, n) => [`k${n}`, 1])) }),
      `{"type":"subscribe","data":{"channels":${'['.repeat(4_000)}${']'.repeat(4_000)}}}`,
    ]) {
      const decoded = decodeClientMessage(frame);
      expect(decoded.ok).toBe(false);
      if (!decoded.ok) expect(text(refusalOf(frame, decoded, defaultLimits)).length).toBeLessThan(512);
    }
  });

  it('never throws, whatever 20,000 mutations make of honest messages', () => {
    const corpus = [
      text({ type: 'authenticate', id: 1, data: { token: 'a.b.c' } }),
      text({ type: 'subscribe', id: 'r2', data: { channels: [{ channel: 'coin:bitcoin', epoch: 'k', seq: 4 }] } }),
      text({ type: 'subscribe', metals: ['gold', 'silver'] }),
      text({ type: 'history', id: 'h', data: { channel: 'whales', since: { epoch: 'w', seq: 1 }, limit: 5 } }),
      text({
        type: 'alert_create',
        id: 'a',
        data: { alertType: 'price_above', coinId: 'bitcoin', condition: { targetPrice: 5 } },
      }),
      text({ type: 'ping', id: 'p', ts: 1 }),
    ];
    const shards = [
      '"',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '\\',
      '\u0000',
      '\ud800',
      '__proto__',
      '1e999',
      'null',
      '-',
      'é',
    ];
    let seed = 42;
    const below = (most: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * most);
    };
    const mutated = (frame: string): string => {
      const at = below(frame.length + 1);
      const shard = shards[below(shards.length)] ?? '';
      switch (below(4)) {
        case 0:
          return frame.slice(0, at) + shard + frame.slice(at);
        case 1:
          return frame.slice(0, at) + frame.slice(at + 1 + below(8));
        case 2:
          return frame.slice(0, at) + shard + frame.slice(at + 1);
        default:
          return frame.slice(0, at) + frame.slice(below(frame.length)) + frame.slice(at);
      }
    };
    let refused = 0;
    for (let index = 0; index < 20_000; index += 1) {
      let frame = corpus[index % corpus.length] ?? '';
      for (let times = 1 + below(4); times > 0; times -= 1) frame = mutated(frame);
      const decoded = decodeClientMessage(frame);
      if (decoded.ok) continue;
      refused += 1;
      expect(text(refusalOf(frame, decoded, defaultLimits)).length).toBeLessThan(512);
    }
    expect(refused).toBeGreaterThan(10_000);
  });
});
