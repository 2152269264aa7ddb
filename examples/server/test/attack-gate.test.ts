import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signToken } from './auth/test-tokens.js';
import { RawClient, upgradeRequest } from './raw-client.js';
import { startTestServer, type TestServer } from './test-server.js';

const clients: RawClient[] = [];
/** The address of public keys; it answers what a test makes it answer. */
let keys = createServer();
let server: TestServer;
const dial = (localAddress?: string): RawClient => {
  const client = new RawClient(Number(new URL(server.base).port), '127.0.0.1', localAddress);
  clients.push(client);
  return client;
};

async function keysUrl(): Promise<string> {
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(keys.address() as AddressInfo).port}/keys`;
}

beforeEach(() => {
  keys = createServer();
});
afterEach(async () => {
  await (await server.openTickwire()).settle();
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await server.close();
  keys.closeAllConnections();
  keys.close();
});

const h2c = (head: string, ...headers: string[]): string =>
  `${[`${head} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: h2c', ...headers].join('\r\n')}\r\n\r\n`;

describe('a socket that was handed over for an upgrade', () => {
  it('is cut when a request before it has no answer yet', async () => {
    const lines: string[] = [];
    server = await startTestServer({}, { LOG_LEVEL: 'info' }, { logTo: { write: (line) => void lines.push(line) } });
    const client = dial();
    client.write(`GET /api/prices HTTP/1.1\r\nHost: x\r\n\r\n${upgradeRequest()}`);
    await client.gone;
    expect(lines.join('')).not.toContain('"level":40');
  });

  it('is upgraded after a request that was answered', async () => {
    server = await startTestServer();
    const client = dial();
    client.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await client.status()).toBe(200);
    client.write(upgradeRequest());
    await expect.poll(() => server.app.connections.size).toBe(1);
  });

  it.each(['/%zz', '/%', '/%zz?token=secret-in-the-url'])('ends when its address is %s', async (address) => {
    server = await startTestServer();
    const client = dial();
    client.write(upgradeRequest(address));
    expect(await client.status()).toBe(400);
    await client.gone;
    const plain = await fetch(`${server.base}${address}`);
    expect(plain.status).toBe(400);
    expect(await plain.json()).toEqual({ error: 'The address cannot be read', code: 'BAD_MESSAGE' });
  });

  it('is cut when nobody decides over it in time', async () => {
    server = await startTestServer({ requestTimeoutMs: 200 }, { JWT_JWKS_URL: await keysUrl() });
    const token = await signToken({ sub: 'alice' }, { header: { alg: 'HS256' } });
    const header = Buffer.from('{"alg":"RS256","kid":"k"}').toString('base64url');
    const client = dial();
    client.write(upgradeRequest('/ws', [`Authorization: Bearer ${header}.${token.split('.').slice(1).join('.')}`]));
    await client.gone;
    // Who waits for the keys is answered in HTTP when they do not come; who is cut is not.
    expect(client.socket.bytesRead).toBe(0);
  });

  it('gets the plain answer when it offers another protocol', async () => {
    server = await startTestServer();
    const client = dial();
    client.write(h2c('GET /healthz'));
    expect(await client.status()).toBe(200);
    await client.gone;
  });

  it('is told so when it offers another protocol with a body', async () => {
    server = await startTestServer();
    const client = dial();
    client.write(`${h2c('POST /api/publish', 'Content-Length: 2', 'Content-Type: application/json')}{}`);
    expect(await client.status()).toBe(400);
    await client.gone;
  });
});

describe('upgrades whose tokens are checked at the same time', () => {
  it('are together no more than their address may have', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    let give: () => void = () => undefined;
    const isAsked = new Promise<void>((asked) => {
      keys.on('request', (_request, response) => {
        give = () => void exportJWK(publicKey).then((key) => response.end(JSON.stringify({ keys: [key] })));
        asked();
      });
    });
    server = await startTestServer({ connectionsPerAddress: 3, connectBurst: 100 }, { JWT_JWKS_URL: await keysUrl() });
    const crowd = Array.from({ length: 12 }, () => dial('127.0.0.2'));
    for (const [index, client] of crowd.entries()) {
      const token = await new SignJWT({ sub: `user${index}` })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey);
      client.write(upgradeRequest('/ws', [`Authorization: Bearer ${token}`]));
    }
    await isAsked;
    // A request that comes after theirs is answered after theirs were read.
    await fetch(`${server.base}/healthz`);
    give();
    const statuses = await Promise.all(crowd.map((client) => client.status()));
    expect(statuses.filter((status) => status === 101)).toHaveLength(3);
    expect(statuses.filter((status) => status === 429)).toHaveLength(9);
  });
});

describe('why upgrades are refused', () => {
  it('F7: stands in the metrics and in one line of the log, with the origin and what would let it in, and in the answer', async () => {
    const lines: string[] = [];
    server = await startTestServer(
      { refusalLogMs: 50, connectionsPerAddress: 1 },
      { WS_MAX_CONNECTIONS: '2', LOG_LEVEL: 'info' },
      { logTo: { write: (line) => void lines.push(line) } },
    );
    const answerTo = async (headers: string[], localAddress?: string) => {
      const client = dial(localAddress);
      client.write(upgradeRequest('/ws', headers));
      return client.status();
    };
    expect(await answerTo(['Origin: https://evil.example/?token=s3cret'])).toBe(403);
    expect(await answerTo([], '127.0.0.2')).toBe(101);
    expect(await answerTo([], '127.0.0.2')).toBe(429);
    expect(await answerTo([], '127.0.0.3')).toBe(101);
    expect(await answerTo([])).toBe(503);
    const metrics = await (await fetch(`${server.base}/metrics`)).text();
    for (const reason of ['origin', 'address_connections', 'full']) {
      expect(metrics).toContain(`tickwire_upgrade_refusals_total{reason="${reason}"} 1`);
    }
    await expect.poll(() => lines.join('')).toContain('upgrades were refused');
    const line = lines.find((text) => text.includes('upgrades were refused')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      origins: ['https://evil.example'],
      hint: expect.stringContaining('ALLOWED_ORIGINS') as string,
    });
    expect(lines.join('')).not.toContain('s3cret');
    await clients.at(1)?.close();
    await expect.poll(() => server.app.connections.size).toBe(1);
  });

  it('is told of a proxy that is not believed, once', async () => {
    const lines: string[] = [];
    server = await startTestServer({}, { LOG_LEVEL: 'info' }, { logTo: { write: (line) => void lines.push(line) } });
    for (let index = 0; index < 3; index += 1) {
      const client = dial();
      client.write(upgradeRequest('/ws', [`X-Forwarded-For: 203.0.113.${index}`]));
      expect(await client.status()).toBe(101);
    }
    expect(lines.filter((line) => line.includes('see TRUST_PROXY'))).toHaveLength(1);
    expect(lines.join('')).not.toContain('203.0.113');
  });
});

describe('an origin behind a proxy that rewrites Host', () => {
  const headers = ['Host: upstream:3001', 'X-Forwarded-Host: prices.example', 'Origin: https://prices.example'];

  it.each([
    ['true', 'prices.example', 101],
    ['false', 'prices.example', 403],
    ['true', 'other.example', 403],
  ])(
    'is the server’s own by X-Forwarded-Host with TRUST_PROXY=%s and SERVED_HOSTS=%s',
    async (trust, hosts, status) => {
      server = await startTestServer({}, { TRUST_PROXY: trust, SERVED_HOSTS: hosts });
      const client = dial();
      client.write(upgradeRequest('/ws', headers));
      expect(await client.status()).toBe(status);
    },
  );
});
