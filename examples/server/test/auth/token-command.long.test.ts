import { execFile } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../src/limits.js';
import { createTokenVerifier } from '../../src/auth/tokens.js';
import { testSecret } from './test-tokens.js';

const folder = path.resolve(import.meta.dirname, '../..');

function run(args: string[], environment: Record<string, string>) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      ['--conditions=@tickwire/source', '--import', 'tsx', 'src/token.ts', ...args],
      { cwd: folder, env: { PATH: process.env['PATH'], ...environment } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

// Each of these starts a process that compiles its sources: seconds on a busy machine.
describe('the command that signs a token', () => {
  it('prints one that a server with the same settings takes', async () => {
    const settings = { secret: testSecret, issuer: 'demo', audience: 'prices' };
    const { code, stdout } = await run(['--user', 'alice', '--scopes', 'alerts:write+portfolio'], {
      JWT_SECRET: testSecret,
      JWT_ISSUER: 'demo',
      JWT_AUDIENCE: 'prices',
    });
    expect(code).toBe(0);
    const verify = createTokenVerifier({ ...settings, limits: defaultLimits, now: Date.now });
    expect(await verify(stdout.trim())).toMatchObject({
      ok: true,
      identity: { userId: 'alice', scopes: ['alerts:write', 'portfolio'] },
    });
  });

  it.each([
    ['without a user', [], { JWT_SECRET: testSecret }, '--user alice'],
    ['F36: for what is no user id', ['--user', 'alice smith'], { JWT_SECRET: testSecret }, '--user alice'],
    ['without a secret', ['--user', 'alice'], {}, 'JWT_SECRET is not set'],
    ['with a short secret', ['--user', 'alice'], { JWT_SECRET: 'short-one' }, 'shorter than 32 bytes'],
    ['for two hours', ['--user', 'alice', '--minutes', '120'], { JWT_SECRET: testSecret }, 'from 1 to 60'],
    ['with an unknown option', ['--usr', 'alice'], { JWT_SECRET: testSecret }, '--usr'],
  ])('%s says what is missing and prints no secret', async (_case, args, environment, words) => {
    const { code, stdout, stderr } = await run(args, environment);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/short-one|a secret that only/);
  });
});
