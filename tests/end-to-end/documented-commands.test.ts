import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pnpmCommands, shellBlocks, textOf } from './documented-commands.js';

const root = path.resolve(import.meta.dirname, '../..');
const proofOfRuns = 'tests/end-to-end/documented-commands.long.test.ts';

/** Where a line of a block is run; a line that fits none of these is one that nobody has tried. */
const proofs: readonly [line: RegExp, file: string, words: string][] = [
  [/^npx -y pnpm@12\.21\.0 test$/, '.ci/run', 'pnpm test'],
  [/^npm install (?:--save-dev |-D )?(?:[\w@/.-]+ ?)+$/, '.ci/run', 'matrix'],
];

/** pnpm's own commands that have a name which a script may have as well: without `run` they win. */
const ownCommands = [
  'token',
  'publish',
  'pack',
  'list',
  'link',
  'config',
  'update',
  'audit',
  'login',
  'owner',
  'search',
];

function scriptsOf(filter: string | undefined): Record<string, string> {
  const folders = filter === undefined ? ['.'] : filter.startsWith('.') ? [filter] : [...workspaces];
  for (const folder of folders) {
    const file = path.join(root, folder, 'package.json');
    if (!existsSync(file)) continue;
    const { name, scripts } = JSON.parse(readFileSync(file, 'utf8')) as {
      name: string;
      scripts?: Record<string, string>;
    };
    if (filter === undefined || filter.startsWith('.') || name === filter) return scripts ?? {};
  }
  return {};
}
const workspaces = ['packages', 'examples', 'tests'].flatMap((folder) =>
  readdirSync(path.join(root, folder)).map((name) => path.join(folder, name)),
);

describe('F26: the commands of the READMEs and pages', () => {
  const commands = pnpmCommands();

  it('F26: are found', () => {
    expect(commands.length).toBeGreaterThan(30);
    expect(shellBlocks().length).toBeGreaterThan(4);
  });

  it.each(commands.map((command) => [command.page, command.command, command] as const))(
    'F26: %s: %s is a script, and pnpm does not take it for a command of its own',
    (_page, _command, { filter, hasRun, name }) => {
      if (['install', 'changeset', 'add', 'exec'].includes(name)) return;
      expect(Object.keys(scriptsOf(filter))).toContain(name);
      if (ownCommands.includes(name)) expect(hasRun).toBe(true);
    },
  );

  it.each(shellBlocks().flatMap(({ page, script }) => script.split('\n').map((line) => [page, line] as const)))(
    'F26: %s: %s has a proof',
    (_page, line) => {
      const [, file = proofOfRuns, words = line.trim()] = proofs.find(([pattern]) => pattern.test(line)) ?? [];
      // The long test names each line that it runs, as it stands in the page.
      expect(textOf(file)).toContain(words);
    },
  );
});
