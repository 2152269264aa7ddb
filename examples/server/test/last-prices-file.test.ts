import { execFileSync } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../src/config.js';
import { createLastPricesFile } from '../src/services/last-prices-file.js';
import { createManualClock } from './manual-clock.js';
import { coinTick, metalTick } from './manual-source.js';
import { until } from './price-log.js';
import { startTestServer } from './test-server.js';

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tickwire-prices-'));
  file = path.join(folder, 'last-prices.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bitcoin = { source: 'manual', kind: 'coin' as const, id: 'bitcoin', currency: 'USD' };
const gold = { source: 'manual', kind: 'metal' as const, id: 'gold', currency: 'INR' };

function open(at = file) {
  const problems: string[] = [];
  const clock = createManualClock();
  const kept = createLastPricesFile({ file: at, clock, onProblem: (problem) => problems.push(problem) });
  return { kept, clock, problems };
}

describe('the file of last prices', () => {
  it('gives back what was noted: stale, under its own time and source', async () => {
    const first = open();
    first.kept.note([coinTick('bitcoin', '1.50', { volume24h: 5 }), coinTick('bitcoin', '2.50'), metalTick('gold', 7)]);
    await first.kept.close();
    const { kept, problems } = open();
    await kept.load();
    expect(kept.recall(bitcoin)).toEqual({ ...coinTick('bitcoin', '2.50'), stale: true });
    expect(kept.recall(gold)).toEqual({ ...metalTick('gold', 7), stale: true });
    for (const other of [{ source: 'coinbase' }, { currency: 'EUR' }, { kind: 'metal' as const }, { id: 'pepe' }]) {
      expect(kept.recall({ ...bitcoin, ...other })).toBeUndefined();
    }
    expect(problems).toEqual([]);
  });

  it('F34: leaves prices aside whose times are ahead of the clock, and says so', async () => {
    const first = open();
    first.kept.note([
      coinTick('bitcoin', 1, { timestamp: '2026-01-01T00:05:00Z' }),
      coinTick('dogecoin', 2, { timestamp: '2026-01-01T00:05:01Z' }),
      metalTick('gold', 3, { timestamp: '2999-01-01T00:00:00Z' }),
    ]);
    await first.kept.close();
    const { kept, problems } = open();
    await kept.load();
    expect(kept.recall(bitcoin)).toMatchObject({ price: 1 });
    expect([kept.recall({ ...bitcoin, id: 'dogecoin' }), kept.recall(gold)]).toEqual([undefined, undefined]);
    expect(problems).toEqual([`2 of the last prices have times ahead of the clock and are left aside: ${file}`]);
  });

  it.skipIf(process.getuid?.() === 0)(
    'in a folder that may only be read (root may write everywhere) is told of once, and read all the same',
    async () => {
      const first = open();
      first.kept.note([coinTick('bitcoin', 1)]);
      await first.kept.close();
      await chmod(folder, 0o555);
      try {
        const { kept, problems } = open();
        await kept.load();
        kept.note([coinTick('bitcoin', 2)]);
        await kept.close();
        expect(problems).toEqual([expect.stringMatching(/^The last prices could not be written \(EACCES\): /)]);
        expect(await readFile(file, 'utf8')).toContain('"price":1');
      } finally {
        await chmod(folder, 0o755);
      }
    },
  );

  const others: [string, (at: string) => Promise<unknown>][] = [
    ['a folder', (at) => mkdir(at)],
    ['a link to a file', (at) => writeFile(`${at}.target`, '{}').then(() => symlink(`${at}.target`, at))],
    ['a link to nothing', (at) => symlink(`${at}.gone`, at)],
    ['a pipe', (at) => Promise.resolve(execFileSync('mkfifo', [at]))],
  ];
  it.each(others)('F59: that is %s ends the start with words', async (_case, put) => {
    await put(file);
    await expect(open().kept.load()).rejects.toBeInstanceOf(ConfigurationError);
    const started = startTestServer({}, { PRICE_CACHE_FILE: file });
    await expect(started).rejects.toThrow(`PRICE_CACHE_FILE: ${file} is no plain file`);
  });

  it.each(others)('F59: is written whatever stands in the place of its draft: %s', async (kind, put) => {
    const draft = `${file}.draft`;
    await put(draft);
    const { kept, problems } = open();
    kept.note([coinTick('bitcoin', 1)]);
    await kept.close();
    if (kind === 'a folder') {
      expect(problems).toEqual([expect.stringMatching(/^The last prices could not be written /)]);
      return;
    }
    expect(problems).toEqual([]);
    expect((await lstat(file)).isFile()).toBe(true);
    expect(await readFile(file, 'utf8')).toContain('"price":1');
    if (kind === 'a link to a file') expect(await readFile(`${draft}.target`, 'utf8')).toBe('{}');
    expect(await readdir(folder)).not.toContain(path.basename(`${draft}.gone`));
  });

  it('is written soon after a price, once for many, and leaves no draft', async () => {
    const { kept, clock } = open();
    kept.note([coinTick('bitcoin', 1)]);
    kept.note([coinTick('bitcoin', 2)]);
    expect(clock.waiting).toBe(1);
    expect(await readdir(folder)).toEqual([]);
    clock.advance(2_000);
    await until('the file', () => clock.waiting === 0);
    await kept.close();
    expect(await readdir(folder)).toEqual(['last-prices.json']);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ version: 1, ticks: [{ price: 2 }] });
  });

  it('keeps the last good price, not a stale one', async () => {
    const { kept } = open();
    kept.note([coinTick('bitcoin', 1)]);
    kept.note([coinTick('bitcoin', 2, { stale: true })]);
    await kept.close();
    expect(await readFile(file, 'utf8')).toContain('"price":1');
  });

  it('that is not there is no problem', async () => {
    const { kept, problems } = open();
    await kept.load();
    expect(problems).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['half a file', '{"version":1,"ticks":[{"kind":"co'],
    ['another version', '{"version":2,"ticks":[]}'],
    ['a price that is none', JSON.stringify({ version: 1, ticks: [{ ...coinTick('bitcoin', 1), price: 'x' }] })],
    ['a refused name', JSON.stringify({ version: 1, ticks: [coinTick('constructor', 1)] })],
    ['too much', ' '.repeat(4_194_305)],
  ])('with %s in it is told of once, and the server starts without', async (_case, text) => {
    await writeFile(file, text);
    const { kept, problems } = open();
    await kept.load();
    expect(problems).toEqual([
      `The last prices could not be read (it is no list of prices), starting without them: ${file}`,
    ]);
    expect(kept.recall(bitcoin)).toBeUndefined();
    kept.note([coinTick('bitcoin', 3)]);
    await kept.close();
    expect(await readFile(file, 'utf8')).toContain('"price":3');
  });

  it('in a folder that is not there is told of once, not at every price', async () => {
    const { kept, clock, problems } = open(path.join(folder, 'gone', 'x.json'));
    for (let price = 1; price <= 3; price += 1) {
      kept.note([coinTick('bitcoin', price)]);
      clock.advance(2_000);
      await kept.close();
    }
    expect(problems).toEqual([expect.stringMatching(/^The last prices could not be written \(ENOENT\): /)]);
  });
});

describe('a server with a file of last prices', () => {
  it('starts with the prices of its last run, stale and under their own time, until the source has told', async () => {
    const environment = { PRICE_CACHE_FILE: file };
    const first = await startTestServer({}, environment);
    first.source.tell(coinTick('bitcoin', '64000.10'));
    await first.close();

    const second = await startTestServer({}, environment);
    const client = await second.openTickwire();
    client.send({ type: 'subscribe', id: 1, data: { channels: [{ channel: 'coin:bitcoin' }] } });
    const snapshot = await client.next('snapshot');
    expect(snapshot.data.items[0]?.message).toMatchObject({
      type: 'price_update',
      data: { price: '64000.10', timestamp: '2026-01-01T00:00:00.000Z', stale: true },
    });
    second.source.tell(coinTick('bitcoin', '64001'));
    const fresh = await client.next('price_update');
    expect(fresh.data).toMatchObject({ price: '64001' });
    expect(fresh.data).not.toHaveProperty('stale');
    await second.close();
  });

  it('says what is wrong with the file, and starts', async () => {
    await writeFile(file, 'not prices');
    const lines: string[] = [];
    const server = await startTestServer(
      {},
      { PRICE_CACHE_FILE: file, LOG_LEVEL: 'warn' },
      { logTo: { write: (line) => void lines.push(line) } },
    );
    expect(lines.join('')).toContain('starting without them');
    await server.close();
  });
});
