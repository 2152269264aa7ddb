import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closePayload, frameBytes, opcodes, RawClient, type RawFrame } from './raw-client.js';
import type { StreamClient } from './stream-client.js';
import { startTestServer, type TestServer } from './test-server.js';

const ping = '{"type":"ping","id":"raw"}';
const bytes = (...values: number[]) => Buffer.from(values);

describe('frames that no client sends', () => {
  let server: TestServer;
  let bystander: StreamClient;
  const clients: RawClient[] = [];
  const portOf = () => Number(new URL(server.base).port);
  async function dial(headers?: string[]): Promise<RawClient> {
    const client = await RawClient.upgraded(portOf(), headers);
    clients.push(client);
    return client;
  }

  beforeEach(async () => {
    server = await startTestServer();
    bystander = await server.openTickwire();
  });
  afterEach(async () => {
    // Whatever came in: the others are served, newcomers are let in, and nothing of the attackers is kept.
    await bystander.settle();
    await (await server.openTickwire()).settle();
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await expect.poll(() => server.app.connections.size).toBe(2);
    await server.close();
  });

  it('the kit itself speaks as an honest client does', async () => {
    const client = await dial();
    client.send({ payload: ping });
    const texts: string[] = [];
    while (!texts.some((text) => text.includes('"pong"'))) {
      const frame = await client.next();
      if (frame === undefined) break;
      texts.push(frame.payload.toString());
    }
    expect(texts.at(-1)).toContain('"id":"raw"');
    client.send({ opcode: opcodes.close, payload: closePayload(1000) });
    expect(await client.closeCode()).toBe(1000);
  });

  const wrong: [string, RawFrame[], number][] = [
    ['an unmasked frame', [{ payload: ping, masked: false }], 1002],
    ['a first reserved bit', [{ payload: ping, rsv: 4 }], 1002],
    ['a second reserved bit', [{ payload: ping, rsv: 2 }], 1002],
    ['a third reserved bit', [{ payload: ping, rsv: 1 }], 1002],
    ['opcode 3', [{ payload: ping, opcode: 3 }], 1002],
    ['opcode 15', [{ payload: ping, opcode: 15 }], 1002],
    ['a ping of 126 bytes', [{ payload: 'x'.repeat(126), opcode: opcodes.ping }], 1002],
    ['a ping in fragments', [{ payload: 'x', opcode: opcodes.ping, fin: false }], 1002],
    ['a continuation of nothing', [{ payload: ping, opcode: opcodes.continuation }], 1002],
    [
      'a message within a message',
      [
        { payload: '{', fin: false },
        { payload: '}', opcode: opcodes.text },
      ],
      1002,
    ],
    ['close code 1005', [{ opcode: opcodes.close, payload: closePayload(1005) }], 1002],
    ['close code 999', [{ opcode: opcodes.close, payload: closePayload(999) }], 1002],
    ['a close of one byte', [{ opcode: opcodes.close, payload: bytes(3) }], 1002],
    [
      'a close reason that is no UTF-8',
      [{ opcode: opcodes.close, payload: Buffer.concat([closePayload(1000), bytes(0xff)]) }],
      1007,
    ],
    ['a binary frame', [{ payload: ping, opcode: opcodes.binary }], 1003],
    ['invalid UTF-8', [{ payload: bytes(0xc3, 0x28) }], 1007],
    ['an overlong slash', [{ payload: bytes(0xc0, 0xaf) }], 1007],
    ['the bytes of half a surrogate pair', [{ payload: bytes(0xed, 0xa0, 0x80) }], 1007],
    ['16,385 bytes', [{ payload: 'x'.repeat(16_385) }], 1009],
    ['a header that claims 2^31 bytes', [{ claims: 2n ** 31n }], 1009],
    ['a header that claims 2^53 bytes', [{ claims: 2n ** 53n }], 1009],
    ['a header that claims 2^63 bytes', [{ claims: 2n ** 63n }], 1009],
  ];
  it.each(wrong)('%s closes the connection', async (_case, frames, code) => {
    const client = await dial();
    client.send(...frames);
    expect(await client.closeCode()).toBe(code);
  });

  it('a header that claims 2^31 bytes costs no memory', async () => {
    const attackers = await Promise.all(Array.from({ length: 20 }, () => dial()));
    const before = process.memoryUsage().rss;
    for (const attacker of attackers) attacker.send({ claims: 2n ** 31n });
    await Promise.all(attackers.map((attacker) => attacker.closeCode()));
    // 20 × 2 GiB were announced.
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1_048_576);
  });

  it.each([
    ['one byte each', 'x'],
    ['nothing each', ''],
  ])('an endless message in fragments of %s ends at the 17th with 1008', async (_case, payload) => {
    const attackers = await Promise.all(Array.from({ length: 10 }, () => dial()));
    const before = process.memoryUsage().rss;
    const first = frameBytes({ payload, fin: false });
    const rest = Buffer.concat(
      Array.from({ length: 2_000 }, () => frameBytes({ payload, fin: false, opcode: opcodes.continuation })),
    );
    for (const attacker of attackers) attacker.write(Buffer.concat([first, rest]));
    expect(new Set(await Promise.all(attackers.map((attacker) => attacker.closeCode())))).toEqual(new Set([1008]));
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1_048_576);
  });

  it('a message in 16 fragments is read', async () => {
    const client = await dial();
    const parts = ping.match(/.{1,2}/g) ?? [];
    client.send(
      ...parts.map((payload, index) => ({
        payload,
        opcode: index === 0 ? opcodes.text : opcodes.continuation,
        fin: index === parts.length - 1,
      })),
    );
    expect(parts.length).toBeLessThanOrEqual(16);
    let text = '';
    while (!text.includes('"pong"')) text = (await client.next())?.payload.toString() ?? '"pong" never came';
    expect(text).toContain('"id":"raw"');
  });

  it.each([
    ['pings', opcodes.ping],
    ['pongs', opcodes.pong],
  ])('a flood of %s closes with 4429 and is not answered on', async (_case, opcode) => {
    const client = await dial();
    const flood = Buffer.concat(Array.from({ length: 10_000 }, () => frameBytes({ opcode, payload: 'x' })));
    client.write(flood);
    let answers = 0;
    let close: Buffer | undefined;
    while (close === undefined) {
      const frame = await client.next();
      if (frame === undefined) break;
      if (frame.opcode === opcodes.pong) answers += 1;
      if (frame.opcode === opcodes.close) close = frame.payload;
    }
    expect(close?.readUInt16BE(0)).toBe(4429);
    expect(answers).toBeLessThan(100);
  });

  it('ten pings in a second are answered with their payload', async () => {
    const client = await dial();
    for (let index = 0; index < 10; index += 1) client.send({ opcode: opcodes.ping, payload: `p${index}` });
    const pongs: string[] = [];
    while (pongs.length < 10) {
      const frame = await client.next();
      if (frame === undefined) break;
      if (frame.opcode === opcodes.pong) pongs.push(frame.payload.toString());
    }
    expect(pongs).toEqual(Array.from({ length: 10 }, (_, index) => `p${index}`));
  });

  it('compressed bytes that were never agreed on close with 1002', async () => {
    const client = await dial(['Sec-WebSocket-Extensions: permessage-deflate']);
    client.send({ payload: bytes(0x4b, 0x04, 0x00), rsv: 4 });
    expect(await client.closeCode()).toBe(1002);
  });
});
