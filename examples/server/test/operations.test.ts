import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { loadConfig } from '../src/index.js';
import { settingsReport } from '../src/settings-report.js';
import { coinTick, createManualSource } from './manual-source.js';
import { RawClient, upgradeRequest } from './raw-client.js';
import { startTestServer, type TestServer } from './test-server.js';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function read(base: string, where: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${base}${where}`);
  return { status: answer.status, text: await answer.text() };
}

describe('/readyz', () => {
  it('says yes while the sources run', async () => {
    server = await startTestServer();
    expect(await read(server.base, '/readyz')).toEqual({ status: 200, text: '{"status":"ready"}' });
  });

  it.each(['failing', 'stopped', 'idle'] as const)('says 503 while a source is %s', async (state) => {
    const source = createManualSource();
    const dead = { ...source, status: () => ({ ...source.status(), state }) };
    server = await startTestServer({}, {}, { sources: [dead] });
    expect(await read(server.base, '/readyz')).toEqual({
      status: 503,
      text: JSON.stringify({ status: 'not ready', reason: `source manual is ${state}` }),
    });
    expect((await read(server.base, '/healthz')).status).toBe(200);
  });
});

describe('/metrics', () => {
  it('counts connections, messages, refusals and prices, and names no user, no coin and no address', async () => {
    server = await startTestServer({}, { WS_MAX_CONNECTIONS: '2' });
    const [first] = [await server.openTickwire(), await server.openTickwire()];
    first.send({ type: 'subscribe', id: 1, data: { channels: [{ channel: 'coin:bitcoin' }] } });
    await first.next('ack');
    server.source.tell(coinTick('bitcoin', 1));
    await first.next('price_update');
    first.send('no JSON');
    await first.next('error');
    const refused = server.open();
    await refused.closed;
    const { status, text } = await read(server.base, '/metrics');
    expect(status).toBe(200);
    const value = (series: string): number => {
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
      return Number(line?.slice(series.length + 1) ?? NaN);
    };
    expect(value('tickwire_connections{dialect="tickwire"}')).toBe(2);
    expect(value('tickwire_connections_total')).toBe(2);
    expect(value('tickwire_refused_upgrades_total{status="503"}')).toBe(1);
    expect(value('tickwire_errors_total{code="BAD_JSON"}')).toBe(1);
    expect(value('tickwire_messages_in_total')).toBe(4);
    expect(value('tickwire_messages_out_total')).toBe(5);
    expect(value('tickwire_source_up{source="manual"}')).toBe(1);
    expect(value('tickwire_source_ticks_total{source="manual"}')).toBe(1);
    expect(value('tickwire_subscriptions')).toBe(3);
    expect(value('tickwire_event_loop_delay_max_seconds')).toBeGreaterThanOrEqual(0);
    expect(value('tickwire_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    for (const name of ['conflated_total', 'dropped_total', 'slow_consumers_total', 'auth_failures_total']) {
      expect(value(`tickwire_${name}`)).toBe(0);
    }
    expect(text).not.toMatch(/bitcoin|127\.0\.0\.1|c_/);
    // Read twice, the figures are not added up.
    expect((await read(server.base, '/metrics')).text).toContain('tickwire_connections_total 2');
  });
});

describe('the settings at the start', () => {
  it('are printed without secrets', async () => {
    const lines: string[] = [];
    const secret = 'a-secret-that-is-long-enough-for-everyone';
    const environment = {
      LOG_LEVEL: 'info',
      JWT_SECRET: secret,
      API_KEYS: `feeder:${'ab'.repeat(32)}`,
      WS_TYPO: '1',
    };
    server = await startTestServer({}, environment, { logTo: { write: (line) => void lines.push(line) } });
    const text = lines.join('');
    expect(text).toContain('"JWT_SECRET":"set"');
    expect(text).toContain('"API_KEYS":1');
    expect(text).toContain('WS_TYPO is not a key of this server');
    expect(text).not.toContain(secret);
    expect(text).not.toContain('abab');
  });

  it('name of an upstream only where it is', () => {
    const loaded = loadConfig({ PRICE_SOURCE: 'http' });
    const url = 'https://user:pass@prices.example/v1?key=hidden';
    const config = { ...loaded, upstream: { ...loaded.upstream, url } };
    expect(settingsReport(config)).toMatchObject({ PRICE_URL: 'https://prices.example' });
    expect(JSON.stringify(settingsReport(config))).not.toMatch(/hidden|pass/);
  });
});

describe('compression', () => {
  async function extensionsWith(environment: Record<string, string>): Promise<string> {
    server = await startTestServer({}, environment);
    const socket = new WebSocket(server.url, { perMessageDeflate: true });
    await new Promise((resolve) => socket.on('open', resolve));
    const { extensions } = socket;
    socket.terminate();
    return extensions;
  }

  it('is declined unless the server is told to offer it', async () => {
    expect(await extensionsWith({})).toBe('');
  });

  it('takes a client whose offer bounds nothing', async () => {
    server = await startTestServer({}, { WS_COMPRESSION: 'true' });
    const { port } = new URL(server.url);
    const client = new RawClient(Number(port));
    client.write(upgradeRequest('/ws', ['Sec-WebSocket-Extensions: permessage-deflate']));
    expect(await client.status()).toBe(101);
    await client.close();
  });

  it('keeps nothing between messages when it is on', async () => {
    const extensions = await extensionsWith({ WS_COMPRESSION: 'true' });
    expect(extensions).toBe('permessage-deflate');
    await server?.close();
    server = await startTestServer({}, { WS_COMPRESSION: 'true' });
    const socket = new WebSocket(server.url, { perMessageDeflate: true });
    const opened = new Promise((resolve) => socket.on('open', resolve));
    const frames: number[] = [];
    socket.on('message', (data: Buffer) => frames.push(data.length));
    const header = await new Promise((resolve) =>
      socket.on('upgrade', (response) => resolve(response.headers['sec-websocket-extensions'])),
    );
    await opened;
    expect(header).toContain('server_no_context_takeover');
    expect(header).toContain('client_no_context_takeover');
    expect(header).toContain('server_max_window_bits=10');
    await server.app.realtime.broadcastGlobal({ type: 'announcement', data: { message: 'm'.repeat(5_000) } });
    await expect.poll(() => frames.some((length) => length > 5_000)).toBe(true);
    socket.terminate();
  });
});

describe('the Dockerfile', () => {
  it('starts the server without a package manager in between, so that SIGTERM reaches it', () => {
    const text = readFileSync(path.join(import.meta.dirname, '../Dockerfile'), 'utf8');
    expect(text).toMatch(/^CMD \["node", .*"src\/main\.ts"\]$/m);
  });
});
