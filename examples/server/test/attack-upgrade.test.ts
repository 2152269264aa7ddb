import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signToken, testSecret } from './auth/test-tokens.js';
import { createStandingClock } from './manual-clock.js';
import { RawClient, upgradeRequest } from './raw-client.js';
import { startTestServer, type TestServer } from './test-server.js';

const good = 'https://good.example';
const clients: RawClient[] = [];
let server: TestServer;
const dial = (localAddress?: string): RawClient => {
  const client = new RawClient(Number(new URL(server.base).port), '127.0.0.1', localAddress);
  clients.push(client);
  return client;
};
async function statusOf(request: string): Promise<number> {
  const client = dial();
  client.write(request);
  return client.status();
}
const originOf = (...values: string[]) => values.map((value) => `Origin: ${value}`);

async function isServing(): Promise<void> {
  await (await server.openTickwire()).settle();
}

afterEach(async () => {
  await isServing();
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await server.close();
});

describe('requests that are no good upgrade', () => {
  beforeEach(async () => {
    server = await startTestServer({}, { ALLOWED_ORIGINS: good });
  });

  it.each([
    [
      '3,000 headers',
      upgradeRequest(
        '/ws',
        Array.from({ length: 3_000 }, (_, index) => `X-H${index}: 1`),
      ),
      [400, 431],
    ],
    ['a header of 20 KB', upgradeRequest('/ws', [`X-H: ${'x'.repeat(20_000)}`]), [431]],
    ['no Upgrade value', upgradeRequest('/ws', ['Upgrade: ']), [400, 426]],
    ['another Upgrade', upgradeRequest('/ws', ['Upgrade: h2c']), [400, 426]],
    ['no key', upgradeRequest('/ws', ['Sec-WebSocket-Key: ']), [400]],
    ['a key of the wrong length', upgradeRequest('/ws', ['Sec-WebSocket-Key: AAAA']), [400]],
    ['HTTP/1.0', upgradeRequest().replace('HTTP/1.1', 'HTTP/1.0'), [400]],
    ['version 12', upgradeRequest('/ws', ['Sec-WebSocket-Version: 12']), [400]],
    ['no HTTP', 'GARBAGE\r\n\r\n', [400]],
    ['a path that is none', upgradeRequest('/nowhere'), [404]],
    ['another method', upgradeRequest('/ws').replace('GET', 'POST'), [400, 404, 405]],
  ])('%s is answered in HTTP', async (_case, request, statuses) => {
    expect(statuses).toContain(await statusOf(request));
  });

  it.each([
    ['an exact one', originOf(good), 101],
    ['none, as Node clients do', [], 101],
    ['null', originOf('null'), 403],
    ['an evil one', originOf('https://evil.example'), 403],
    ['a longer name that begins well', originOf(`${good}.evil`), 403],
    ['a longer name that ends well', originOf('https://evilgood.example'), 403],
    ['the good one in capitals', originOf(good.toUpperCase()), 403],
    ['the good one with a path', originOf(`${good}/`), 403],
    ['the good one over HTTP', originOf('http://good.example'), 403],
    ['two, the good one first', originOf(good, 'https://evil.example'), 403],
    ['two, the good one last', originOf('https://evil.example', good), 403],
    [
      'the good one in the header of version 8',
      [...originOf('https://evil.example'), `Sec-WebSocket-Origin: ${good}`],
      403,
    ],
    ['version 8 with the good one in its header', ['Sec-WebSocket-Version: 8', `Sec-WebSocket-Origin: ${good}`], 400],
  ])('the origin %s is answered', async (_case, headers, status) => {
    expect(await statusOf(upgradeRequest('/ws', headers))).toBe(status);
  });
});

describe('slow and broken dialling', () => {
  it('headers that drip are cut off with 408', async () => {
    server = await startTestServer({ headersTimeoutMs: 300, requestTimeoutMs: 600 });
    const drips = Array.from({ length: 50 }, () => dial());
    for (const client of drips) client.write('GET /ws HTTP/1.1\r\nHost: x\r\nX-Drip: ');
    const timer = setInterval(() => {
      for (const client of drips) client.write('x');
    });
    try {
      const statuses = await Promise.all(drips.map((client) => client.status()));
      await Promise.all(drips.map(({ gone }) => gone));
      expect(new Set(statuses)).toEqual(new Set([408]));
    } finally {
      clearInterval(timer);
    }
  });

  it('a connection that is cut while its token is checked harms nobody', async () => {
    server = await startTestServer({}, { JWT_SECRET: testSecret });
    const token = await signToken({ sub: 'alice' });
    for (let index = 0; index < 20; index += 1) {
      const client = dial();
      client.write(upgradeRequest('/ws', [`Authorization: Bearer ${token}`]));
      await new Promise((resolve) => client.socket.once('connect', resolve));
      // Once before the server has read the request, then while it works on it.
      if (index % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
      client.reset();
      await client.gone;
    }
    await expect.poll(() => server.app.connections.size).toBe(0);
    await isServing();
  });
});

describe('connections beyond their number', () => {
  const addressed = (localAddress: string) => server.open([], { localAddress });

  it('of the server are answered 503 before the upgrade, those inside untouched', async () => {
    server = await startTestServer({}, { WS_MAX_CONNECTIONS: '3' });
    const inside = await Promise.all([server.openTickwire(), server.openTickwire()]);
    const third = await server.openTickwire();
    const late = dial();
    late.write(upgradeRequest());
    expect(await late.status()).toBe(503);
    await Promise.all(inside.map((client) => client.settle()));
    await third.close();
    await expect.poll(() => server.app.connections.size).toBe(2);
  });

  it('of an address are answered 429 before the upgrade, those of others not', async () => {
    server = await startTestServer({ connectionsPerAddress: 3 });
    const inside = Array.from({ length: 3 }, () => addressed('127.0.0.2'));
    await Promise.all(inside.map((client) => client.next('hello')));
    expect(await addressed('127.0.0.2').refused).toBe(429);
    await addressed('127.0.0.3').next('hello');
    await inside[0]?.close();
    await expect.poll(() => server.app.connections.size).toBe(3);
    await addressed('127.0.0.2').next('hello');
  });

  it('that an address opens too fast are answered 429 with the time to wait', async () => {
    server = await startTestServer({ connectBurst: 3, connectsPerSecond: 0.001 });
    for (let index = 0; index < 3; index += 1) await addressed('127.0.0.2').next('hello');
    const late = dial('127.0.0.2');
    late.write(upgradeRequest());
    expect(await late.status()).toBe(429);
    await addressed('127.0.0.3').next('hello');
  });

  it('that all open too fast are answered 503', async () => {
    const clock = createStandingClock();
    server = await startTestServer({ totalConnectsPerSecond: 2 }, {}, { clock });
    const statuses: number[] = [];
    for (let index = 0; index < 4; index += 1) statuses.push(await statusOf(upgradeRequest()));
    expect(statuses).toEqual([101, 101, 503, 503]);
    clock.leap(1_000);
    expect(await statusOf(upgradeRequest())).toBe(101);
    // The bucket is refilled for the check that follows.
    clock.leap(1_000);
  });

  it('are counted by the peer’s own address, whatever X-Forwarded-For says', async () => {
    server = await startTestServer({ connectBurst: 5, connectsPerSecond: 0.001, connectionsPerAddress: 1_000 });
    const statuses: number[] = [];
    for (let index = 0; index < 10; index += 1) {
      const client = dial('127.0.0.2');
      client.write(upgradeRequest('/ws', [`X-Forwarded-For: 203.0.113.${index}`]));
      statuses.push(await client.status());
    }
    expect(statuses).toEqual([...new Array<number>(5).fill(101), ...new Array<number>(5).fill(429)]);
  });

  it('are counted by X-Forwarded-For behind a trusted proxy', async () => {
    server = await startTestServer({ connectionsPerAddress: 1 }, { TRUST_PROXY: 'true' });
    const from = (address: string) => upgradeRequest('/ws', [`X-Forwarded-For: ${address}`]);
    expect(await statusOf(from('203.0.113.1'))).toBe(101);
    expect(await statusOf(from('203.0.113.1'))).toBe(429);
    expect(await statusOf(from('203.0.113.2'))).toBe(101);
    expect(await statusOf(from('2001:db8:1:2::1'))).toBe(101);
    expect(await statusOf(from('2001:db8:1:2::2'))).toBe(429);
  });

  it('are counted by what the nearest proxy wrote, not by what the client wrote before it', async () => {
    server = await startTestServer({ connectionsPerAddress: 1 }, { TRUST_PROXY: 'true' });
    const statuses: number[] = [];
    for (const forged of ['198.51.100.1', '198.51.100.2', '127.0.0.1', '::1']) {
      statuses.push(await statusOf(upgradeRequest('/ws', [`X-Forwarded-For: ${forged}, 203.0.113.1`])));
    }
    expect(statuses).toEqual([101, 429, 429, 429]);
  });

  it('are counted by the entry before those of as many proxies as there are', async () => {
    server = await startTestServer({ connectionsPerAddress: 1 }, { TRUST_PROXY: '2' });
    const from = (chain: string) => statusOf(upgradeRequest('/ws', [`X-Forwarded-For: ${chain}`]));
    expect(await from('198.51.100.1, 203.0.113.1, 10.0.0.7')).toBe(101);
    expect(await from('198.51.100.2, 203.0.113.1, 10.0.0.7')).toBe(429);
    expect(await from('198.51.100.2, 203.0.113.2, 10.0.0.7')).toBe(101);
  });

  it('are counted by X-Forwarded-For only if it comes from a proxy that was named', async () => {
    server = await startTestServer(
      { connectionsPerAddress: 1 },
      { TRUST_PROXY: '127.0.0.1,10.0.0.0/8', UNLIMITED_ADDRESSES: '192.0.2.1' },
    );
    const from = async (localAddress: string, chain: string): Promise<number> => {
      const client = dial(localAddress);
      client.write(upgradeRequest('/ws', [`X-Forwarded-For: ${chain}`]));
      return client.status();
    };
    expect(await from('127.0.0.1', '203.0.113.1')).toBe(101);
    expect(await from('127.0.0.1', '198.51.100.1, 203.0.113.1, 10.1.2.3')).toBe(429);
    expect(await from('127.0.0.2', '203.0.113.2')).toBe(101);
    expect(await from('127.0.0.2', '203.0.113.3')).toBe(429);
  });
});

describe('with compression', () => {
  it('15 KB that inflate to 15 MB close with 1009 and cost no memory', async () => {
    server = await startTestServer({}, { WS_COMPRESSION: 'true' });
    const client = await RawClient.upgraded(Number(new URL(server.base).port), [
      'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits; client_no_context_takeover',
    ]);
    clients.push(client);
    const bomb = deflateRawSync(Buffer.alloc(15_000_000, 0x20), { windowBits: 10, level: 9 });
    const before = process.memoryUsage().rss;
    client.send({ payload: bomb.subarray(0, 15_000), rsv: 4 });
    expect(await client.closeCode()).toBe(1009);
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1_048_576);
  });
});
