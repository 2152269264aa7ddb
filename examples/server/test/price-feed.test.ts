import { afterEach, describe, expect, it } from 'vitest';
import type { SourceStatus } from '../src/sources/price-source.js';
import { coinTick, metalTick } from './manual-source.js';
import { startTestServer, type TestServer } from './test-server.js';

let server: TestServer;
afterEach(() => server.close());

const manual = async (): Promise<SourceStatus | undefined> => {
  const status = (await (await fetch(`${server.base}/api/status`)).json()) as { sources: SourceStatus[] };
  return status.sources.find(({ name }) => name === 'manual');
};

describe('the price feed', () => {
  it('F34: tells a price from the future under the time of its arrival, whatever its source', async () => {
    server = await startTestServer();
    const client = await server.openTickwire();
    const channels = ['coin:bitcoin', 'metal:gold'].map((channel) => ({ channel }));
    client.send({ type: 'subscribe', id: 1, data: { channels } });
    await client.next('ack');
    const before = Date.now();
    server.source.tell(
      coinTick('bitcoin', 1, { timestamp: '9999-01-01T00:00:00Z' }),
      metalTick('gold', 1, { timestamp: '9999-01-01T00:00:00Z' }),
    );
    const coin = (await client.next('price_update')).data as { timestamp: string };
    const metal = (await client.next('priceUpdate')).data as unknown as { gold: { timestamp: string } };
    for (const timestamp of [coin.timestamp, metal.gold.timestamp]) {
      expect(Date.parse(timestamp)).toBeGreaterThanOrEqual(before);
      expect(Date.parse(timestamp)).toBeLessThanOrEqual(Date.now());
    }
  });

  it('F70: says of a source whose prices are all refused that it fails, until one is taken', async () => {
    server = await startTestServer();
    server.source.tell(coinTick('bitcoin', 1));
    await expect.poll(manual).toMatchObject({ state: 'running' });
    for (let index = 0; index < 4; index += 1) server.source.tell(coinTick('bitcoin', `1.${'5'.repeat(70_000)}`));
    await expect.poll(manual).toMatchObject({
      state: 'failing',
      refused: 4,
      problem: 'Prices of this source are refused: see the log',
    });
    expect((await fetch(`${server.base}/readyz`)).status).toBe(503);
    server.source.tell(coinTick('bitcoin', 2));
    await expect.poll(manual).toMatchObject({ state: 'running', refused: 4 });
  });
});
