import path from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { patience, resolution } from './vitest.shared.config.js';

// What starts processes or takes minutes is `*.long.test.ts`, which `pnpm test:long` runs.
const exclude = [...configDefaults.exclude, '**/*.long.test.{ts,tsx}'];

// The hooks' tests run with React 18 as well: the same files, another React under them.
const react18 = ['react', 'react-dom', '@testing-library/react'].map((name) => ({
  find: new RegExp(`^${name}(?=/|$)`),
  replacement: path.resolve(import.meta.dirname, 'tests/react-18/node_modules', name),
}));

export default defineConfig({
  test: {
    // One less than there are cores is the default: on two of them that is half of the machine.
    maxWorkers: '100%',
    projects: [
      {
        ...resolution,
        test: {
          ...patience,
          name: 'node',
          environment: 'node',
          setupFiles: ['packages/client/test/leaks.ts'],
          include: ['packages/{protocol,client,testing,lab}/test/**/*.test.ts', 'examples/*/test/**/*.test.{ts,tsx}'],
          exclude,
        },
      },
      {
        ...resolution,
        test: {
          ...patience,
          name: 'react',
          environment: 'happy-dom',
          include: ['packages/react/test/**/*.test.{ts,tsx}'],
          exclude,
        },
      },
      {
        ...resolution,
        resolve: { ...resolution.resolve, alias: [...resolution.resolve.alias, ...react18] },
        test: {
          ...patience,
          name: 'react-18',
          environment: 'happy-dom',
          include: ['packages/react/test/**/*.test.{ts,tsx}'],
          exclude: [...exclude, 'packages/react/test/readmes.test.tsx'],
        },
      },
      {
        ...resolution,
        test: {
          ...patience,
          name: 'end-to-end',
          environment: 'node',
          include: ['tests/*/**/*.test.{ts,tsx}'],
          exclude,
        },
      },
    ],
  },
});
