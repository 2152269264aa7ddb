import { describe, expect, it } from 'vitest';
import { coinbase } from '../../src/dialects/coinbase.js';
import { list, refusal } from './coinbase-frames.js';
import { onLink } from './recording-link.js';

describe('a subscription at Coinbase Exchange', () => {
  it.each([
    ['coin:btc-usd', 'BTC-USD'],
    ['coin:BTC-USD', 'BTC-USD'],
    ['coin:1inch-eur', '1INCH-EUR'],
    ['coin:bitcoin', undefined],
    ['coin:btc-usd-eur', undefined],
    ['coin:', undefined],
    ['metal:gold', undefined],
    ['BTC-USD', undefined],
  ])('of %s is one of %s', (channel, product) => {
    expect(onLink(coinbase()).dialect.carry(channel)).toBe(product);
  });

  it('is one list for all products, confirmed product by product; the next list waits for the answer', () => {
    const { link, host } = onLink(coinbase(), ['coin:btc-usd', 'coin:eth-usd']);
    expect(link.ask()).toEqual({
      type: 'subscribe',
      product_ids: ['BTC-USD', 'ETH-USD'],
      channels: ['ticker', 'heartbeat'],
    });
    host.channels.add('coin:sol-usd');
    expect(link.ask()).toBeUndefined();
    link.read(list('BTC-USD'));
    expect(link.stands).toEqual({ 'BTC-USD': 'confirmed', 'ETH-USD': 'asked' });
    expect(link.ask()).toBeUndefined();
    link.read(list('ETH-USD', 'BTC-USD'));
    expect(link.stands).toEqual({ 'BTC-USD': 'confirmed', 'ETH-USD': 'confirmed' });
    expect(link.ask()).toMatchObject({ product_ids: ['SOL-USD'] });
  });

  it('is let go before another is asked for', () => {
    const { link, host } = onLink(coinbase(), ['coin:btc-usd']);
    link.ask();
    link.read(list('BTC-USD'));
    host.channels.clear();
    host.channels.add('coin:eth-usd');
    expect(link.ask(['BTC-USD'])).toEqual({
      type: 'unsubscribe',
      product_ids: ['BTC-USD'],
      channels: ['ticker', 'heartbeat'],
    });
    link.read({ type: 'subscriptions', channels: [] });
    expect(link.ask()).toMatchObject({ type: 'subscribe', product_ids: ['ETH-USD'] });
  });

  it('names a hundred products in a frame at most', () => {
    const { link } = onLink(
      coinbase(),
      Array.from({ length: 150 }, (_, index) => `coin:c${index}-usd`),
    );
    const first = link.ask() as { product_ids: string[] };
    link.read(list(...first.product_ids));
    const second = link.ask() as { product_ids: string[] };
    expect([first.product_ids.length, second.product_ids.length]).toEqual([100, 50]);
  });

  it.each([
    ['XYZ-USD is not a valid product', 'UNKNOWN_CHANNEL', /api\.exchange\.coinbase\.com\/products/],
    ['Invalid product ID provided', 'UNKNOWN_CHANNEL', /Check the name/],
    ['Subscription limit of 10 for XYZ-USD ticker exceeded', 'TOO_MANY_SUBSCRIPTIONS', /close others/],
  ])('of one product that is refused with "%s" is refused for good, with words', (reason, code, words) => {
    const { link, host } = onLink(coinbase(), ['coin:xyz-usd']);
    link.ask();
    link.read(refusal(reason));
    expect(link.stands).toEqual({ 'XYZ-USD': 'refused' });
    expect(host.reported).toMatchObject([{ code, retryable: false, message: expect.stringMatching(words) as string }]);
  });

  it('that is refused for one product of a list is asked for again without it', () => {
    const { link, host } = onLink(coinbase(), ['coin:btc-usd', 'coin:btc-us', 'coin:eth-usd']);
    link.ask();
    link.read(refusal('BTC-US is not a valid product'));
    expect(link.stands).toEqual({ 'BTC-USD': 'deferred', 'BTC-US': 'refused', 'ETH-USD': 'deferred' });
    expect(link.waits).toEqual([0]);
    expect(host.reported).toHaveLength(1);
    expect(link.ask()).toMatchObject({ product_ids: ['BTC-USD', 'ETH-USD'] });
  });

  it('finds out with shorter lists which product is refused, where it is not said', () => {
    const products = Array.from({ length: 16 }, (_, index) => `C${index}-USD`);
    const { link, host } = onLink(
      coinbase(),
      products.map((product) => `coin:${product.toLowerCase()}`),
    );
    const standing: string[] = [];
    let frames = 0;
    for (let frame = link.ask(); frame !== undefined; frame = link.ask()) {
      frames += 1;
      const { product_ids: asked } = frame as { product_ids: string[] };
      if (asked.includes('C5-USD')) link.read(refusal('Invalid product ID provided'));
      else {
        standing.push(...asked);
        link.read(list(...standing));
      }
    }
    expect(link.stands).toEqual(
      Object.fromEntries(products.map((product) => [product, product === 'C5-USD' ? 'refused' : 'confirmed'])),
    );
    expect(host.reported).toHaveLength(1);
    expect(frames).toBeLessThan(14);
  });

  it('that is refused for another reason is asked for again later', () => {
    const { link, host } = onLink(coinbase(), ['coin:btc-usd']);
    link.ask();
    link.read(refusal('internal error'));
    expect(link.stands).toEqual({ 'BTC-USD': 'deferred' });
    expect(link.waits).toEqual([undefined]);
    expect(host.reported).toMatchObject([{ code: 'INTERNAL', retryable: true }]);
  });

  it('a storm of the same error is told once, and each other one as well', () => {
    const { link, host } = onLink(coinbase(), ['coin:btc-usd']);
    link.ask();
    link.read(list('BTC-USD'));
    for (let error = 0; error < 1_000; error += 1) link.read({ type: 'error', message: 'ErrSlowConsume' });
    link.read({ type: 'error', message: { toString: 1 }, reason: 7 });
    expect(host.reported.map(({ message }) => message)).toEqual([
      'The exchange says: ErrSlowConsume.',
      'The exchange says: an error.',
    ]);
    expect(link.stands).toEqual({ 'BTC-USD': 'confirmed' });
  });

  it('of nothing is a beat, for a link that asks for nothing is closed', () => {
    const { link, host, dialect } = onLink(coinbase());
    const beat = { type: 'subscribe', product_ids: ['BTC-USD'], channels: ['heartbeat'] };
    expect([dialect.owed?.(link), dialect.owed?.(link)]).toEqual([beat, undefined]);
    const other = onLink(coinbase(), ['coin:xyz-usd']);
    expect(other.dialect.owed?.(other.link)).toBeUndefined();
    other.link.ask();
    expect(other.dialect.owed?.(other.link)).toBeUndefined();
    other.link.read(refusal('XYZ-USD is not a valid product'));
    expect(other.dialect.owed?.(other.link)).toEqual(beat);
    expect(host.reported).toEqual([]);
  });
});
