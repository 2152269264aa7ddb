/** The commands that the project's pages tell people to type, read from the pages themselves. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** Every page of the repository but decisions, which tell of the past, and notes for the next release. */
export function pages(): string[] {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' });
  return files.split('\n').filter((file) => file !== '' && !/^docs\/decisions\/|^\.changeset\//.test(file));
}

export const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** A fenced block for a shell, without its comments. */
export interface ShellBlock {
  readonly page: string;
  readonly script: string;
}

export function shellBlocks(): ShellBlock[] {
  return pages().flatMap((page) =>
    [...textOf(page).matchAll(/^[ \t]*```(?:bash|sh|shell|console)\n(.*?)^[ \t]*```/gms)].map(([, code = '']) => ({
      page,
      script: code
        .split('\n')
        .map((line) => line.replace(/(^|\s)#\s.*$/, '').trimEnd())
        .filter((line) => line.trim() !== '')
        .join('\n'),
    })),
  );
}

/** What follows `pnpm` in a command: the package it is for, the script, and whether `run` says that it is a script. */
export interface PnpmCommand {
  readonly page: string;
  readonly command: string;
  readonly filter: string | undefined;
  readonly hasRun: boolean;
  readonly name: string;
}

/** Every `pnpm …` in a block for a shell or between backticks. */
export function pnpmCommands(): PnpmCommand[] {
  const spoken = pages().flatMap((page) =>
    [...textOf(page).matchAll(/`([^`\n]*\bpnpm[^`\n]*)`/g)].map(([, script = '']) => ({ page, script })),
  );
  return [...shellBlocks(), ...spoken].flatMap(({ page, script }) =>
    [...script.matchAll(/\bpnpm(?:@[\d.]+)?((?: --silent)?)(?: --filter (\S+))?( run)? ([a-z][\w:-]*)/g)].map(
      ([command, , filter, run, name = '']) => ({ page, command, filter, hasRun: run !== undefined, name }),
    ),
  );
}
