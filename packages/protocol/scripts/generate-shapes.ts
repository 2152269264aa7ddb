/**
 * Turns the zod schemas into the rooms of `src/generated`: shapes as text for `src/shape.ts`, and straight-line checks for the two
 * price messages. `pnpm generate` writes them; `pnpm generate --check` fails when they are not current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Source } from '../src/shape.js';
import { clientSources, envelopeSource, priceSources, serverSources } from './message-sources.js';
import { textOf } from './shape-text.js';
import { StraightLine } from './straight-line.js';

const header =
  '// Made by scripts/generate-shapes.ts from the zod schemas; `pnpm generate` makes it anew. Not to be edited.\n';

/** One literal for a minifier, one line a shape for people. */
function shapesRoom(name: string, sources: Readonly<Record<string, Source>>): string {
  const lines = textOf(sources).map((line, index) => JSON.stringify(index === 0 ? line : `,${line}`));
  return `${header}/** Read by \`shapesOf\`. */\nexport const ${name} =\n  ${lines.join(' +\n  ')};\n`;
}

/** A room of straight-line code that imports what it names. */
function checksRoom(code: StraightLine, homes: Readonly<Record<string, readonly string[]>>): string {
  const text = [...code.functions.values()].join('\n\n');
  const imports = Object.entries(homes).flatMap(([home, names]) => {
    const used = names.filter((name) => new RegExp(String.raw`\b${name.replace('type ', '')}\b`).test(text));
    return used.length === 0 ? [] : [`import { ${used.join(', ')} } from '${home}';\n`];
  });
  return `${header}${imports.join('')}\n${text}\n`;
}

const parts = new StraightLine();
parts.message(envelopeSource, 'envelope');
const coins = new StraightLine(parts);
coins.message(priceSources.coinPrice, 'coinPrice');
coins.message(priceSources.coinNotice, 'coinNotice');
const metals = new StraightLine(parts);
metals.message(priceSources.metalPrices, 'metalPrices');
metals.value(priceSources.metalQuote, 'metalQuote');

const homes = {
  '../fault.js': ['below', 'expected', 'isJsonObject', 'itemsFault', 'type Fault', 'type JsonObject'],
  '../formats.js': ['isDecimalString', 'isTime'],
};
const checkHomes = { ...homes, './price-parts.js': [...parts.functions.keys()] };

const rooms: Record<string, string> = {
  'server-shapes.ts': shapesRoom('serverShapes', serverSources),
  'client-shapes.ts': shapesRoom('clientShapes', clientSources),
  'price-parts.ts': checksRoom(parts, homes),
  'coin-checks.ts': checksRoom(coins, checkHomes),
  'metal-checks.ts': checksRoom(metals, checkHomes),
};
const onlyCheck = process.argv.includes('--check');
for (const [name, text] of Object.entries(rooms)) {
  const file = new URL(`../src/generated/${name}`, import.meta.url);
  if (!onlyCheck) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.exitCode = 1;
    console.error(
      `src/generated/${name} is not what the schemas say. Run "pnpm --filter @tickwire/protocol generate" and commit it.`,
    );
  }
}
