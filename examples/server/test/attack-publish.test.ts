/** A publisher that sends whatever it likes: it is refused in words, and the server goes on. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.js';

let server: TestServer;
beforeEach(async () => {
  const digest = createHash('sha256').update('s3cret').digest('hex');
  server = await startTestServer({}, { API_KEYS: `feed:${digest}:publish` });
});
afterEach(() => server.close());

async function publish(body: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${server.base}/api/publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'feed.s3cret' },
    body,
  });
  return { status: response.status, text: await response.text() };
}
const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;

describe('a hostile publisher', () => {
  it.each<[string, string]>([
    [
      'a thousand metals',
      `{"type":"priceUpdate","data":{${Array.from({ length: 1_000 }, (_, n) => `"m${n}":{"price":1}`)}}}`,
    ],
    ['a metal called __proto__', '{"type":"priceUpdate","data":{"__proto__":{"price":1}}}'],
    ['a metal called constructor', '{"type":"priceUpdate","data":{"constructor":{"price":1}}}'],
    ['a metal without a price', '{"type":"priceUpdate","data":{"gold":{}}}'],
    ['two types', '{"type":"price_update","type":"heartbeat","data":{"coinId":"bitcoin","price":1}}'],
    ['a coin called toString', '{"type":"price_update","data":{"coinId":"toString","price":1}}'],
    ['a coin of a million digits', `{"type":"price_update","data":{"coinId":${'9'.repeat(60_000)},"price":1}}`],
    ['a user in a list', '{"type":"portfolio_update","data":{"totalValue":1},"userId":["alice"]}'],
    ['a user beyond all whole numbers', '{"type":"portfolio_update","data":{"totalValue":1},"userId":1e300}'],
    ['the log of another channel', '{"type":"portfolio_update","data":{"totalValue":1},"userId":"alice user:bob"}'],
    ['a byte order mark', '\ufeff{"type":"announcement","data":{"message":"x"}}'],
    ['null', 'null'],
    ['a number', '7'],
    ['60,000 brackets', '['.repeat(60_000)],
  ])('is refused %s, in words that are short and its own', async (_case, body) => {
    const { status, text } = await publish(body);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text.length).toBeLessThan(400);
    expect(({} as Record<string, unknown>)['price']).toBeUndefined();
    expect((await publish('{"type":"announcement","data":{"message":"still here"}}')).status).toBe(202);
  });

  it.each([
    ['in the data', `{"type":"announcement","data":{"message":"x","more":${deep}}}`],
    ['beside the data', `{"type":"announcement","data":{"message":"x"},"more":${deep}}`],
    ['in a price', `{"type":"price_update","data":{"coinId":"bitcoin","price":1,"more":${deep}}}`],
  ])('that nests 30,000 levels %s does not end the server', async (_case, body) => {
    const { status, text } = await publish(body);
    expect([202, 400]).toContain(status);
    expect(text.length).toBeLessThan(400);
    expect((await publish('{"type":"announcement","data":{"message":"still here"}}')).status).toBe(202);
  });
});
