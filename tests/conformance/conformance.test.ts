import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buildServer, loadConfig, PriceStreamServer } from '@tickwire/example-server';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { faultChecks } from './fault-checks.js';
import { coinsChecks, metalsChecks } from './older-checks.js';
import { runChecks, type Outcome } from './suite.js';
import { tickwireChecks } from './tickwire-checks.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

const quick = { PRICE_UPDATE_INTERVAL: '50', LOG_LEVEL: 'silent', WS_MAX_CONNECTIONS: '1000' };

async function ourServer(): Promise<string> {
  const config = loadConfig(quick);
  const app = buildServer({ ...config, limits: { ...config.limits, heartbeatMs: 200, sweepMs: 20 } });
  await app.listen({ host: '127.0.0.1', port: 0 });
  closers.push(() => app.close());
  return `ws://127.0.0.1:${(app.server.address() as AddressInfo).port}/ws`;
}

async function facade(): Promise<string> {
  const server = new PriceStreamServer(0, { environment: quick });
  await server.start();
  closers.push(() => server.stop());
  return `ws://127.0.0.1:${server.port}`;
}

/** A server that greets and then answers as it is told. */
async function brokenServer(hello: object, answer: (text: string) => readonly string[]): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => {
    socket.send(JSON.stringify(hello));
    socket.on('message', (data: Buffer) => {
      for (const text of answer(data.toString())) socket.send(text);
    });
  });
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of server.clients) socket.terminate();
    return new Promise((resolve) => server.close(resolve));
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const patient = { patienceMs: 10_000, channel: 'coin:bitcoin' };
const failures = (outcomes: readonly Outcome[]) => outcomes.filter(({ result }) => result !== 'passed');

describe('the reference server', () => {
  it.each([
    ['tickwire', [...tickwireChecks, ...faultChecks]],
    ['coins', coinsChecks],
    ['metals', metalsChecks],
  ] as const)('passes every check of %s', async (_dialect, checks) => {
    expect(failures(await runChecks(checks, { ...patient, url: await ourServer() }))).toEqual([]);
  });
});

describe('the facade', () => {
  it.each([
    ['tickwire', [...tickwireChecks, ...faultChecks]],
    ['metals', metalsChecks],
  ] as const)('passes every check of %s', async (_dialect, checks) => {
    expect(failures(await runChecks(checks, { ...patient, url: await facade() }))).toEqual([]);
  });
});

describe('a broken server', () => {
  const limits = { maxSubscriptions: 1, maxChannelsPerFrame: 1, maxFrameBytes: 1, messagesPerMinute: 1 };
  const hello = (more: object = {}) => ({
    type: 'hello',
    data: { protocol: 1, connectionId: 'c', serverTime: 1, heartbeatMs: 1_000, capabilities: [], limits, ...more },
  });
  const resultOf = async (url: string, words: string): Promise<Outcome | undefined> => {
    const checks = [...tickwireChecks, ...faultChecks].filter(({ title }) => title.includes(words));
    expect(checks).toHaveLength(1);
    return (await runChecks(checks, { url, patienceMs: 500, channel: 'coin:bitcoin' }))[0];
  };
  const ackWith = (entry: object) => (text: string) => {
    const { type, id } = JSON.parse(text) as { type: string; id?: unknown };
    if (type === 'ping') return [JSON.stringify({ type: 'pong', id })];
    if (type !== 'subscribe') return [];
    const position = { channel: 'coin:bitcoin', kind: 'state', epoch: 'e', seq: 5, recovered: false, reason: 'new' };
    return [
      JSON.stringify({
        type: 'ack',
        id,
        op: 'subscribe',
        data: { subscribed: [{ ...position, ...entry }], rejected: [] },
      }),
      JSON.stringify({ type: 'price_update', data: { price: 1 }, sub: 'coin:bitcoin', epoch: 'e', seq: 9 }),
    ];
  };

  it.each([
    ['without limits in hello', { limits: {} }, () => [], 'the first frame is hello'],
    ['that is mute', {}, () => [], 'a ping is answered'],
    ['whose pong has no time', {}, () => ['{"type":"pong","id":"p1","echo":1234}'], 'a ping is answered'],
    ['that accepts what it does not have', {}, ackWith({}), 'an unknown channel is rejected'],
    ['that recovers whatever it is asked', {}, ackWith({ recovered: true, reason: undefined }), 'another epoch'],
    ['that never recovers', {}, ackWith({ reason: 'too_old' }), 'nothing was missed since'],
    ['that loses numbers', {}, ackWith({}), 'numbered without a hole'],
    ['that sends no snapshot', {}, ackWith({}), 'a snapshot follows'],
    ['that sends no heartbeat', { heartbeatMs: 50 }, ackWith({}), 'a heartbeat tells'],
    ['that takes any frame', {}, () => [], 'a binary frame'],
    ['that echoes what no client decodes', {}, (text: string) => [`no JSON ${text}`], 'no JSON gets an error'],
    ['that closes for nothing and says nothing', {}, () => [], 'an unknown protocol version'],
  ] as const)('%s fails', async (_case, more, answer, words) => {
    expect(await resultOf(await brokenServer(hello(more), answer), words)).toMatchObject({ result: 'failed' });
  });
});

describe('the command', { timeout: 60_000 }, () => {
  async function command(...args: string[]): Promise<{ code: number; output: string }> {
    const child = spawn(process.execPath, ['--conditions=@tickwire/source', '--import', 'tsx', 'main.ts', ...args], {
      cwd: import.meta.dirname,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, output };
  }

  it('prints a line a check and ends with 0 when all is well', async () => {
    const { code, output } = await command(await ourServer(), '--dialect', 'metals', '--patience', '10000');
    expect(output).toContain('ok   a subscribe brings the metals that were asked for');
    expect(output).toContain('4 passed, 0 failed, 0 skipped');
    expect(code).toBe(0);
  });

  it('ends with 1 when a check failed, and with 2 for a wrong command line', async () => {
    const url = await brokenServer({ type: 'welcome', data: { message: 'hi' } }, () => []);
    const [failed, wrong] = [await command(url, '--dialect', 'coins', '--patience', '200'), await command()];
    expect([failed.code, wrong.code]).toEqual([1, 2]);
    expect(failed.output).toContain('FAIL a bare ping is answered');
    expect(wrong.output).toMatch(/^Which server\?[^]*--dialect/);
  });

  it('names every mistake of its line, and prints the help that was asked for', async () => {
    const [many, unknown, help] = [
      await command('http://localhost:1/ws', '--dialect', 'tin', '--patience', 'x', '--channel', 'whales'),
      await command('ws://localhost:1/ws', '--loud'),
      await command('--help'),
    ];
    expect([many.code, unknown.code, help.code]).toEqual([2, 2, 0]);
    for (const words of ['try ws://localhost:1/ws', 'no dialect tin', '--patience: expected', 'whales is no state']) {
      expect(many.output).toContain(words);
    }
    expect(unknown.output).toMatch(/--loud[^]*Exit code/);
    expect(help.output).toContain('pnpm conformance ws://localhost:3001/ws');
  });

  it('ends with 3 and one piece of advice where there is no server, and tells of another dialect', async () => {
    const nobody = await command('ws://127.0.0.1:1/ws');
    expect(nobody).toEqual({
      code: 3,
      output: 'Nothing listens at 127.0.0.1:1.\nStart the server, or check host and port.\nNothing was checked.\n',
    });
    const url = await brokenServer({ type: 'priceUpdate', data: { gold: { price: 1 } } }, () => []);
    const { output } = await command(url, '--dialect', 'coins', '--patience', '200');
    expect(output).toContain('note its first frame is a priceUpdate: it may be meant by --dialect metals');
  });
});
