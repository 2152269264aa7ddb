// esbuild.mjs page | esm | cjs
import path from 'node:path';
import { build } from 'esbuild';

const kind = process.argv[2];
const home = import.meta.dirname;
await build({
  entryPoints: [path.join(home, kind === 'page' ? 'page.mjs' : 'smoke-esm.mjs')],
  bundle: true,
  minify: true,
  format: kind === 'cjs' ? 'cjs' : 'esm',
  platform: kind === 'page' ? 'browser' : 'node',
  outfile: path.join(home, `out-esbuild-${kind}/bundle.${{ page: 'js', esm: 'mjs', cjs: 'cjs' }[kind]}`),
  logLevel: 'warning',
});
