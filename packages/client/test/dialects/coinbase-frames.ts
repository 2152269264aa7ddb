/** Frames of Coinbase Exchange. */

/** A ticker of a trade, a second after the one before. */
export function ticker(trade: number, price = '1', more: Record<string, unknown> = {}): Record<string, unknown> {
  const time = new Date(Date.UTC(2026, 0, 1, 0, 0, trade % 3_600)).toISOString();
  return { type: 'ticker', product_id: 'BTC-USD', price, time, trade_id: trade, ...more };
}

/** The answer to a subscription. */
export const list = (...products: string[]) => ({
  type: 'subscriptions',
  channels: [{ name: 'ticker', product_ids: products }],
});
export const refusal = (reason: unknown) => ({ type: 'error', message: 'Failed to subscribe', reason });
