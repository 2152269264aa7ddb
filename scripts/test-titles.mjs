// The titles of tests, read from the syntax tree of their files.
import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** The identifier that a call begins with and what hangs on it: `it.each(table)` → ['it', 'each']. */
function calleeOf(expression) {
  if (ts.isCallExpression(expression) || ts.isTaggedTemplateExpression(expression)) {
    return calleeOf(ts.isCallExpression(expression) ? expression.expression : expression.tag);
  }
  if (ts.isPropertyAccessExpression(expression)) return [...calleeOf(expression.expression), expression.name.text];
  return ts.isIdentifier(expression) ? [expression.text] : [];
}

/** A title as it is written: `a ${kind} frame` stays with its placeholder. */
function titleOf(source, argument) {
  if (argument === undefined) return undefined;
  if (ts.isStringLiteralLike(argument)) return argument.text;
  return ts.isTemplateExpression(argument) ? argument.getText(source).slice(1, -1) : undefined;
}

/**
 * Calls back for each test of a file with its own title and those of the blocks around it, the outermost first; those of
 * `it.skip` and `it.todo` do not count.
 */
function walk(file, tell) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const visit = (node, isSkipped, around) => {
    let skipped = isSkipped;
    let outer = around;
    if (ts.isCallExpression(node)) {
      const [first, ...rest] = calleeOf(node.expression);
      if (['it', 'test', 'describe'].includes(first)) {
        skipped ||= rest.includes('skip') || rest.includes('todo');
        const title = titleOf(source, node.arguments[0]);
        if (title !== undefined && first === 'describe') outer = [...around, title];
        else if (title !== undefined && !skipped) tell(title, around);
      }
    }
    ts.forEachChild(node, (child) => visit(child, skipped, outer));
  };
  visit(source, false, []);
}

/** The titles of a file's tests, as a set. */
export function titlesOf(file) {
  const titles = new Set();
  walk(file, (title) => titles.add(title));
  return titles;
}

/** The same with the titles of the blocks around them in front. */
export function fullTitlesOf(file) {
  const titles = [];
  walk(file, (title, around) => titles.push([...around, title].join(' ')));
  return titles;
}
