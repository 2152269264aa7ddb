// rollup.mjs es | iife, plain | commonjs
import path from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';

const [format, plugin] = process.argv.slice(2);
const home = import.meta.dirname;
const bundle = await rollup({
  input: path.join(home, 'page.mjs'),
  plugins: [nodeResolve({ browser: true }), ...(plugin === 'commonjs' ? [commonjs()] : [])],
  onwarn: (warning) => console.error(warning.message),
});
await bundle.write({ format, file: path.join(home, `out-rollup-${format}-${plugin}/bundle.js`) });
