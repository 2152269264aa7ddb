// `pnpm demo`: builds the dashboard and starts the reference server with it. Everything that is said comes from the server.
import { spawn } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Tickwire needs Node 20.19 or newer; this is ${process.version}. Install a newer Node and run it again.`,
  );
  process.exit(1);
}

/** Runs a command in a folder of the project; resolves with its exit code. */
function run(command, args, folder, { env = process.env, quiet = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: path.join(root, folder),
      env,
      stdio: ['inherit', quiet ? 'pipe' : 'inherit', 'inherit'],
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    // An interrupt at the terminal reaches the child by itself; what only this process gets is handed on.
    const stop = () => child.kill('SIGTERM');
    const wait = () => {};
    process.once('SIGTERM', stop);
    process.on('SIGINT', wait);
    child.on('error', (error) => {
      console.error(`Could not start ${command}: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code) => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', wait);
      if (quiet && code !== 0) console.error(output);
      resolve(code ?? 1);
    });
  });
}

const help = process.argv.includes('--help') || process.argv.includes('-h');
if (!help) {
  const vite = path.join(root, 'examples/dashboard/node_modules/vite/bin/vite.js');
  const built = await run(process.execPath, [vite, 'build', '--logLevel', 'warn'], 'examples/dashboard', {
    quiet: true,
  });
  if (built !== 0) {
    console.error('The dashboard did not build; see above.');
    process.exit(built);
  }
}
process.exitCode = await run(
  process.execPath,
  ['--conditions=@tickwire/source', '--import', 'tsx', 'src/demo.ts', ...process.argv.slice(2)],
  'examples/server',
  {
    env: {
      ...process.env,
      INIT_CWD: process.env.INIT_CWD ?? process.cwd(),
      PAGES_DIR: process.env.PAGES_DIR ?? path.join(root, 'examples/dashboard/dist'),
    },
  },
);
