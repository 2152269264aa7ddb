/** Code that stands in pages, as a compiler sees it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/**
 * What the compiler says of files that are only texts, with the packages as they are.
 *
 * @param texts by the path at which a file would stand
 * @param tsconfig whose options hold
 * @param change options that readers of the page need not have
 */
export function problemsOf(
  texts: ReadonlyMap<string, string>,
  tsconfig: string,
  change: ts.CompilerOptions = {},
): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(tsconfig, undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (problem) => {
      throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
    },
  });
  if (config === undefined) throw new Error(`There is no ${tsconfig}.`);
  const options: ts.CompilerOptions = { ...config.options, noEmit: true, ...change };
  const host = ts.createCompilerHost(options);
  const sourceOfReal = host.getSourceFile.bind(host);
  const readReal = host.readFile.bind(host);
  const isRealFolder = host.directoryExists?.bind(host);
  const folders = new Set([...texts.keys()].flatMap((file) => [path.dirname(file), path.dirname(path.dirname(file))]));
  host.readFile = (file) => texts.get(file) ?? readReal(file);
  host.fileExists = (file) => texts.has(file) || existsSync(file);
  host.directoryExists = (name) => folders.has(name) || isRealFolder?.(name) === true;
  host.getSourceFile = (file, version, ...rest) => {
    const text = texts.get(file);
    return text === undefined ? sourceOfReal(file, version, ...rest) : ts.createSourceFile(file, text, version);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  return [...texts].flatMap(([file, text]) => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText, start = 0 }) => {
      const line = source?.getLineAndCharacterOfPosition(start).line ?? 0;
      const [written = ''] = text.split('\n').slice(line);
      return `${path.basename(file)}:${line + 1} ${written.trim()} → ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
}
