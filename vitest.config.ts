import { existsSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

// Packages resolve to their sources: nothing has to be built before a test.
const conditions = ['@tickwire/source'];

// `pnpm test:built` runs the client's tests against what is published, whose internal names are short.
const built = (file: string): string => path.resolve(import.meta.dirname, 'packages/client/dist', file);
const alias =
  process.env['TICKWIRE_BUILT'] === undefined
    ? []
    : [
        { find: /^@tickwire\/client$/, replacement: built('index.js') },
        { find: /^@tickwire\/client\/(compat|format)$/, replacement: built('$1.js') },
      ];
// The hooks' tests run with React 18 as well: the same files, another React under them.
const react18 = ['react', 'react-dom', '@testing-library/react'].map((name) => ({
  find: new RegExp(`^${name}(?=/|$)`),
  replacement: path.resolve(import.meta.dirname, 'tests/react-18/node_modules', name),
}));
const shared = {
  resolve: { alias, conditions: [...conditions, 'module', 'browser', 'development|production'] },
  ssr: { resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] } },
};

if (!existsSync(process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium')) {
  console.log(
    'No Chromium at /usr/bin/chromium: tests that need it are skipped. Install it, or name one with CHROMIUM_PATH.',
  );
}

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'node',
          environment: 'node',
          setupFiles: ['packages/client/test/leaks.ts'],
          include: ['packages/{protocol,client,testing,lab}/test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
        },
      },
      {
        ...shared,
        test: { name: 'react', environment: 'happy-dom', include: ['packages/react/test/**/*.test.{ts,tsx}'] },
      },
      {
        ...shared,
        resolve: { ...shared.resolve, alias: [...alias, ...react18] },
        test: {
          name: 'react-18',
          environment: 'happy-dom',
          include: ['packages/react/test/**/*.test.{ts,tsx}'],
          exclude: ['packages/react/test/readmes.test.tsx'],
        },
      },
      {
        ...shared,
        test: {
          name: 'end-to-end',
          environment: 'node',
          include: ['tests/*/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
