/** The examples of docs/exchanges.md, against exchanges of this machine. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import ts from 'typescript';
import { afterEach, describe, expect, it } from 'vitest';
import * as core from '../../src/core.js';
import * as dialects from '../../src/dialects.js';
import { documentedTicker } from './binance-frames.js';
import { ticker } from './coinbase-frames.js';
import { binanceServer, coinbaseServer } from './exchange-servers.js';

const page = readFileSync(path.resolve(import.meta.dirname, '../../../../docs/exchanges.md'), 'utf8');
const examples = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Runs an example with another address; returns what it prints. */
async function run(code: string, address: string, url: string): Promise<unknown[][]> {
  expect(code).toContain(`'${address}'`);
  const printed: unknown[][] = [];
  const print = (...values: unknown[]): void => void printed.push(values);
  const given = code
    .replace(address, url)
    .replace(
      /^import (\{.*\}) from '(.*)';$/gm,
      (_line, names: string, from: string) => `const ${names} = given['${from}'];`,
    );
  const text = ts.transpile(`(async () => {\n${given}\n})()`, { target: ts.ScriptTarget.ES2022 });
  await (vm.runInNewContext(text, {
    given: { '@tickwire/client/core': core, '@tickwire/client/dialects': dialects },
    console: { log: print, error: print },
  }) as Promise<void>);
  return printed;
}

describe('the examples of the page about exchanges', () => {
  it('follow Coinbase Exchange', async () => {
    const server = await coinbaseServer({
      granted: (peer) => peer.send(ticker(1, '69420.12', { best_bid: '69420.11' })),
    });
    closers.push(() => server.stop());
    const printed = await run(examples[0] ?? '', 'wss://ws-feed.exchange.coinbase.com', server.url);
    expect(printed).toEqual([['btc-usd', 69_420.12, 'USD', undefined, '2026-01-01T00:00:01.000Z', '69420.11']]);
  });

  it('follow Binance', async () => {
    const data = { ...documentedTicker.data, s: 'SHIBUSDT', c: '0.00000123' };
    const server = await binanceServer({ granted: (peer) => peer.send({ stream: 'shibusdt@ticker', data }) });
    closers.push(() => server.stop());
    const printed = await run(examples[1] ?? '', 'wss://stream.binance.com:9443/stream', `${server.url}/stream`);
    expect(printed).toEqual([['shibusdt', 1.23e-6, 250, '2022-12-31T19:43:02.136Z', '0.00000123']]);
  });
});
