/** The server in a process of its own, on a port that it chose itself: no port is ever looked up first and taken later. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { expect } from 'vitest';

const folder = path.resolve(import.meta.dirname, '..');

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly port: number;
  /** Exit code and signal. */
  readonly exit: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  /** What it has printed so far, on either stream. */
  readonly output: () => string;
}

/**
 * Starts it and waits until it listens.
 *
 * @param flags Node's own, such as a heap size
 * @param descriptors how many files the process may have open; by default what this one may
 */
export async function startServerProcess(
  environment: Readonly<Record<string, string>> = {},
  { flags = [], descriptors }: { flags?: readonly string[]; descriptors?: number } = {},
): Promise<ServerProcess> {
  const args = [...flags, '--conditions=@tickwire/source', '--import', 'tsx', 'src/main.ts'];
  const options = {
    cwd: folder,
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'info', WS_LOOP_DELAY_MS: '60000', ...environment, PORT: '0' },
  };
  const limit = `ulimit -n ${descriptors} && exec "$0" "$@"`;
  const child =
    descriptors === undefined
      ? spawn(process.execPath, args, options)
      : spawn('bash', ['-c', limit, process.execPath, ...args], options);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exit = new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (code, signal) => resolve([code, signal])),
  );
  const portOf = (): number => Number(/listening at http:\/\/[^"\s]*:(\d+)/i.exec(output)?.[1] ?? 0);
  try {
    await expect.poll(() => portOf() > 0 || child.exitCode !== null).toBe(true);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  if (portOf() === 0) throw new Error(`The server did not start: ${output}`);
  return { child, port: portOf(), exit, output: () => output };
}
