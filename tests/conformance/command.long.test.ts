import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { brokenServer, ourServer } from './test-servers.js';

describe('the command', () => {
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
