// webpack.mjs page | node
import path from 'node:path';
import webpack from 'webpack';

const target = process.argv[2];
const home = import.meta.dirname;
const entry = { page: './page.mjs', node: './smoke-esm.mjs' }[target];
const compiler = webpack({
  context: home,
  entry,
  mode: 'production',
  target: target === 'node' ? 'node' : 'web',
  output: { path: path.join(home, `out-webpack-${target}`), filename: target === 'node' ? 'bundle.cjs' : 'bundle.js' },
  performance: { hints: false },
});
compiler.run((error, stats) => {
  const problems = error ?? stats.toString({ all: false, errors: true, warnings: true });
  if (problems) console.error(problems);
  process.exitCode = error || stats.hasErrors() ? 1 : 0;
});
