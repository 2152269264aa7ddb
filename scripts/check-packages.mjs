// The shape of what users install: packs each public package and looks at the tarball as npm's users would.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, transformSync } from 'esbuild';
import { gzipSync } from 'node:zlib';

const root = path.resolve(import.meta.dirname, '..');
const folder = mkdtempSync(path.join(tmpdir(), 'tickwire-packages-'));
const modules = path.join(folder, 'node_modules');
const bin = (name) => path.join(root, 'node_modules/.bin', name);
let failed = 0;

function check(title, action) {
  try {
    const note = action();
    console.log(`ok   ${title}${note ? `: ${note}` : ''}`);
  } catch (error) {
    failed += 1;
    console.error(`FAIL ${title}\n${[error.stdout, error.stderr, error.message].filter(Boolean).join('\n')}`);
  }
}
const run = (command, args, options = {}) =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });

const packages = readdirSync(path.join(root, 'packages'))
  .map((name) => path.join(root, 'packages', name))
  .filter((home) => existsSync(path.join(home, 'package.json')))
  .map((home) => ({ home, manifest: JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8')) }))
  .filter(({ manifest }) => manifest.private !== true);

/** Lays a tarball out as an installer would, its outside dependencies linked from the workspace. */
function unpack({ home, manifest }) {
  // Run through the package manager that runs this script, which replaces catalog: and workspace: versions.
  const manager = process.env.npm_execpath ?? 'pnpm';
  const [command, first] = /\.[cm]?js$/.test(manager) ? [process.execPath, [manager]] : [manager, []];
  run(command, [...first, 'pack', '--pack-destination', folder], { cwd: home });
  const tarball = readdirSync(folder).find(
    (file) => file.endsWith('.tgz') && file.includes(`-${path.basename(home)}-`),
  );
  const target = path.join(modules, manifest.name);
  mkdirSync(target, { recursive: true });
  run('tar', ['-xzf', path.join(folder, tarball), '-C', target, '--strip-components', '1']);
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    const link = path.join(modules, name);
    if (name.startsWith('@tickwire/') || existsSync(link)) continue;
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.join(home, 'node_modules', name), link);
  }
  return path.join(folder, tarball);
}

const tarballs = new Map(packages.map((item) => [item.manifest.name, unpack(item)]));
for (const { manifest } of packages) {
  const tarball = tarballs.get(manifest.name);
  check(`${manifest.name}: publint`, () => void run(bin('publint'), ['--strict', tarball]));
  check(
    `${manifest.name}: types resolve everywhere`,
    () => void run(bin('attw'), [tarball, '--no-emoji', '--exclude-entrypoints', ...jsonEntries(manifest), '--']),
  );
  const published = JSON.parse(readFileSync(path.join(modules, manifest.name, 'package.json'), 'utf8'));
  check(`${manifest.name}: no workspace or catalog version is published`, () => {
    if (/"(workspace|catalog):/.test(JSON.stringify(published.dependencies ?? {})))
      throw new Error(JSON.stringify(published.dependencies));
  });
  check(
    `${manifest.name}: what its build imports is a dependency or a peer, and an unimported peer is optional`,
    () => {
      const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
      const imported = importsOf(path.join(modules, manifest.name, 'dist'));
      for (const name of imported) {
        if (name !== manifest.name && !(name in dependencies) && !(name in peerDependencies)) throw new Error(name);
      }
      for (const peer of Object.keys(peerDependencies)) {
        if (!imported.has(peer) && peerDependenciesMeta[peer]?.optional !== true)
          throw new Error(`${peer} is required`);
      }
    },
  );
  for (const entry of Object.keys(manifest.exports).filter((name) => !name.includes('*'))) {
    const specifier = path.posix.join(manifest.name, entry);
    if (entry.endsWith('.json')) {
      check(`require('${specifier}')`, () => void run(process.execPath, ['-e', `require('${specifier}')`]));
      continue;
    }
    const look = `if (Object.keys(entry).length === 0) throw new Error('nothing exported')`;
    check(
      `import '${specifier}'`,
      () => void run(process.execPath, ['--input-type=module', '-e', `import * as entry from '${specifier}'; ${look}`]),
    );
    check(
      `require('${specifier}')`,
      () => void run(process.execPath, ['-e', `const entry = require('${specifier}'); ${look}`]),
    );
  }
}

/** The packages that a folder of built modules imports or requires. */
function importsOf(folder) {
  const names = new Set();
  for (const file of readdirSync(folder, { recursive: true }).filter((name) => /\.c?js$/.test(name))) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    for (const [, specifier] of text.matchAll(/(?:from|import|require\()\s*["']([^"'.][^"']*)["']/g)) {
      const [scope, name] = specifier.split('/');
      if (!specifier.startsWith('node:')) names.add(scope.startsWith('@') ? `${scope}/${name}` : scope);
    }
  }
  return names;
}

function jsonEntries(manifest) {
  return Object.keys(manifest.exports).filter((name) => name.endsWith('.json'));
}

/**
 * Bundles a piece of user code as a web bundler would; returns its text and its minified and gzipped size: `first` of
 * what is loaded at the start, `all` with what is loaded on demand.
 */
async function bundle(code, external = []) {
  const entry = path.join(folder, 'entry.mjs');
  writeFileSync(entry, code);
  const { metafile, outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    external,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    outdir: path.join(folder, 'bundle'),
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const files = new Map(outputFiles.map(({ path: file, text }) => [path.basename(file), text]));
  const outputs = new Map(Object.entries(metafile.outputs).map(([file, output]) => [path.basename(file), output]));
  const started = new Set(['entry.js']);
  for (const name of started)
    for (const { kind, path: file, external: outside } of outputs.get(name).imports)
      if (kind === 'import-statement' && outside !== true) started.add(path.basename(file));
  const sizeOf = (names) => [...names].reduce((size, name) => size + gzipSync(files.get(name), { level: 9 }).length, 0);
  return { text: [...files.values()].join('\n'), first: sizeOf(started), all: sizeOf(files.keys()) };
}

async function checkBundle(title, code, { maxGzip, without = [], external = [] }) {
  let size = NaN;
  try {
    const { text, first, all } = await bundle(code, external);
    for (const word of without) if (text.includes(word)) throw new Error(`its bundle names ${word}`);
    size = first;
    if (first > maxGzip) throw new Error(`${first} bytes min+gz, more than ${maxGzip}`);
    console.log(`ok   ${title}: ${first} bytes min+gz${all > first ? `, ${all} with what is loaded on demand` : ''}`);
  } catch (error) {
    failed += 1;
    console.error(`FAIL ${title}: ${error.message}`);
  }
  return size;
}
// `_zod` is in every zod schema; it cannot be minified away.
await checkBundle(
  '{ coin } from @tickwire/protocol brings no zod',
  `import { coin } from '@tickwire/protocol'; console.log(coin('a'))`,
  { maxGzip: 600, without: ['_zod'] },
);
for (const [name, maxGzip, without] of [
  ['decodeServerMessage', 4_600, ['_zod', 'apiKey']],
  ['judgeServerMessage', 4_500, ['_zod', 'apiKey']],
  ['judgeMetalPrices', 1_900, ['_zod', 'whale', 'marketCap']],
  ['judgeCoinMessage', 1_450, ['_zod', 'whale', 'changes']],
])
  await checkBundle(
    `{ ${name} } from @tickwire/protocol/codec`,
    `import { ${name} } from '@tickwire/protocol/codec'; console.log(${name})`,
    { maxGzip, without },
  );
await checkBundle(
  'a web bundle of @tickwire/client names no ws',
  `import { PriceWebSocketClient } from '@tickwire/client'; console.log(PriceWebSocketClient)`,
  { maxGzip: 39_900, without: ['createRequire', 'Sec-WebSocket', '_zod'] },
);
await checkBundle(
  '@tickwire/client/compat alone',
  `import { PriceWebSocketClient } from '@tickwire/client/compat'; console.log(PriceWebSocketClient)`,
  { maxGzip: 40_750, without: ['createRequire', 'Sec-WebSocket', '_zod'] },
);
// What is not imported is not paid for: each line has its own budget, and the README's table is made of them.
const stream = (dialect, options = '') =>
  `import { PriceStream } from '@tickwire/client/core'; import { ${dialect} } from '@tickwire/client/dialects';
   console.log(new PriceStream('wss://a.example', { dialect: ${dialect}(${options}) }))`;
const imports = [
  ['`PriceStream` + `metals`', stream('metals'), 21_900],
  ['`PriceStream` + `coins`', stream('coins'), 22_100],
  ['`PriceStream` + `coinbase`', stream('coinbase'), 21_150],
  ['`PriceStream` + `binance`', stream('binance', "{ price: 'ticker' }"), 21_350],
  ['`PriceStream` + `tickwire`', stream('tickwire'), 32_950],
  [
    '`PriceWebSocketClient`: all three of the contract, `auto`, fallback, report',
    `import { PriceWebSocketClient } from '@tickwire/client'; console.log(PriceWebSocketClient)`,
    39_900,
  ],
];
const rows = [];
for (const [name, code, maxGzip] of imports) {
  const size = await checkBundle(name, code, { maxGzip, without: ['createRequire', 'Sec-WebSocket', '_zod'] });
  rows.push(`| ${name} | ${(size / 1000).toFixed(1)} kB |`);
}
check('the sizes in the README of @tickwire/client are those of this build', () => {
  const file = path.join(root, 'packages/client/README.md');
  const text = readFileSync(file, 'utf8');
  const table = ['| import | minified and gzipped |', '|---|---|', ...rows].join('\n');
  const [before, rest = ''] = text.split('<!-- sizes -->');
  const [, after] = rest.split('<!-- /sizes -->');
  const now = `${before}<!-- sizes -->\n\n${table}\n\n<!-- /sizes -->${after}`;
  if (now === text) return;
  if (table.includes('NaN')) throw new Error('A bundle could not be made.');
  if (!process.argv.includes('--write')) throw new Error('They are not. `pnpm package-shape --write` writes them.');
  writeFileSync(file, now);
});
await checkBundle(
  '@tickwire/client/format alone',
  `import { createPriceFormatter } from '@tickwire/client/format'; console.log(createPriceFormatter)`,
  { maxGzip: 1_000 },
);
await checkBundle(
  'createFakeClient of @tickwire/testing, beside the client',
  `import { createFakeClient } from '@tickwire/testing'; console.log(createFakeClient)`,
  { maxGzip: 5_600, without: ['node:net', 'Sec-WebSocket', '_zod'], external: ['@tickwire/client'] },
);
check('@tickwire/client: the build has shortened no public name', () => {
  const home = path.join(modules, '@tickwire/client');
  const texts = (where, kind) =>
    readdirSync(path.join(home, where), { recursive: true })
      .filter((file) => file.endsWith(kind) && !file.startsWith('web'))
      .map((file) => readFileSync(path.join(home, where, file), 'utf8'));
  const wordsOf = (code) => new Set(code.join('\n').match(/\w+/g));
  const declared = texts('dist', '.d.ts').flatMap((text) =>
    [...text.matchAll(/^ {4,}(?:readonly )?([A-Za-z_]\w*)\??[:(]/gm)].map(([, name]) => name),
  );
  // Without types and comments: what a source says at run time, the build has to say too.
  const said = wordsOf(
    texts('src', '.ts').map((text) => transformSync(text, { loader: 'ts', minifyWhitespace: true }).code),
  );
  const built = wordsOf(texts('dist', '.js'));
  const lost = [...new Set(declared)].filter((name) => said.has(name) && !built.has(name));
  if (lost.length > 0) throw new Error(lost.join(' '));
  return `${new Set(declared).size} names`;
});
// What hooks add to a page that has React and a client.
const besides = {
  without: ['_zod'],
  external: ['react', 'react/*', '@tickwire/client', '@tickwire/client/*', '@tickwire/protocol/*'],
};
const fromReact = (names, door = '') => `import { ${names} } from '@tickwire/react${door}'; console.log(${names})`;
const hooks = Object.keys(await import(path.join(modules, '@tickwire/react/dist/index.js')));
for (const [title, code, maxGzip] of [
  [
    'the provider of a stream, usePrice and useConnection',
    fromReact('PriceStreamProvider, usePrice, useConnection', '/core'),
    3_900,
  ],
  [
    'the provider with its url, usePrice and useConnection',
    fromReact('PriceStreamProvider, usePrice, useConnection'),
    6_500,
  ],
  ['useWebSocketPrices alone', fromReact('useWebSocketPrices'), 6_750],
  ['every hook', fromReact(hooks.join(', ')), 10_400],
])
  await checkBundle(`@tickwire/react, ${title}`, code, { ...besides, maxGzip });
await checkBundle(
  'a page with a stream of metals and hooks of @tickwire/react/core has no whole client in it',
  `${stream('metals')}; ${fromReact('PriceStreamProvider, usePrice', '/core')}`,
  {
    maxGzip: 27_800,
    without: ['alert_create', 'PriceWebSocketClient was called', '_zod'],
    external: ['react', 'react/*'],
  },
);
check('@tickwire/react bundles no React', () => {
  const home = path.join(modules, '@tickwire/react/dist');
  const files = readdirSync(home).filter((file) => file.endsWith('.js'));
  const text = files.map((file) => readFileSync(path.join(home, file), 'utf8')).join('\n');
  if (/ReactSharedInternals|__CLIENT_INTERNALS|__SECRET_INTERNALS/.test(text)) throw new Error('React stands in it');
  if (!/from\s*["']react["']/.test(text)) throw new Error('it imports no React');
});
/** The packages that are loaded with an entry of a package of ours, whichever of ours they come through. */
function loadedWith(file, seen = new Set(), outside = new Set()) {
  if (seen.has(file)) return outside;
  seen.add(file);
  for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/(?:from|import|require\()\s*["']([^"']+)["']/g)) {
    if (specifier.startsWith('.')) loadedWith(path.join(path.dirname(file), specifier), seen, outside);
    else if (!specifier.startsWith('@tickwire/')) outside.add(specifier);
    else {
      const [scope, name, room = 'index'] = specifier.split('/');
      loadedWith(path.join(modules, scope, name, 'dist', `${room}${path.extname(file)}`), seen, outside);
    }
  }
  return outside;
}
for (const entry of [
  'client/dist/index',
  'client/dist/core',
  'client/dist/dialects',
  'client/dist/web/core',
  'client/dist/web/dialects',
  'client/dist/compat',
  'client/dist/web/index',
  'client/dist/web/compat',
  'react/dist/index',
  'react/dist/core',
])
  for (const kind of ['.js', '.cjs'])
    check(`F20, F23, F24: @tickwire/${entry}${kind} loads nothing from outside but React`, () => {
      const files = new Set();
      const outside = [...loadedWith(path.join(modules, '@tickwire', `${entry}${kind}`), files)];
      const strange = outside.filter((name) => !/^react(\/|$)/.test(name));
      if (strange.length > 0) throw new Error(strange.join(' '));
      // A chunk of its own ends a build that makes one script, and a bundler warns of one that it does not find.
      const lazy = [...files].filter((file) => /\bimport\s*\(/.test(readFileSync(file, 'utf8')));
      if (lazy.length > 0) throw new Error(`${lazy.map((file) => path.basename(file)).join(' ')} loads on demand`);
      return outside.join(' ');
    });
check("'use client' stands first in both builds of both doors of @tickwire/react", () => {
  for (const file of ['index.js', 'index.cjs', 'core.js', 'core.cjs']) {
    const text = readFileSync(path.join(modules, '@tickwire/react/dist', file), 'utf8');
    // 'use strict' may come before it in CJS.
    if (!/^(?:['"]use strict['"];?\s*)?['"]use client['"]/.test(text)) throw new Error(`${file}: ${text.slice(0, 80)}`);
  }
});

const mostFirstLoad = 130_000;
check('the first load of the dashboard', () => {
  const dist = path.join(root, 'examples/dashboard/dist');
  const page = readFileSync(path.join(dist, 'index.html'));
  // What the page names itself; the chart, the search, the rows and the panels come when they are needed.
  const files = [...page.toString().matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, file]) =>
    path.join(dist, file),
  );
  if (files.length === 0) throw new Error('The page names no scripts. Was it built? pnpm build');
  const size = [page, ...files.map((file) => readFileSync(file))].reduce((sum, text) => sum + gzipSync(text).length, 0);
  const words = `${(size / 1_000).toFixed(1)} of ${mostFirstLoad / 1_000} kB gzipped`;
  if (size > mostFirstLoad) throw new Error(words);
  return words;
});

rmSync(folder, { recursive: true, force: true });
console.log(failed === 0 ? 'All packages have the shape that users need.' : `${failed} checks failed.`);
process.exitCode = failed === 0 ? 0 : 1;
