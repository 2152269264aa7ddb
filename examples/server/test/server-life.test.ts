import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import { afterEach, describe, expect, it } from 'vitest';
import { buildServer, ConfigurationError, loadConfig } from '../src/index.js';
import { coinTick, metalTick } from './manual-source.js';
import { startTestServer, type TestServer } from './test-server.js';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** The HTTP answer to an upgrade that was refused. */
async function refusalOf(running: TestServer, options: Parameters<TestServer['open']>[1]) {
  const client = running.open([], options);
  return await new Promise<{ status: number | undefined; headers: Record<string, unknown> }>((resolve, reject) => {
    client.socket.on('unexpected-response', (_request, response) => {
      response.resume();
      client.socket.terminate();
      resolve({ status: response.statusCode, headers: response.headers });
    });
    client.socket.on('open', () => reject(new Error('it was let in')));
  });
}

describe('who may upgrade', () => {
  it('refuses with 503 before the upgrade when it is full, and takes the next when one has gone', async () => {
    server = await startTestServer({}, { WS_MAX_CONNECTIONS: '2' });
    const first = await server.openTickwire();
    await server.openTickwire();
    expect(await refusalOf(server, {})).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    await first.close();
    await expect.poll(() => server?.app.connections.size).toBe(1);
    await server.openTickwire();
  });

  it.each([
    ['a foreign origin', { headers: { Origin: 'https://evil.example' } }, 403],
    ['the origin null', { headers: { Origin: 'null' } }, 403],
    ['another path', { path: '/elsewhere' }, 404],
    ['a path that is a page', { path: '/healthz' }, 404],
    [
      'version 8, whose origin stands elsewhere',
      { protocolVersion: 8, headers: { 'Sec-WebSocket-Origin': 'https://good.example' } },
      400,
    ],
  ])('refuses %s', async (_case, options, status) => {
    server = await startTestServer({}, { ALLOWED_ORIGINS: 'https://good.example' });
    expect((await refusalOf(server, options)).status).toBe(status);
    expect(server.app.connections.total).toBe(0);
  });

  it.each([
    ['development', 'http://localhost:5173', undefined, 101],
    ['development', 'http://evil.example', 'evil.example', 403],
    ['production', 'http://localhost:5173', undefined, 403],
    ['production', 'https://prices.example', 'prices.example', 101],
    ['production', 'http://evil.example', 'evil.example', 403],
  ])('F7, F38: in %s answers the page %s that calls it %s with %d', async (NODE_ENV, origin, host, status) => {
    server = await startTestServer({}, { NODE_ENV, JWT_SECRET: 'x'.repeat(32), SERVED_HOSTS: 'prices.example' });
    const headers = { Origin: origin, ...(host === undefined ? {} : { Host: host }) };
    if (status === 101) await server.open([], { headers }).next('hello');
    else expect((await refusalOf(server, { headers })).status).toBe(status);
  });

  it('lets in its own origin, a listed one, and programs without one', async () => {
    server = await startTestServer();
    await server.open([], { headers: { Origin: server.base } }).next('hello');
    await server.open().next('hello');
    await server.close();
    server = await startTestServer({}, { ALLOWED_ORIGINS: 'https://good.example', REQUIRE_ORIGIN: 'true' });
    await server.open([], { headers: { Origin: 'https://good.example' } }).next('hello');
    expect((await refusalOf(server, {})).status).toBe(403);
  });

  it.each([
    [['swarnaai-v1'], 'swarnaai-v1'],
    [['other', 'tickwire-v1'], 'tickwire-v1'],
  ])('answers subprotocols %o with %s', async (offered, chosen) => {
    server = await startTestServer();
    const client = server.open(offered);
    await client.next('hello');
    expect(client.socket.protocol).toBe(chosen);
  });

  it('completes the handshake without a subprotocol when it has none of those offered', async () => {
    server = await startTestServer();
    const client = server.open(['graphql-ws']);
    // The ws package, as browsers do, gives up on its own offer; the server has upgraded and lives.
    await client.closed;
    expect(server.app.connections.total).toBe(1);
    await server.openTickwire();
  });
});

describe('over HTTP', () => {
  it('is healthy', async () => {
    server = await startTestServer();
    const answer = await fetch(`${server.base}/healthz`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('gives the last prices as a snapshot that a client decodes', async () => {
    server = await startTestServer();
    server.source.tell(coinTick('bitcoin', '50000.10'), coinTick('bitcoin', '50000.20'), metalTick('gold', 7_000));
    const answer = await fetch(`${server.base}/api/prices`);
    const body = await answer.text();
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(decodeServerMessage(body)).toMatchObject({ ok: true, kind: 'known' });
    expect(JSON.parse(body)).toMatchObject({
      type: 'snapshot',
      revision: '1',
      data: {
        items: [
          { channel: 'coin:bitcoin', seq: 2, message: { data: { price: '50000.20' } } },
          { channel: 'metal:gold', seq: 1, message: { data: { gold: { price: 7_000 } } } },
        ],
      },
    });
  });

  it('tells its status', async () => {
    server = await startTestServer();
    await (await server.openTickwire()).settle();
    expect(await (await fetch(`${server.base}/api/status`)).json()).toMatchObject({
      connections: { open: 1, total: 1, byDialect: { tickwire: 1 } },
      subscriptions: { channels: 1, lanes: 1 },
      instruments: 4,
      sources: [{ name: 'manual', state: 'running' }],
    });
  });

  it('says at /ws and at / what they are', async () => {
    server = await startTestServer();
    expect((await fetch(`${server.base}/ws`)).status).toBe(426);
    expect(await (await fetch(server.base)).json()).toMatchObject({ websocket: '/ws' });
    expect((await fetch(`${server.base}/nothing`)).status).toBe(404);
  });

  it('serves pages beside the stream', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'pages-'));
    try {
      await writeFile(path.join(folder, 'index.html'), '<h1>prices</h1>');
      await writeFile(path.join(folder, 'app.js'), 'export {}');
      await writeFile(path.join(folder, '.env'), 'JWT_SECRET=x');
      server = await startTestServer({}, { PAGES_DIR: folder });
      const page = await fetch(server.base);
      expect([page.headers.get('content-type'), await page.text()]).toEqual([
        'text/html; charset=utf-8',
        '<h1>prices</h1>',
      ]);
      expect((await fetch(`${server.base}/app.js`)).headers.get('content-type')).toContain('javascript');
      expect((await fetch(`${server.base}/../package.json`)).status).toBe(404);
      expect((await fetch(`${server.base}/.env`)).status).toBe(404);
      expect(await server.open([], { path: '/' }).next()).toMatchObject({ type: 'hello' });
    } finally {
      await server?.close();
      server = undefined;
      await rm(folder, { recursive: true });
    }
  });

  it('refuses to start with a folder of pages that is not there', () => {
    expect(() => buildServer(loadConfig({ PAGES_DIR: '/no/such/folder', LOG_LEVEL: 'silent' }))).toThrow(
      ConfigurationError,
    );
  });
});

describe('its end', () => {
  it('is announced to those who understand it, closes all with 1012, and is quick', async () => {
    // Whoever waited for these bounds would not come to the end of this test.
    server = await startTestServer({ drainMs: 3_600_000, closeTimeoutMs: 7_200_000 });
    const [modern, older] = [await server.openTickwire(), server.open()];
    await older.next('hello');
    await modern.settle();
    await server.app.close();
    expect(await modern.closed).toEqual({ code: 1012, reason: 'restart;ra=500;sp=500' });
    expect(await older.closed).toEqual({ code: 1012, reason: 'restart;ra=500;sp=500' });
    expect((await modern.next('going_away')).data).toMatchObject({ reason: 'shutdown', deadlineMs: 3_600_000 });
    expect(older.ofType('going_away')).toEqual([]);
    expect(server.source.status().state).toBe('idle');
  });

  it('does not wait for a client that never answers', async () => {
    server = await startTestServer({ drainMs: 200 });
    const client = await server.openTickwire();
    await client.settle();
    client.socket.pause();
    await server.app.close();
    client.socket.resume();
  });

  it('answers newcomers with 503 and a time to come again', async () => {
    server = await startTestServer({ drainMs: 3_600_000 });
    const client = await server.openTickwire();
    await client.settle();
    client.socket.pause();
    const ended = server.app.close();
    expect(await refusalOf(server, {})).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect((await fetch(`${server.base}/readyz`)).status).toBe(503);
    expect((await fetch(`${server.base}/healthz`)).status).toBe(200);
    client.socket.terminate();
    await ended;
  });

  it('comes by itself to a peer that does not answer pings', async () => {
    server = await startTestServer({ pingIntervalMs: 50, pongTimeoutMs: 100 });
    const lively = await server.openTickwire();
    const dead = server.open();
    await dead.next('hello');
    dead.socket.pause();
    await expect.poll(() => server?.app.connections.size).toBe(1);
    await lively.settle();
  });
});

describe('log lines', () => {
  it('carry no token, no URL and no message', async () => {
    const lines: string[] = [];
    server = await startTestServer({}, { LOG_LEVEL: 'trace' }, { logTo: { write: (line) => void lines.push(line) } });
    await server.open([], { path: '/ws?token=secret-in-url' }).closed;
    await server.open([], { headers: { Authorization: 'Bearer secret-in-header' } }).closed;
    const client = server.open();
    await client.next('hello');
    client.send({ type: 'authenticate', data: { token: 'secret-in-message' } });
    client.send('secret-that-is-no-json');
    await client.next('error', ({ data }) => data?.code === 'BAD_JSON');
    await fetch(`${server.base}/api/prices?token=secret-in-url`);
    await fetch(`${server.base}/nothing?token=secret-in-url`);
    await server.close();
    server = undefined;
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => line.includes('secret'))).toEqual([]);
  });
});
