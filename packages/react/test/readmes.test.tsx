// @vitest-environment node
/** Every TypeScript example of the READMEs compiles against the packages, and does what it shows against a server. */
import { closePage } from './page.js';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import * as client from '@tickwire/client';
import * as compat from '@tickwire/client/compat';
import * as core from '@tickwire/client/core';
import * as dialects from '@tickwire/client/dialects';
import * as format from '@tickwire/client/format';
import * as protocol from '@tickwire/protocol';
import * as codec from '@tickwire/protocol/codec';
import * as testingLibrary from '@testing-library/react';
import * as testing from '@tickwire/testing';
import type { ReactNode } from 'react';
import * as jsxRuntime from 'react/jsx-runtime';
import { createRoot } from 'react-dom/client';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as reactCore from '../src/core.js';
import * as react from '../src/index.js';
import { problemsOf } from './documented-code.js';
import { readmeServer, type ReadmeServer } from './readme-server.js';

const root = path.resolve(import.meta.dirname, '../../..');

interface Example {
  readonly file: string;
  readonly language: string;
  readonly code: string;
}

function examplesOf(file: string): Example[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(/^```(tsx?)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({
    file,
    language,
    code,
  }));
}

const readmes = [
  'README.md',
  'packages/client/README.md',
  'packages/protocol/README.md',
  'packages/react/README.md',
  'packages/testing/README.md',
];
const examples = readmes.flatMap(examplesOf);

/** What an example takes for granted. */
const granted = 'declare const text: string;\n';

describe('the examples of the READMEs', () => {
  it('compile against the packages as they are', () => {
    const texts = new Map(
      examples.map(({ code, language }, index) => [
        path.join(import.meta.dirname, `example-${index}.${language}`),
        `${granted}${code}\nexport {};\n`,
      ]),
    );
    // The examples are for readers: they print, and leave to strict options what an application decides.
    const problems = problemsOf(texts, path.join(import.meta.dirname, 'tsconfig.json'), { types: ['node'] });
    expect(problems).toEqual([]);
  });

  let server: ReadmeServer;
  const opened: { close(): unknown }[] = [];
  beforeAll(async () => {
    server = await readmeServer();
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });
  afterAll(async () => {
    await server.stop();
    await closePage();
  });

  /** The modules that examples import; clients are remembered, so that they can be closed. */
  const modules: Readonly<Record<string, object>> = {
    '@tickwire/client': {
      ...client,
      PriceWebSocketClient: class extends client.PriceWebSocketClient {
        constructor(...given: ConstructorParameters<typeof client.PriceWebSocketClient>) {
          super(...given);
          opened.push(this);
        }
      },
    },
    '@tickwire/client/compat': {
      PriceWebSocketClient: class extends compat.PriceWebSocketClient {
        constructor(...given: ConstructorParameters<typeof compat.PriceWebSocketClient>) {
          super(...given);
          opened.push(this);
        }
      },
    },
    '@tickwire/client/core': {
      ...core,
      PriceStream: class extends core.PriceStream {
        constructor(...given: ConstructorParameters<typeof core.PriceStream>) {
          super(...given);
          opened.push(this);
        }
      },
    },
    '@tickwire/client/dialects': dialects,
    '@tickwire/client/format': format,
    '@tickwire/protocol': protocol,
    '@tickwire/protocol/codec': codec,
    '@tickwire/react': react,
    '@tickwire/react/core': reactCore,
    '@tickwire/testing': testing,
    '@testing-library/react': testingLibrary,
    'react/jsx-runtime': jsxRuntime,
  };

  /** Runs an example; what it prints is written down, what it declares can be looked at. */
  function run(
    { code }: Example,
    text = '',
  ): { printed: string[]; declared: Record<string, unknown>; done: Promise<void> } {
    const local = code
      .replaceAll(/wss?:\/\/(?:prices\.example|localhost:3001)\/ws/g, server.url)
      .replaceAll('wss://down.example/ws', 'ws://127.0.0.1:9/')
      .replaceAll('https://prices.example/api/prices', server.pricesUrl);
    const components = [...local.matchAll(/^(?:export const|function) ([A-Z]\w*)/gm)].map(([, name = '']) => name);
    const { outputText } = ts.transpileModule(`${local}\n;Object.assign(declared, { ${components.join(', ')} });`, {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, jsx: ts.JsxEmit.ReactJSX },
    });
    const printed: string[] = [];
    const print = (...parts: unknown[]): unknown => printed.push(parts.map(String).join(' '));
    const load = (name: string): object => {
      const found = modules[name];
      if (found === undefined) throw new Error(`An example imports ${name}, which this test does not know.`);
      return found;
    };
    const declared: Record<string, unknown> = {};
    const names = ['require', 'exports', 'console', 'text', 'declared'];
    const values = [load, {}, { log: print, warn: print }, text, declared];
    // Examples await at their top.
    const body = vm.runInThisContext(`(async (${names.join(', ')}) => {${outputText}\n})`) as (
      ...given: unknown[]
    ) => Promise<void>;
    return { printed, declared, done: body(...values) };
  }

  const page = (node: ReactNode): (() => string) => {
    const container = document.createElement('div');
    const rendered = createRoot(container);
    rendered.render(node);
    opened.push({ close: () => rendered.unmount() });
    return () => container.textContent;
  };

  async function running(example: Example): Promise<void> {
    // The act of testing-library speaks to this flag.
    vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
    try {
      await run(example).done;
    } finally {
      testingLibrary.cleanup();
      vi.unstubAllGlobals();
    }
  }

  /** What shows that an example works, by a line that only it has. */
  const proofs: readonly [line: string, prove: (example: Example) => Promise<void>][] = [
    ["import { createFakeClient } from '@tickwire/testing';", running],
    ['replayDialect(metals()', printing('{"type":"subscribe","metals":["gold"]} metal:gold 5420.5 1')],
    ['createFaultProxy', printing('50000', '51000')],
    ['console.log(tick.channel, tick.price, tick.direction', printing('connected', /^coin:bitcoin 100 same/)],
    ["status === 'connected' ? price", rendering('App', '100')],
    ["from '@tickwire/react/core';", rendering('App', '200')],
    ['usePriceDirection(', rendering('Row', '100')],
    ['usePriceHistory(', rendering('Sparkline', '100')],
    ['useWhaleMovements(', rendering('Market', '1bitcoin 900000reddit')],
    ['useAlerts()', rendering('Alerts', '1price_above')],
    ['usePortfolio()', rendering('Portfolio', '1234')],
    ["import { decodeServerMessage } from '@tickwire/protocol/codec';\n", decoding],
    ['import { decodeServerMessage, encodeMessage }', decoding],
    ['console.log(tick.price, tick.direction)', printing('100 same')],
    ['  break;\n', printing('100')],
    ['minIntervalMs: 250', printing('coin:bitcoin 100', 'metal:gold 200', 'whale 900000')],
    ['staleAfterMs: 500', printing('fresh', 'coin:bitcoin stale')],
    ['client.alerts.create', printing('17 1')],
    ['client.catalog()', printing('coin:bitcoin true 0')],
    ["client.events('whale_movement'", printing('bitcoin')],
    ['fallback: {', printing('100', 'polling')],
    ['client.inspect()', printing(/^\{.*"version".*\} \d+$/)],
    ['formatPercent', printing('$0.000001230 -1.50%')],
    ['@tickwire/client/compat', printing('200')],
    ["stream.subscribe('metal:gold'", printing('200 unverified')],
    [
      "function Bitcoin() {\n  const price = usePrice('coin:bitcoin', (tick) => tick?.price); //",
      rendering('Bitcoin', '100'),
    ],
  ];

  function printing(...expected: (string | RegExp)[]): (example: Example) => Promise<void> {
    return async (example) => {
      const { printed, done } = run(example);
      // Some examples close what they print from, others go on.
      void done.catch((error: unknown) => printed.push(`failed: ${String(error)}`));
      for (const each of expected) {
        const isThere = (): boolean =>
          printed.some((line) => (typeof each === 'string' ? line === each : each.test(line)));
        await testing.until(`${String(each)} in what is printed`, isThere).catch((error: unknown) => {
          throw new Error(`${String(error)}; it printed:\n${printed.join('\n')}`);
        });
      }
      expect(printed.filter((line) => line.startsWith('failed'))).toEqual([]);
      expect(printed.join('\n')).not.toContain('secret');
    };
  }

  function rendering(name: string, expected: string): (example: Example) => Promise<void> {
    return async (example) => {
      const { declared, done } = run(example);
      await done;
      const Component = declared[name] as () => ReactNode;
      if (name === 'App') {
        const shown = page(<Component />);
        await testing.until('the price on the page', () => shown() === expected);
        return;
      }
      const own = new client.PriceWebSocketClient(server.url, { token: 'secret' });
      opened.push(own);
      const shown = page(
        <react.PriceStreamProvider client={own}>
          <Component />
        </react.PriceStreamProvider>,
      );
      await testing.until('the price on the page', () => shown() === expected);
    };
  }

  async function decoding(example: Example): Promise<void> {
    const good = run(example, '{"type":"price_update","data":{"coinId":"bitcoin","price":"0.5"}}');
    await good.done;
    expect(good.printed).toHaveLength(1);
    const bad = run(example, '{"type":"price_update","data":{"coinId":"bitcoin","price":"much"}}');
    await bad.done;
    expect(bad.printed).toEqual([expect.stringMatching(/^BAD_MESSAGE data\.price expected/)]);
  }

  it.each(examples.map((example) => [example.file, example.code.trim().split('\n').slice(-2)[0], example] as const))(
    '%s: … %s … does what it shows',
    async (_file, _line, example) => {
      const known = proofs.filter(([line]) => example.code.includes(line));
      expect(known.map(([line]) => line)).toHaveLength(1);
      await known[0]?.[1](example);
    },
  );

  it('are as many as there are proofs', () => {
    expect(proofs).toHaveLength(examples.length);
  });
});
