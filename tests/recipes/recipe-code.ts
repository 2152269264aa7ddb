/** The code of the recipes, read from their pages: each block is a file, whose name stands in its first line. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import ts from 'typescript';
import { problemsOf } from '../../packages/react/test/documented-code.js';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'docs/recipes');

/** A block of a page. */
export interface Block {
  readonly page: string;
  /** Its first line's; empty where it has none. */
  readonly name: string;
  readonly code: string;
}

/** What `import` may leave out. */
const endings = ['', '.ts', '.tsx'];

export const pages = readdirSync(folder).filter((file) => file.endsWith('.md'));

/** The page that names all others. */
export const indexText = readFileSync(path.join(folder, 'README.md'), 'utf8');

export const blocks: readonly Block[] = pages.flatMap((page) =>
  [...readFileSync(path.join(folder, page), 'utf8').matchAll(/^```tsx?\n(.*?)^```$/gms)].map(([, code = '']) => ({
    page,
    name: /^\/\/ ([\w./-]+)\n/.exec(code)?.[1] ?? '',
    code,
  })),
);

/** Where a block would stand if it were a file beside this one. */
const pathOf = ({ page, name }: Block): string => path.join(import.meta.dirname, path.basename(page, '.md'), name);
const files = new Map(blocks.map((block) => [pathOf(block), block]));

/** What a compiler says of all blocks, with the packages as they are. */
export const problems = (): string[] =>
  problemsOf(
    new Map([...files].map(([file, { code }]) => [file, code])),
    path.join(import.meta.dirname, 'tsconfig.json'),
  );

/** A module of the recipes as it would run; what it imports comes from its page, or from `outside`. */
export type Load = (page: string, name: string) => Record<string, unknown>;

/** @param change of a block's text before it runs, for addresses */
export function loader(outside: ReadonlyMap<string, object>, change: (code: string) => string): Load {
  const loaded = new Map<Block, Record<string, unknown>>();

  function run(block: Block): Record<string, unknown> {
    const known = loaded.get(block);
    if (known !== undefined) return known;
    const exports: Record<string, unknown> = {};
    loaded.set(block, exports);
    const { outputText } = ts.transpileModule(change(block.code), {
      fileName: block.name,
      compilerOptions: {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2022,
        jsx: ts.JsxEmit.ReactJSX,
        esModuleInterop: true,
      },
    });
    const require = (name: string): object => {
      if (!name.startsWith('.')) {
        const found = outside.get(name);
        if (found === undefined) throw new Error(`A recipe imports ${name}, which this test does not know.`);
        return found;
      }
      const target = path.join(path.dirname(pathOf(block)), name);
      const found = endings.map((ending) => files.get(target + ending)).find((each) => each !== undefined);
      if (found === undefined) throw new Error(`${block.page}: no block is ${name}.`);
      return run(found);
    };
    const body = vm.compileFunction(outputText, ['require', 'exports'], {
      filename: `${block.page}/${block.name}`,
    }) as (load: typeof require, out: object) => void;
    body(require, exports);
    return exports;
  }

  return (page, name) => {
    const block = blocks.find((each) => each.page === page && each.name === name);
    if (block === undefined) throw new Error(`${page} has no block ${name}.`);
    return run(block);
  };
}
