import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { buildServer, loadConfig } from '../src/index.js';
import { StreamClient } from './stream-client.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Status {
  readonly sources: readonly { name: string; state: string; problem?: string; ticks: number }[];
}

/** A server whose coins come from a price API that answers as `answer` does at the moment. */
async function startWith(upstream: { answer: (response: ServerResponse) => void }) {
  const api = createServer((_request, response) => upstream.answer(response));
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  closers.push(() => new Promise((resolve) => api.close(resolve)));
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/simple/price`;
  const environment = { PRICE_SOURCE: 'http', PRICE_URL: url, PRICE_COINS: 'bitcoin', PRICE_UPDATE_INTERVAL: '100' };
  const app = buildServer(loadConfig({ LOG_LEVEL: 'silent', WS_LOOP_DELAY_MS: '60000', ...environment }));
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  closers.push(() => app.close());
  const client = await StreamClient.tickwire(`${base.replace('http', 'ws')}/ws`);
  closers.push(() => client.close());
  client.send({ type: 'subscribe', id: 1, data: { channels: [{ channel: 'coin:bitcoin' }] } });
  await client.next('ack');
  const get = async (route: string): Promise<unknown> => (await fetch(`${base}${route}`)).json();
  return {
    client,
    source: async () => ((await get('/api/status')) as Status).sources.find(({ name }) => name === 'http'),
    coins: async () => {
      const { data } = (await get('/api/prices')) as { data: { items: { channel: string; message: object }[] } };
      return data.items.filter(({ channel }) => channel.startsWith('coin:'));
    },
    ready: async () => (await fetch(`${base}/readyz`)).status,
  };
}

const page = (response: ServerResponse): void => void response.end('<html>Please wait</html>');
const price = (response: ServerResponse): void => {
  const body = { bitcoin: { usd: '64000.10', last_updated_at: Math.floor(Date.now() / 1_000) } };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
};

describe('a server whose price API is bad', () => {
  it('has no price to tell and tells none, and says so at every door', async () => {
    const { client, source, coins, ready } = await startWith({ answer: page });
    await expect.poll(async () => (await source())?.state).toBe('failing');
    expect(await source()).toMatchObject({
      ticks: 0,
      problem: 'The price API answered with no JSON object: check PRICE_URL',
    });
    expect(await coins()).toEqual([]);
    expect(await ready()).toBe(503);
    await client.settle();
    expect(client.frames.map(({ type }) => type)).toEqual(['hello', 'ack', 'pong']);
  });

  it('once it had a price keeps it, stale and under its own time, for those who are there and those who come', async () => {
    const upstream = { answer: price };
    const { client, source, coins, ready } = await startWith(upstream);
    const isStale = ({ data }: { data: object }) => 'stale' in data;
    await expect.poll(async () => (await coins()).length).toBe(1);
    expect(await ready()).toBe(200);
    upstream.answer = page;
    const stale = await client.next('price_update', isStale);
    const told = client.ofType('price_update').findLast((frame) => !isStale(frame));
    const snapshot = client.ofType('snapshot')[0]?.data.items[0]?.message as { data: object } | undefined;
    const before = (told ?? snapshot)?.data as { price: string; timestamp: string };
    expect(stale.data).toMatchObject({ price: '64000.10', timestamp: before.timestamp, stale: true });
    expect(await coins()).toMatchObject([{ channel: 'coin:bitcoin', message: { data: { stale: true } } }]);
    expect(await source()).toMatchObject({ state: 'failing' });
    expect(await ready()).toBe(503);
  });
});
