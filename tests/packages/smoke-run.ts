/** One run of the smoke programme against a server of its own; what is late on a busy machine is tried once more. */
import { mustRun, type RunOptions } from './run-program.js';
import { SmokeServer } from './smoke-server.js';

const tries = 3;

/**
 * @param run starts the programme against the server; resolves when it has ended well
 * @param check what a cell looks at besides
 * @throws an error that says what is wrong
 */
export async function smokeRun(
  run: (server: SmokeServer) => Promise<void>,
  check: (server: SmokeServer) => string[] = () => [],
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const server = await SmokeServer.start();
    try {
      await run(server);
      const problems = [...(await server.problems()), ...check(server)];
      if (problems.length === 0) return;
      // A fault is late each time; a machine that is busy is not.
      if (!(server.late && problems.length === 1 && attempt < tries)) throw new Error(problems.join('; '));
    } finally {
      await server.stop();
    }
  }
}

/** Runs a programme that gets both addresses, and has to say that it is done and nothing else. */
export async function smokeProgram(
  command: string,
  args: readonly string[],
  server: SmokeServer,
  more: readonly string[],
  options: RunOptions,
): Promise<void> {
  const given = [...args, server.url, server.refusedUrl, ...more];
  const { stdout, stderr } = await mustRun(command, given, options);
  if (!stdout.includes('SMOKE done')) throw new Error(`It ended without having finished: ${stdout} ${stderr}`.trim());
  if (stderr.trim() !== '') throw new Error(`It complains: ${stderr.trim().slice(0, 1_000)}`);
}
