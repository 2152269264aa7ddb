/** A programme run to its end, or ended when it takes too long. */
import { spawn } from 'node:child_process';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** @default 60000 */
  readonly withinMs?: number;
}

/** Variables of the package manager that runs us would reach the programmes that we run. */
function environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|pnpm_|NODE_OPTIONS$|NODE_ENV$)/i.test(name));
  return { ...Object.fromEntries(own), NO_COLOR: '1', ...more };
}

export function runProgram(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { cwd, env = {}, withinMs = 60_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: environment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => {
      stderr += `\nIt did not end within ${withinMs} ms.`;
      // With what it has started.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, withinMs);
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}

/** Runs what has to succeed. @throws an error with what it printed */
export async function mustRun(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const ended = await runProgram(command, args, options);
  if (ended.code !== 0) {
    const said = `${ended.stdout}\n${ended.stderr}`.trim().slice(-2_000);
    throw new Error(`It ended with ${ended.code ?? 'a signal'}:\n${said}`);
  }
  return ended;
}
