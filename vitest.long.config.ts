/** `pnpm test:long`: what starts processes and browsers, kills and stops them, or takes its time. */
import { defineConfig } from 'vitest/config';
import { patience, resolution } from './vitest.shared.config.js';

export default defineConfig({
  ...resolution,
  test: {
    ...patience,
    testTimeout: 300_000,
    environment: 'node',
    setupFiles: ['packages/client/test/leaks.ts'],
    include: ['{packages,examples,tests}/*/**/*.long.test.{ts,tsx}'],
  },
});
