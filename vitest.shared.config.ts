/** What every run of tests has in common: where packages come from, and how long one waits in vain. */
import { existsSync } from 'node:fs';
import path from 'node:path';

// Packages resolve to their sources: nothing has to be built before a test.
const conditions = ['@tickwire/source'];

// `pnpm test:built` runs the client's tests against what is published, whose internal names are short.
const built = (file: string): string => path.resolve(import.meta.dirname, 'packages/client/dist', file);
const alias =
  process.env['TICKWIRE_BUILT'] === undefined
    ? []
    : [
        { find: /^@tickwire\/client$/, replacement: built('index.js') },
        { find: /^@tickwire\/client\/(compat|core|dialects|format)$/, replacement: built('$1.js') },
      ];

export const resolution = {
  resolve: { alias, conditions: [...conditions, 'module', 'browser', 'development|production'] },
  ssr: { resolve: { conditions: [...conditions, 'module', 'node', 'development|production'] } },
};

/**
 * A test waits for facts. These bounds only end one whose fact never comes, so they are far above what a machine that is busy
 * with other work takes; nothing is measured with them.
 */
export const patience = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } };

if (!existsSync(process.env['REDIS_SERVER_PATH'] ?? '/usr/bin/redis-server')) {
  console.log(
    'No redis-server at /usr/bin/redis-server: tests of many nodes are skipped. Install it, or name one with REDIS_SERVER_PATH.',
  );
}
if (!existsSync(process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium')) {
  console.log(
    'No Chromium at /usr/bin/chromium: tests that need it are skipped. Install it, or name one with CHROMIUM_PATH.',
  );
}
