import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import redos from 'eslint-plugin-redos';
import regexp from 'eslint-plugin-regexp';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const sources = [
  'packages/*/{src,test,scripts}/**/*.{ts,tsx}',
  'examples/**/*.{ts,tsx}',
  'tests/**/*.{ts,tsx}',
  'bench/**/*.{ts,tsx}',
  '*.config.ts',
  'scripts/*.ts',
];

/** Chance and clocks come in by injection; a pure room that reads them cannot be tested as a table. */
const impure = [
  { object: 'Date', property: 'now', message: 'Time comes in by injection.' },
  { object: 'Math', property: 'random', message: 'Chance comes in by injection.' },
];

export default defineConfig(
  globalIgnores(['**/dist/**', '**/coverage/**', '**/generated/**', 'tests/packages/projects/**/*.ts*']),
  js.configs.recommended,
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        fetch: 'readonly',
        module: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
  {
    files: ['tests/packages/projects/**'],
    // Each file is of another world: Deno, CommonJS, a page, a worker, Jest.
    rules: { 'no-undef': 'off' },
  },
  {
    files: sources,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      eqeqeq: ['error', 'always'],
    },
  },
  {
    // A pattern that takes more than linear time is a way to stop whoever reads outside text. One checker reasons on the
    // syntax, the other looks for a text that does it; each finds some that the other does not.
    files: ['**/*.{js,mjs,cjs,ts,tsx}'],
    plugins: { regexp, redos },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
      'redos/no-vulnerable': 'error',
    },
  },
  {
    files: [
      'packages/protocol/src/**/*.ts',
      'packages/client/src/kernel/{life,life-state,heartbeat,pace,verdicts,asks,frames,dialect}.ts',
    ],
    rules: { 'no-restricted-properties': ['error', ...impure], 'no-restricted-globals': ['error', 'Date', 'console'] },
  },
  {
    files: ['packages/client/src/**/*.ts', 'packages/react/src/**/*.{ts,tsx}'],
    rules: { 'no-restricted-properties': ['error', ...impure] },
  },
  {
    files: ['packages/client/src/**/*.ts', 'packages/react/src/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: '@tickwire/protocol',
              allowTypeImports: true,
              message: 'It loads zod: values come from its /rules.',
            },
          ],
        },
      ],
    },
  },
  { files: ['packages/client/src/io/clock.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['packages/react/**', 'examples/dashboard/**'], extends: [reactHooks.configs.flat.recommended] },
  {
    files: ['**/test/**/*.{ts,tsx}', 'tests/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'no-console': 'off',
      // What a test looks for, it has made itself.
      'redos/no-vulnerable': 'off',
      'regexp/no-super-linear-backtracking': 'off',
    },
  },
  {
    // Nothing of it is rendered, and what has no type there must not compile.
    files: ['packages/react/test/wrong-programs.test.tsx'],
    rules: {
      'react-hooks/rules-of-hooks': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['examples/node-scripts/**', 'examples/server/src/main.ts', '*.config.ts', '**/scripts/**', 'bench/**'],
    rules: { 'no-console': 'off' },
  },
);
