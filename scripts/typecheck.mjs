// Checks every tsconfig.json in the tree: each says what its folder may know (the pure folders know no DOM and no Node).
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

/** @returns {string[]} the tsconfig files below a folder */
function configsBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((item) => {
    if (item.isDirectory())
      return ['node_modules', 'dist', '.git'].includes(item.name) ? [] : configsBelow(path.join(folder, item.name));
    return item.name === 'tsconfig.json' ? [path.join(folder, item.name)] : [];
  });
}

const queue = configsBelow(root);
let failed = 0;
async function worker() {
  for (let config = queue.shift(); config !== undefined; config = queue.shift()) {
    const name = path.relative(root, config);
    const code = await new Promise((resolve) => {
      const child = spawn(process.execPath, [tsc, '-p', config, '--pretty', 'false'], { cwd: root });
      let output = '';
      child.stdout.on('data', (chunk) => (output += chunk));
      child.stderr.on('data', (chunk) => (output += chunk));
      child.on('close', (exit) => {
        if (output) console.log(output.trimEnd());
        resolve(exit);
      });
    });
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}`);
    if (code !== 0) failed += 1;
  }
}
await Promise.all([worker(), worker()]);
process.exitCode = failed === 0 ? 0 : 1;
