import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const doors = [
  'protocol/src/index.ts',
  'protocol/src/codec.ts',
  'client/src/index.ts',
  'client/src/format.ts',
  'react/src/index.ts',
  'client/src/compat.ts',
  'testing/src/index.ts',
];

describe('every exported name', () => {
  it.each(doors)(
    'of %s has its docstring',
    (door) => {
      const file = path.join(root, 'packages', door);
      const base = ts.parseConfigFileTextToJson('', readFileSync(path.join(root, 'tsconfig.base.json'), 'utf8'));
      const { options } = ts.convertCompilerOptionsFromJson(
        { ...(base.config as { compilerOptions: object }).compilerOptions, jsx: 'react-jsx', lib: ['ES2023', 'DOM'] },
        root,
      );
      const program = ts.createProgram([file], options);
      const checker = program.getTypeChecker();
      const source = program.getSourceFile(file);
      const module = source && checker.getSymbolAtLocation(source);
      const names = module === undefined ? [] : checker.getExportsOfModule(module);
      expect(names.length).toBeGreaterThan(1);
      const silent = names
        .map((name) => (name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name))
        .filter((name) => name.getDocumentationComment(checker).length === 0)
        .map((name) => name.name);
      expect(silent).toEqual([]);
    },
    60_000,
  );
});
