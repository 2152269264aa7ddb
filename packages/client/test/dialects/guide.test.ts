/** docs/dialects.md: every example compiles, and does what the page says against the server that the page invents. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { checkDialect, replayDialect, ScriptedServer, until, type Answers, type Peer } from '@tickwire/testing';
import * as testing from '@tickwire/testing';
import ts from 'typescript';
import { afterEach, describe, expect, it } from 'vitest';
import * as zod from 'zod';
import * as core from '../../src/core.js';
import type { DialectSource } from '../../src/core.js';
import * as dialects from '../../src/dialects.js';

const page = readFileSync(path.resolve(import.meta.dirname, '../../../../docs/dialects.md'), 'utf8');
const address = 'wss://rates.example/feed';
const blocks = [...page.matchAll(/^```ts\n(?:\/\/ (\S+)\n)?(.*?)^```$/gms)].map(
  ([, file = 'client.ts', code = '']) => [file, code] as const,
);
const sources = new Map(blocks);

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Exports = Record<string, unknown>;
interface Run {
  readonly exported: Exports;
  readonly done: Promise<void>;
  readonly printed: unknown[][];
  readonly tests: (readonly [title: string, run: () => Promise<void>])[];
}

/** Runs an example, and those that it imports. */
function run(file: string, url = address): Run {
  const printed: unknown[][] = [];
  const tests: Run['tests'] = [];
  const print = (...values: unknown[]): unknown => printed.push(values);
  const given: Readonly<Record<string, object>> = {
    '@tickwire/client/core': core,
    '@tickwire/client/dialects': dialects,
    '@tickwire/testing': testing,
    zod,
    vitest: { expect, it: (title: string, test: () => Promise<void>) => tests.push([title, test]) },
  };
  const load = (name: string): object => given[name] ?? run(`${path.basename(name, '.js')}.ts`).exported;
  const code = (sources.get(file) ?? '').replace(address, url);
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  // Examples await at their top; those that are imported do not.
  const way = /^(?:await|for await)/m.test(code) ? 'async ' : '';
  const body = vm.runInThisContext(`(${way}(require, exports, console) => {${outputText}\n})`) as (
    ...values: unknown[]
  ) => Promise<void> | undefined;
  const exported: Exports = {};
  return { exported, done: Promise.resolve(body(load, exported, { log: print, error: print })), printed, tests };
}

const plainRates = (): DialectSource => (run('rates.ts').exported['rates'] as () => DialectSource)();
const checkedRates = (): DialectSource => run('checked-rates.ts').exported['checkedRates'] as DialectSource;
const resumingRates = (): DialectSource => run('resuming-rates.ts').exported['resumingRates'] as DialectSource;

const rate = (pair: string, mid: string, n: number): object => ({
  ...{ type: 'rate', pair, mid, n },
  at: '2026-01-01T00:00:00Z',
});

/** What the server of the page says. */
const answers: Answers = ({ type, ref, pairs, after }) => {
  const names = (pairs ?? []) as string[];
  if (type === 'ping') return { type: 'pong', ref };
  if (type === 'leave') return { type: 'left', ref };
  if (type !== 'follow') return undefined;
  const unknown = names.filter((pair) => pair === 'ABCXYZ');
  const known = names.filter((pair) => pair !== 'ABCXYZ');
  const from = (after ?? {}) as Record<string, number>;
  return [
    { type: 'following', ref, pairs: known, unknown },
    ...known.map((pair) => rate(pair, '1.0843', (from[pair] ?? 16) + 1)),
    { type: 'news', text: 'Markets close at 22:00' },
  ];
};

async function ratesServer(): Promise<ScriptedServer> {
  const received = (peer: Peer, message: Record<string, unknown>): void => {
    for (const said of [answers(message, 1)].flat()) if (said !== undefined) peer.send(said);
  };
  const server = await ScriptedServer.start({ received });
  closers.push(() => server.stop());
  return server;
}

const channels = ['fx:eurusd', 'fx:gbpusd'];
const frames = [rate('EURUSD', '1.0843', 17), { type: 'news', text: 'closed' }];

describe('the guide to dialects', () => {
  it('has only examples that compile against the packages, and a typo does not', () => {
    const typed = sources.get('typed.ts') ?? '';
    const typos = [
      ["'fx:eurusd', show", "'fy:eurusd', show"],
      ["on('news'", "on('mews'"],
      ['text.trim()', 'text.price'],
      ['tick.price.toFixed', 'tick.prise.toFixed'],
    ] as const;
    const mistaken = typos.map(([right, wrong], index) => {
      expect(typed).toContain(right);
      return [`typo-${index}.ts`, typed.replace(right, wrong)] as const;
    });
    const config = ts.getParsedCommandLineOfConfigFile(
      path.resolve(import.meta.dirname, '../tsconfig.json'),
      undefined,
      { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (problem) => expect(problem.messageText).toBe('') },
    );
    const options: ts.CompilerOptions = { ...config?.options, noEmit: true, types: ['node'], composite: false };
    const virtual = new Map(
      [...sources, ...mistaken].map(([file, code]) => [path.join(import.meta.dirname, file), `${code}\nexport {};\n`]),
    );
    const host = ts.createCompilerHost(options);
    const sourceOf = host.getSourceFile.bind(host);
    host.readFile = (file) => virtual.get(file) ?? ts.sys.readFile(file);
    host.fileExists = (file) => virtual.has(file) || existsSync(file);
    host.getSourceFile = (file, version, ...rest) => {
      const text = virtual.get(file);
      return text === undefined ? sourceOf(file, version, ...rest) : ts.createSourceFile(file, text, version);
    };
    const program = ts.createProgram([...virtual.keys()], options, host);
    const problemsOf = (file: string): string[] => {
      const source = program.getSourceFile(path.join(import.meta.dirname, file));
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return found.map((each) => `${file}: ${ts.flattenDiagnosticMessageText(each.messageText, '\n')}`);
    };
    expect([...sources.keys()].flatMap(problemsOf)).toEqual([]);
    expect(mistaken.map(([file]) => problemsOf(file).length > 0)).toEqual([true, true, true, true]);
    expect(problemsOf('typo-0.ts').join()).toContain('"fy:eurusd"');
  });

  it('builds a dialect in at most 40 lines', () => {
    const lines = (sources.get('rates.ts') ?? '').split('\n');
    const start = lines.findIndex((line) => line.startsWith('export function rates'));
    const end = lines.findIndex((line, index) => index > start && line === '}');
    expect(end - start + 1).toBeGreaterThan(20);
    expect(end - start + 1).toBeLessThanOrEqual(40);
  });

  it('makes a client of it that follows the server', async () => {
    const server = await ratesServer();
    const { printed, done } = run('client.ts', server.url);
    await done;
    expect(printed).toContainEqual(['Markets close at 22:00']);
    expect(printed).toContainEqual(['fx:eurusd', 1.0843, 'same']);
    expect(server.last.received[0]).toEqual({ type: 'follow', ref: 'r1', pairs: ['EURUSD', 'GBPUSD'] });
  });

  it('types it so that nothing goes out for a stream that is closed at once', async () => {
    const server = await ratesServer();
    const { printed, done } = run('typed.ts', server.url);
    await done;
    expect(printed).toEqual([]);
  });

  it('refuses what the server does not have, and asks again after a lost link', async () => {
    const server = await ratesServer();
    const dialect = plainRates();
    const stream = new core.PriceStream(server.url, { dialect, reconnect: { minDelayMs: 1, baseDelayMs: 2 } });
    closers.push(() => stream.close());
    await expect(stream.subscribe('fx:abcxyz', () => undefined).ready()).rejects.toMatchObject({
      code: 'UNKNOWN_CHANNEL',
    });
    await expect(stream.subscribe('fx:eurusd', () => undefined).ready()).resolves.toEqual({ confirmed: true });
    server.last.socket.terminate();
    await until('the pair is asked for again', () => server.peers[1]?.received[0] !== undefined);
    expect(server.last.received[0]).toMatchObject({ type: 'follow', pairs: ['ABCXYZ', 'EURUSD'] });
  });

  it('checks frames by a schema', async () => {
    const dialect = checkedRates();
    const broken = { ...frames[0], mid: 'much' };
    const { prices, invalid, events } = await replayDialect(dialect, [...frames, broken, { type: 'promo' }], {
      subscribe: channels,
    });
    expect(prices).toMatchObject([{ channel: 'fx:eurusd', price: 1.0843 }]);
    expect(events).toEqual([{ name: 'news', payload: 'closed' }]);
    expect(invalid.map(({ path: where }) => where)).toEqual(['mid', 'type']);
    const checks = await checkDialect(dialect, { channels, frames, mutants: 100 });
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('resumes with a memory of each stream', async () => {
    const dialect = resumingRates();
    const checks = await checkDialect(dialect, { channels, frames, answers, mostFrames: 1, resumes: true });
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.find(({ check }) => check.startsWith('resumes'))?.note).toContain('"after":{"EURUSD":17');
  });

  it('tests it as the page shows', async () => {
    const { tests, done } = run('rates.test.ts');
    await done;
    expect(tests.map(([title]) => title)).toEqual(['reads rates and news', 'does what every dialect has to do']);
    for (const [, test] of tests) await test();
  });

  it('names every check, and no other', async () => {
    const dialect = plainRates();
    const checks = await checkDialect(dialect, { channels, frames, answers, mutants: 0 });
    const table = page.slice(page.indexOf('| check |')).split('\n\n')[0] ?? '';
    const named = table
      .split('\n')
      .slice(2)
      .map((line) => line.split('|')[1]?.trim());
    expect(named).toEqual(checks.map(({ check }) => check));
  });
});
