// Bundles for Android as React Native does, and has the compiler of Hermes read the result.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import Metro from 'metro';

const require = createRequire(import.meta.url);
const { getDefaultConfig, mergeConfig } = require('@react-native/metro-config');
const home = import.meta.dirname;
const config = mergeConfig(getDefaultConfig(home), {
  projectRoot: home,
  watchFolders: [path.join(home, '..')],
  reporter: { update: () => undefined },
  cacheStores: [],
  maxWorkers: 1,
  // What sets up the native side has nobody to talk to here.
  serializer: { getPolyfills: () => [], getModulesRunBeforeMainModule: () => [] },
  transformer: { enableBabelRuntime: false },
});
mkdirSync(path.join(home, 'out'), { recursive: true });
await Metro.runBuild(config, {
  entry: path.join(home, 'entry.js'),
  out: path.join(home, 'out/bundle.js'),
  platform: 'android',
  dev: false,
  minify: false,
});
const compiler = path.join(
  path.dirname(require.resolve('hermes-compiler/package.json')),
  'hermesc/linux64-bin/hermesc',
);
execFileSync(
  compiler,
  ['-w', '-emit-binary', '-out', path.join(home, 'out/bundle.hbc'), path.join(home, 'out/bundle.js')],
  {
    stdio: ['ignore', 'inherit', 'inherit'],
  },
);
