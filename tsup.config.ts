import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type Options } from 'tsup';
import { internalNames } from './scripts/internal-names.js';

/**
 * One build for every package: its entries are the sources that its `exports` name under `@tickwire/source`, and
 * those that it lists as `tickwire.rooms`, so that a package.json is the only place that knows what is public.
 * Run in a package's folder: `tsup --config ../../tsup.config.ts`.
 */
interface Manifest {
  name: string;
  exports: Record<string, string | Record<string, unknown>>;
  tickwire?: { rooms?: string[]; wholeRooms?: string[]; webRooms?: Record<string, string>; shortNames?: boolean };
}

const manifest = JSON.parse(readFileSync(path.resolve('package.json'), 'utf8')) as Manifest;

const entryName = (source: string): string => source.replace(/^\.\/src\//, '').replace(/\.tsx?$/, '');
const sources = Object.values(manifest.exports).flatMap((target) => {
  const source = typeof target === 'object' ? target['@tickwire/source'] : undefined;
  return typeof source === 'string' ? [source] : [];
});
const entriesOf = (rooms: Iterable<string>): Record<string, string> =>
  Object.fromEntries(Array.from(rooms, (source) => [entryName(source), source]));
const entry = entriesOf(new Set([...sources, ...(manifest.tickwire?.rooms ?? [])]));
// Rooms that Node gets in one file each: what a bundler leaves out by the file, Node would read file by file.
const wholeEntry = entriesOf(manifest.tickwire?.wholeRooms ?? []);

/** Where a package asks for it, properties that are nobody else's business get short names: see docs/decisions/0005. */
const ownNames = manifest.tickwire?.shortNames === true ? internalNames(path.resolve('.'), Object.values(entry)) : [];

/** Splitting puts what CommonJS needs before a directive, which then is none. */
const directives: NonNullable<Options['plugins']>[number] = {
  name: 'directives',
  buildEnd({ writtenFiles }) {
    for (const { name } of writtenFiles.filter((file) => file.name.endsWith('.cjs'))) {
      const text = readFileSync(name, 'utf8');
      if (text.includes('"use client";')) writeFileSync(name, `"use client";${text}`);
    }
  },
};

const base: Options = {
  format: ['esm', 'cjs'],
  target: 'es2022',
  sourcemap: true,
  // `net` without `node:` is somebody's package to Deno and to a bundler.
  removeNodeProtocol: false,
  clean: false, // configs run side by side: the package's script empties dist once
  // Rooms share chunks where there are several.
  splitting: Object.keys(entry).length > 1,
  external: [/^@tickwire\//],
  plugins: [directives],
  esbuildOptions(options, { format }) {
    // Constants reach their uses here: a user's bundler sees but one file, in which they are variables. What turns chunks
    // into CommonJS breaks on the result (a field's initialiser within a comma expression).
    options.minifySyntax = format === 'esm';
    // A package that is built in is taken as the module it has for browsers: its door for imports leads back to CommonJS,
    // which not every bundler and no page without one takes.
    options.alias = { eventemitter3: path.resolve('node_modules', 'eventemitter3/dist/eventemitter3.esm.js') };
    // In CommonJS, what a module is called is said in other words.
    if (format === 'cjs') options.define = { ...options.define, 'import.meta.url': '__filename' };
    if (ownNames.length > 0) options.mangleProps = new RegExp(`^(?:${ownNames.join('|')})$`);
  },
  outExtension: ({ format }) => ({ js: format === 'cjs' ? '.cjs' : '.js' }),
};

// The web build swaps rooms that only Node may have (a WebSocket package) for their web twins.
const webRooms = Object.entries(manifest.tickwire?.webRooms ?? {});

export default defineConfig([
  { ...base, entry, platform: 'node', dts: { compilerOptions: { ignoreDeprecations: '6.0' } } },
  ...(Object.keys(wholeEntry).length === 0
    ? []
    : [
        {
          ...base,
          entry: wholeEntry,
          platform: 'node' as const,
          outDir: 'dist/whole',
          splitting: false,
          dts: false,
        } satisfies Options,
      ]),
  ...(webRooms.length === 0
    ? []
    : [
        {
          ...base,
          entry,
          platform: 'browser' as const,
          outDir: 'dist/web',
          dts: false,
          esbuildPlugins: [
            {
              name: 'web-rooms',
              setup(build) {
                // By where an import leads, not by how it is written: it may come from any folder.
                build.onResolve({ filter: /^\..*\.js$/ }, (from) => {
                  const target = path.join(from.resolveDir, from.path.replace(/\.js$/, '.ts'));
                  const room = webRooms.find(([nodeRoom]) => path.resolve(nodeRoom) === target);
                  return room === undefined ? undefined : { path: path.resolve(room[1]) };
                });
              },
            } satisfies NonNullable<Options['esbuildPlugins']>[number],
          ],
        } satisfies Options,
      ]),
]);
