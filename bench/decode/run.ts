/** Runs the measurement in Node, in Node without code generation, and in Chromium; measures bundles; writes results.md. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import type { Figures } from './measure.js';

const here = import.meta.dirname;
const folder = mkdtempSync(path.join(tmpdir(), 'tickwire-bench-'));
const conditions = ['@tickwire/source'];

async function bundle(source: string, platform: 'node' | 'browser'): Promise<string> {
  const result = await build({
    stdin: { contents: source, resolveDir: here, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform,
    conditions,
    write: false,
  });
  return result.outputFiles[0]?.text ?? '';
}
const gzip = (text: string): number => gzipSync(text, { level: 9 }).length;

async function inNode(args: readonly string[]): Promise<Figures> {
  const file = path.join(folder, 'measure.mjs');
  writeFileSync(file, await bundle("import './measure-here.js'", 'node'));
  const out = execFileSync(process.execPath, [...args, file], { encoding: 'utf8', maxBuffer: 1 << 24 });
  return JSON.parse(out) as Figures;
}

async function inChromium(): Promise<{ version: string; figures: Figures } | undefined> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) return undefined;
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage();
    const code = await bundle(
      "import { measure } from './measure.js'; globalThis.tickwireMeasure = measure;",
      'browser',
    );
    await page.addScriptTag({ content: code, type: 'module' });
    await page.waitForFunction('typeof tickwireMeasure === "function"');
    return { version: browser.version(), figures: await page.evaluate<Figures>('tickwireMeasure()') };
  } finally {
    await browser.close();
  }
}

const table = (figures: Figures): string =>
  [
    '| decoder | `price_update` of the seed | `priceUpdate` of 100 metals |',
    '|---|---|---|',
    ...figures.rows.map(
      (row) =>
        `| ${row.name} | ${row.coin.toFixed(2)} × (${Math.round(row.coinNs)} ns) | ${row.metals.toFixed(2)} × (${(row.metalsNs / 1000).toFixed(1)} µs) |`,
    ),
    '',
    `A bad frame (price "n/a") costs ${figures.badToGood.toFixed(2)} × a good one.`,
  ].join('\n');

async function sizes(): Promise<string> {
  const rows: [string, string][] = [
    [
      '`{ decodeServerMessage }` from `@tickwire/protocol/codec`',
      "import { decodeServerMessage } from '@tickwire/protocol/codec'; console.log(decodeServerMessage)",
    ],
    [
      '`{ judgeServerMessage }`, for what is already parsed',
      "import { judgeServerMessage } from '@tickwire/protocol/codec'; console.log(judgeServerMessage)",
    ],
    [
      '`{ judgeMetalPrices }`, `priceUpdate` alone',
      "import { judgeMetalPrices } from '@tickwire/protocol/codec'; console.log(judgeMetalPrices)",
    ],
    [
      '`{ judgeCoinMessage }`, `price_update` alone',
      "import { judgeCoinMessage } from '@tickwire/protocol/codec'; console.log(judgeCoinMessage)",
    ],
    [
      'both directions',
      "import { decodeServerMessage, decodeClientMessage } from '@tickwire/protocol/codec'; console.log(decodeServerMessage, decodeClientMessage)",
    ],
    ['`{ coin }` from `@tickwire/protocol`', "import { coin } from '@tickwire/protocol'; console.log(coin)"],
    [
      'the zod schema of `price_update` alone',
      "import { coinPriceMessageSchema } from '@tickwire/protocol'; console.log(coinPriceMessageSchema)",
    ],
    [
      'the zod schemas of every server message',
      "import { serverMessageSchema } from '@tickwire/protocol'; console.log(serverMessageSchema)",
    ],
  ];
  const lines: string[] = [];
  for (const [name, code] of rows)
    lines.push(`| ${name} | ${(gzip(await bundle(code, 'browser')) / 1000).toFixed(2)} kB |`);
  return ['| bundle | min + gzip |', '|---|---|', ...lines].join('\n');
}

const version = (name: string): string => {
  const file = path.join(here, '../node_modules', name, 'package.json');
  return `${name} ${(JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version}`;
};

console.error('Node …');
const plain = await inNode([]);
console.error('Node without code generation …');
const strict = await inNode(['--disallow-code-generation-from-strings']);
console.error('Chromium …');
const page = await inChromium();
rmSync(folder, { recursive: true, force: true });

const text = `# Decoding

Made by \`pnpm bench:decode\`. Every figure is the time of parsing and checking one frame against bare \`JSON.parse\` in the same round: medians of
15 rounds in which all took turns. Input: 256 variants of the seed document's \`price_update\` (227 characters) and 16 of a
\`priceUpdate\` of 100 metals (12.5 kB), each frame with its own price and time. Our codec decodes every message of the contract and gives a
path for every fault; the others check this one message.

Node ${process.version}, ${cpus()[0]?.model ?? ''} × ${cpus().length}; ${['zod', 'valibot', 'ajv'].map(version).join(', ')}.

## Node

${table(plain)}

## Node with --disallow-code-generation-from-strings

${table(strict)}

## Chromium${page === undefined ? '\n\nNot measured: no Chromium here.' : ` ${page.version}\n\n${table(page.figures)}`}

## Sizes

${await sizes()}
`;
const file = path.join(here, 'results.md');
const kept = existsSync(file) ? readFileSync(file, 'utf8').split('\n## A million mutated frames\n')[1] : undefined;
writeFileSync(file, kept === undefined ? text : `${text}\n## A million mutated frames\n${kept}`);
console.log(text);
