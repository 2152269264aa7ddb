import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildServer, ConfigurationError, loadConfig } from '../src/index.js';
import { recordedFile } from './recorded-data.js';
import { StreamClient } from './stream-client.js';

const frame = (product: string, price: string) =>
  JSON.stringify({ type: 'ticker', product_id: product, price, time: '2024-05-01T10:00:00.123456Z', open_24h: '1.00' });
const lines = [
  { receivedAt: 0, frame: frame('ABC-USD', '1.50') },
  { receivedAt: 400, frame: frame('ABC-USD', '1.60') },
  { receivedAt: 800, frame: frame('XYZ-EUR', '0.00000120') },
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'replay-'));
  await writeFile(path.join(folder, 'session.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
  await writeFile(path.join(folder, 'empty.jsonl'), '\n');
});
afterAll(() => rm(folder, { recursive: true }));

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function replay(file: string, speed: string): Promise<StreamClient> {
  const environment = { LOG_LEVEL: 'silent', PRICE_SOURCE: 'replay', REPLAY_FILE: file, REPLAY_SPEED: speed };
  const app = buildServer(loadConfig({ WS_LOOP_DELAY_MS: '60000', ...environment }));
  undo.push(() => app.close());
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = await StreamClient.tickwire(`ws://127.0.0.1:${port}/ws`);
  undo.push(() => client.close());
  return client;
}

describe('a replay', () => {
  it('streams recorded prices and times, in a new epoch each round', async () => {
    const client = await replay(path.join(folder, 'session.jsonl'), '4');
    client.send({
      type: 'subscribe',
      id: 'r1',
      data: { channels: [{ channel: 'coin:abc-usd' }, { channel: 'coin:xyz-eur' }] },
    });
    await client.next('ack');
    const second = await client.next('price_update', ({ sub, seq }) => sub === 'coin:abc-usd' && seq === 2);
    expect(second.data).toMatchObject({
      coinId: 'abc-usd',
      price: '1.60',
      currency: 'USD',
      priceChange24h: 60,
      source: 'replay',
      timestamp: '2024-05-01T10:00:00.123456Z',
    });
    const again = await client.next(
      'price_update',
      ({ sub, epoch }) => sub === 'coin:abc-usd' && epoch !== second.epoch,
    );
    expect(again).toMatchObject({ seq: 1, data: { price: '1.50' } });
    expect(again).not.toHaveProperty('skip');
    const third = await client.next(
      'price_update',
      ({ sub, epoch }) => sub === 'coin:abc-usd' && epoch !== second.epoch && epoch !== again.epoch,
    );
    expect(third.seq).toBe(1);
  });

  it('has the recorded coins and, labelled as such, simulated metals', async () => {
    const client = await replay(path.join(folder, 'session.jsonl'), '1');
    client.send({ type: 'catalog', id: 'c' });
    const { items } = (await client.next('ack')).data as { items: Record<string, unknown>[] };
    expect(items.map(({ channel, currency, source }) => [channel, currency, source])).toEqual([
      ['coin:abc-usd', 'USD', 'replay'],
      ['coin:xyz-eur', 'EUR', 'replay'],
      ['metal:gold', 'INR', 'simulated'],
      ['metal:silver', 'INR', 'simulated'],
      ['metal:platinum', 'INR', 'simulated'],
      ['metal:palladium', 'INR', 'simulated'],
    ]);
    client.send({ type: 'subscribe', id: 'r1', data: { channels: [{ channel: 'metal:gold' }] } });
    const { data } = await client.next('snapshot');
    expect(data.items[0]?.message).toMatchObject({ data: { gold: { source: 'simulated' } } });
  });

  it.each([
    ['missing', 'missing.jsonl', /REPLAY_FILE: there is no file/],
    ['without prices', 'empty.jsonl', /REPLAY_FILE: no price in it/],
  ])('of a file that is %s does not start, and says why', async (_case, name, words) => {
    const config = loadConfig({ LOG_LEVEL: 'silent', PRICE_SOURCE: 'replay', REPLAY_FILE: path.join(folder, name) });
    const app = buildServer(config);
    undo.push(() => app.close());
    const started = app.listen({ host: '127.0.0.1', port: 0 });
    await expect(started).rejects.toThrow(ConfigurationError);
    await expect(started).rejects.toThrow(words);
  });
});

const session = recordedFile('coinbase-session.jsonl');
it.skipIf(session === undefined)('streams every recorded SKL-USD price, digit for digit and in order', async () => {
  const text = await readFile(session!, 'utf8');
  const recorded = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse((JSON.parse(line) as { frame: string }).frame) as Record<string, string>)
    .filter((ticker) => ticker['type'] === 'ticker' && ticker['product_id'] === 'SKL-USD')
    .map(({ price, time }) => [price, time]);
  const client = await replay(session!, '60');
  client.send({ type: 'subscribe', id: 'r1', data: { channels: [{ channel: 'coin:skl-usd' }] } });
  // The round that is playing has begun already; the next one is whole.
  const first = await client.next('price_update');
  const begun = await client.next('price_update', ({ epoch }) => epoch !== first.epoch);
  const round = [begun];
  while (round.length < recorded.length) round.push(await client.next('price_update'));
  expect(round.every(({ epoch }) => epoch === begun.epoch)).toBe(true);
  expect(round.map(({ seq }) => seq)).toEqual(recorded.map((_, index) => index + 1));
  expect(round.map(({ data }) => [data['price'], data['timestamp']])).toEqual(recorded);
});

const candles = recordedFile('btc-usdt-1m-2021-01-03.json');
it.skipIf(candles === undefined)('streams recorded candles as coin:btc-usdt', async () => {
  const closes = (JSON.parse(await readFile(candles!, 'utf8')) as { close: string }[]).map(({ close }) => close);
  const client = await replay(candles!, '6000');
  client.send({ type: 'subscribe', id: 'r1', data: { channels: [{ channel: 'coin:btc-usdt' }] } });
  const prices: unknown[] = [];
  while (prices.length < 20) prices.push((await client.next('price_update')).data['price']);
  const start = closes.indexOf(String(prices[0]));
  expect(start).toBeGreaterThan(0);
  expect(prices).toEqual(closes.slice(start, start + 20));
});
