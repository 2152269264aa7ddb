import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, isProblem, root, Stage, until } from './stage.js';

const recordings = path.resolve(root, '../shared/data');
const session = path.join(recordings, 'coinbase-session.jsonl');
const candles = path.join(recordings, 'btc-usdt-1m-2021-01-03.json');
const isHere = existsSync(session) && existsSync(candles);
if (!isHere)
  console.log('The recorded market data is not beside this repository: the tests that replay it are skipped.');

/** Prices of SKL-USD in the recorded session, in order, as recorded. */
function recordedTickers(): string[] {
  return readFileSync(session, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse((JSON.parse(line) as { frame: string }).frame) as Record<string, string>)
    .filter((frame) => frame['type'] === 'ticker' && frame['product_id'] === 'SKL-USD')
    .map((frame) => frame['price'] ?? '');
}

function recordedCloses(): string[] {
  return (JSON.parse(readFileSync(candles, 'utf8')) as { close: string }[]).map((candle) => candle.close);
}

/** Whether `seen` occurs in `all` in this order, wherever it starts: what a viewer of a looping replay may see. */
function isInOrder(seen: readonly number[], all: readonly number[]): boolean {
  return all.some((_, start) => {
    let at = start;
    return seen.every((price) => {
      for (let steps = 0; steps < all.length; steps += 1, at += 1) {
        if (all[at % all.length] === price) return true;
      }
      return false;
    });
  });
}

describe.skipIf(!isHere || !hasChromium)('recorded prices', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage.close());

  it.each([
    {
      name: 'the Coinbase session',
      file: session,
      channel: 'coin:skl-usd',
      recorded: recordedTickers,
      speed: '4',
      currency: 'USD',
    },
    {
      name: 'the BTC candles',
      file: candles,
      channel: 'coin:btc-usdt',
      recorded: recordedCloses,
      speed: '120',
      currency: 'USDT',
    },
  ])(
    'of $name go through the server to the page and to the Node script',
    async ({ file, channel, recorded, speed, currency }) => {
      const all = recorded().map(Number);
      const { url, port, program } = await stage.server({
        PRICE_SOURCE: 'replay',
        REPLAY_FILE: file,
        REPLAY_SPEED: speed,
      });
      const script = stage.run('examples/node-scripts', 'src/tail-prices.ts', [
        '--url',
        `ws://127.0.0.1:${port}/ws`,
        channel,
      ]);
      const page = await (await stage.browser()).newPage();
      const problems: string[] = [];
      page.on('console', (message) => isProblem(message) && problems.push(message.text()));
      page.on('pageerror', (error) => problems.push(error.message));
      await page.goto(`${url}/?rows=50`);

      const cell = page.locator(`[data-channel="${channel}"] [data-price]`);
      const seen: number[] = [];
      await until('three different prices on the page', async () => {
        const text = (await cell.count()) === 0 ? null : await cell.getAttribute('data-price');
        if (text !== null && text !== '' && Number(text) !== seen.at(-1)) seen.push(Number(text));
        return seen.length >= 3 ? true : undefined;
      });
      expect(seen.every((price) => all.includes(price))).toBe(true);
      expect(isInOrder(seen, all)).toBe(true);
      expect(await page.locator(`[data-channel="${channel}"]`).innerText()).toContain(currency);
      expect(await page.locator('#connection-status').getAttribute('data-status')).toBe('connected');
      // In a replay the metals stay simulated, and the page says so.
      const origin = (row: string) => page.locator(`[data-channel="${row}"] .tag`).innerText();
      expect(await origin(channel)).toBe('Replay');
      expect(await origin('metal:gold')).toBe('Simulated');

      const printed = await until('three lines of the script', () => {
        const lines = script.output.split('\n').filter((line) => line.includes(`\t${channel}\t`));
        return lines.length >= 3 ? lines : undefined;
      });
      const prices = printed.map((line) => Number(line.split('\t')[3]));
      expect(isInOrder(prices, all)).toBe(true);
      expect(printed[0]).toMatch(/^2021-/); // recorded times are kept
      expect(problems).toEqual([]);

      await page.close();
      expect(await script.stop()).toBe(0);
      expect(await program.stop()).toBe(0);
    },
  );
});
