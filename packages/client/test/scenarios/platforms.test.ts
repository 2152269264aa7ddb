import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { settle, until } from '@tickwire/testing';
import { Harness } from '../harness.js';
import { staged } from './stage.js';

const stage = staged();

/** Runs a script of `processes/` in a Node of its own. */
async function run(
  script: string,
  flags: readonly string[],
  ...args: readonly string[]
): Promise<{ code: number | null; output: string }> {
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const file = path.resolve(import.meta.dirname, '../processes', script);
  const child = spawn(process.execPath, [...flags, '--conditions=@tickwire/source', '--import', tsx, file, ...args]);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  stage().later(async () => {
    child.kill('SIGKILL');
    await Promise.resolve();
  });
  return { code: await new Promise((resolve) => child.once('close', resolve)), output };
}

describe('importing the client', () => {
  it('starts, reads and listens to nothing; constructing it neither', { timeout: 60_000 }, async () => {
    const { code, output } = await run('import-only.ts', []);
    expect(output).toBe('imported constructed\n');
    expect(code).toBe(0);
  });
});

describe('a platform without a WebSocket', () => {
  it('is UNAVAILABLE when it connects, and not before', async () => {
    vi.resetModules();
    vi.doMock('../../src/io/socket.js', () => import('../../src/io/socket.web.js'));
    vi.stubGlobal('WebSocket', undefined);
    try {
      const { PriceWebSocketClient } = await import('../../src/index.js');
      const client = new PriceWebSocketClient('ws://prices.example/ws');
      const errors: string[] = [];
      client.on('error', ({ code }) => errors.push(code));
      await expect(client.connect()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(client.connection.get()).toMatchObject({
        status: 'failed',
        error: { code: 'UNAVAILABLE', retryable: false },
      });
      expect(errors).toEqual(['UNAVAILABLE']);
      await client.close();
    } finally {
      vi.unstubAllGlobals();
      vi.doUnmock('../../src/io/socket.js');
      vi.resetModules();
    }
  });
});

describe('a runtime that makes no code from text', () => {
  it('runs the client as it is', { timeout: 60_000 }, async () => {
    const server = await stage().numbered();
    server.publish('coin:bitcoin');
    const child = run('no-generated-code.ts', ['--disallow-code-generation-from-strings'], server.url);
    await until('both channels', () => server.membersOf('coin:bitcoin') + server.membersOf('whales') === 2, 50_000);
    server.publish('whales');
    server.last.send({ type: 'price_update', data: {} });
    const { code, output } = await child;
    expect(JSON.parse(output)).toEqual({
      price: 1,
      events: [1],
      invalid: ['BAD_MESSAGE'],
      made: [],
      refusal: 'EvalError',
    });
    expect(code).toBe(0);
  });
});

describe('a server that has no room', () => {
  it.each([
    { reason: 'Server at capacity', code: 1008, leastMs: 5_000 },
    { reason: 'capacity', code: 1013, leastMs: 5_000 },
    { reason: 'capacity;ra=20000', code: 1013, leastMs: 20_000 },
    { reason: 'connection_limit', code: 4413, leastMs: 60_000 },
  ])('with $code $reason is not tried again before $leastMs ms', async ({ code, reason, leastMs }) => {
    const harness = new Harness({ random: () => 0 });
    const { client, clock } = harness;
    void client.connect().catch(() => undefined);
    harness.socket.open();
    harness.socket.drop(code, reason);
    await settle();
    expect(client.connection.get()).toMatchObject({ status: 'reconnecting', cause: { closeCode: code } });
    await clock.advance(leastMs - 1);
    expect(harness.sockets.all).toHaveLength(1);
    await clock.advance(1);
    expect(harness.sockets.all).toHaveLength(2);
    await client.close();
  });
});
