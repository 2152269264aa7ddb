import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamClient } from './stream-client.js';
import { startTestServer, type TestServer } from './test-server.js';

const text = (value: unknown) => JSON.stringify(value);
const wish = (channel: unknown) => text({ type: 'subscribe', id: 'r1', data: { channels: [{ channel }] } });

describe('bad input', () => {
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
    // Whatever came in, the others are served as before.
    await bystander.settle();
    expect(Object.prototype).not.toHaveProperty('polluted');
    await server.close();
  });

  it.each([
    ['no JSON', 'hello', 'BAD_JSON'],
    ['nothing', '', 'BAD_JSON'],
    ['a byte order mark', '\uFEFF{"type":"ping"}', 'BAD_JSON'],
    ['16 KiB of spaces', ' '.repeat(16_384), 'BAD_JSON'],
    ['null', 'null', 'BAD_MESSAGE'],
    ['a number', '1', 'BAD_MESSAGE'],
    ['a list', '[]', 'BAD_MESSAGE'],
    ['8,000 nested lists', '['.repeat(8_000) + ']'.repeat(8_000), 'BAD_MESSAGE'],
    ['no type', '{}', 'BAD_MESSAGE'],
    ['a type that is a list', '{"type":["ping"]}', 'BAD_MESSAGE'],
    ['an unknown type', '{"type":"launch"}', 'UNKNOWN_TYPE'],
    ['a type in another case', '{"type":"Ping"}', 'UNKNOWN_TYPE'],
    ['a type that every object has', '{"type":"constructor"}', 'UNKNOWN_TYPE'],
    ['a type that means prototypes', '{"type":"__proto__"}', 'UNKNOWN_TYPE'],
    ['a subscribe without anything', '{"type":"subscribe"}', 'BAD_MESSAGE'],
    [
      'a numeric string for a position',
      '{"type":"history","id":1,"data":{"channel":"whales","limit":"5"}}',
      'BAD_MESSAGE',
    ],
    ['a refused coin', '{"type":"subscribe","data":{"coinId":"__proto__"}}', 'BAD_MESSAGE'],
    ['a refused metal', '{"type":"subscribe","metals":["constructor"]}', 'BAD_MESSAGE'],
    ['a key that means prototypes', '{"type":"ping","__proto__":{"polluted":1},"id":"x","ts":"now"}', 'BAD_MESSAGE'],
    ['a refused channel', wish('coin:__proto__'), 'BAD_MESSAGE'],
    ['a path', wish('coin:../../etc'), 'BAD_MESSAGE'],
    ['a half of a surrogate pair', '{"type":"subscribe","metals":["\\ud800"]}', 'BAD_MESSAGE'],
    ['a name of 65 characters', wish(`coin:${'a'.repeat(65)}`), 'BAD_MESSAGE'],
    [
      '201 channels',
      text({
        type: 'subscribe',
        id: 1,
        data: { channels: Array.from({ length: 201 }, () => ({ channel: 'whales' })) },
      }),
      'TOO_MANY_ITEMS',
    ],
    ['5,400 metals', text({ type: 'subscribe', metals: Array.from({ length: 5_400 }, () => '') }), 'TOO_MANY_ITEMS'],
    [
      '2,000 unknown keys',
      text({ type: 'history', ...Object.fromEntries(Array.from({ length: 1_500 }, (_, n) => [`k${n}`, 1])) }),
      'BAD_MESSAGE',
    ],
  ])('%s is answered with a code, and costs nobody the connection', async (_case, frame, code) => {
    client.send(frame);
    const error = await client.next('error');
    expect(error.data?.code).toBe(code);
    expect(error.data?.error).toBe(error.data?.message);
    expect(text(error).length).toBeLessThan(512);
    await client.settle();
  });

  it.each(['toString', 'hasOwnProperty', 'valueof', 'nope'])(
    'a channel named %s is refused by name, not by accident',
    async (name) => {
      client.send(wish(`coin:${name.toLowerCase()}`));
      expect((await client.next('ack')).data).toMatchObject({
        subscribed: [],
        rejected: [{ code: 'UNKNOWN_CHANNEL' }],
      });
    },
  );

  it('16,385 bytes close with 1009', async () => {
    client.send(text({ type: 'ping', pad: '' }).replace('""', `"${'x'.repeat(16_385 - 24)}"`));
    expect((await client.closed).code).toBe(1009);
  });

  it('16,384 bytes are read', async () => {
    const empty = text({ type: 'ping', id: 'big', pad: '' });
    client.send(empty.replace('""', `"${'x'.repeat(16_384 - empty.length)}"`));
    expect(await client.next('pong')).toMatchObject({ id: 'big' });
  });

  it('a binary frame closes with 1003', async () => {
    client.socket.send(Buffer.from('{"type":"ping"}'));
    expect(await client.closed).toEqual({ code: 1003, reason: 'binary_not_supported' });
  });

  it('more than 16 fragments close with 1008', async () => {
    for (let index = 0; index < 20; index += 1) client.socket.send('x', { fin: false });
    expect((await client.closed).code).toBe(1008);
  });

  it('the fifth invalid message in a minute closes with 4400', async () => {
    for (let index = 0; index < 5; index += 1) client.send('{');
    expect(await client.closed).toEqual({ code: 4400, reason: 'bad_messages' });
    expect(client.ofType('error')).toHaveLength(5);
  });

  it('unknown types never close', async () => {
    for (let index = 0; index < 20; index += 1) client.send('{"type":"launch"}');
    await client.settle();
    expect(client.ofType('error')).toHaveLength(20);
  });

  it('a flood is refused, then closed with 4429', async () => {
    for (let index = 0; index < 60; index += 1) client.send({ type: 'catalog', id: index });
    const { code, reason } = await client.closed;
    expect([code, reason]).toEqual([4429, 'rate_limited;ra=30000']);
    const refusals = client.ofType('error');
    expect(refusals).toHaveLength(3);
    expect(refusals[0]).toMatchObject({ op: 'catalog', data: { code: 'RATE_LIMITED', retryable: true } });
    expect(refusals[0]?.data?.retryAfterMs).toBeGreaterThan(0);
  });

  it.each([
    ['an unmasked frame', Buffer.from([0x81, 0x02, 0x7b, 0x7d])],
    ['a reserved opcode', Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ['a frame that claims 2^63 bytes', Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['invalid UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28])],
    ['a reset', 'reset'],
  ])('%s on the raw socket harms nobody', async (_case, bytes) => {
    const socket = connect(Number(new URL(server.base).port), '127.0.0.1');
    const ended = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.write(
      'GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await new Promise((resolve) => socket.once('data', resolve));
    if (typeof bytes === 'string') socket.resetAndDestroy();
    else {
      socket.write(bytes);
      // The server answers with a close frame and waits; hanging up completes it.
      await new Promise((resolve) => socket.once('data', resolve));
      socket.end();
    }
    await ended;
    await expect.poll(() => server.app.connections.size).toBe(2);
  });
});
