import { describe, expect, it } from 'vitest';
import { priceLine } from '../../src/demo/demo-lines.js';

describe('the demo’s line', () => {
  it('names a few prices with their currencies and units', () => {
    const message = (channel: string, body: object) => ({
      channel,
      epoch: 'e',
      seq: 1,
      publishedAt: 0,
      body: JSON.stringify(body),
    });
    const coin = (id: string, price: number | string) =>
      message(`coin:${id}`, { type: 'price_update', data: { coinId: id, price, currency: 'USD' } });
    const gold = message('metal:gold', {
      type: 'priceUpdate',
      data: { gold: { price: 7_401.2, currency: 'INR', unit: 'gram' } },
    });
    const messages = [coin('bitcoin', 64_012.31), coin('pepe', '0.0000095'), coin('c', 1), coin('d', 1), gold];
    expect(priceLine(messages, 1_767_225_605_000, 1)).toBe(
      '00:00:05  bitcoin 64,012.31 USD · pepe 0.0000095 USD · c 1 USD · gold 7,401.2 INR/gram · 1 connection',
    );
  });
});
