import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from '@tickwire/testing';
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
  it('starts, reads and listens to nothing; constructing it neither', async () => {
    const { code, output } = await run('import-only.ts', []);
    expect(output).toBe('imported constructed\n');
    expect(code).toBe(0);
  });
});

describe('a runtime that makes no code from text', () => {
  it('runs the client as it is', async () => {
    const server = await stage().numbered();
    server.publish('coin:bitcoin');
    const child = run('no-generated-code.ts', ['--disallow-code-generation-from-strings'], server.url);
    await until('both channels', () => server.membersOf('coin:bitcoin') + server.membersOf('whales') === 2);
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

describe('a Node process', () => {
  it('that has subscribed and closed its client ends by itself', async () => {
    const server = await stage().numbered();
    server.publish('coin:bitcoin');
    const { code, output } = await run('tick-and-close.ts', [], server.url);
    expect(output).toBe('1\n');
    expect(code).toBe(0);
  });
});
