/** The frames that are decoded: the shapes of the seed documents, each with its own price and time. */
const count = 256;

const timeOf = (index: number): string => new Date(Date.UTC(2026, 0, 1) + index * 1_013).toISOString();

/** The seed's `price_update`, 227 characters. */
export const coinFrames: readonly string[] = Array.from({ length: count }, (_, index) =>
  JSON.stringify({
    type: 'price_update',
    data: {
      coinId: 'bitcoin',
      price: 50_000 + index,
      marketCap: 1_000_000_000,
      volume24h: 50_000_000,
      priceChange24h: 5.2,
      timestamp: timeOf(index),
    },
    timestamp: timeOf(index),
    coinId: 'bitcoin',
  }),
);

/** A `priceUpdate` of 100 metals, 12.5 kB. */
export const metalFrames: readonly string[] = Array.from({ length: 16 }, (_, index) =>
  JSON.stringify({
    type: 'priceUpdate',
    data: Object.fromEntries(
      Array.from({ length: 100 }, (_unused, metal) => [
        `metal${metal}`,
        {
          price: 5_420.5 + index,
          change: 25.3,
          changePercent: 0.47,
          high: 5_435,
          low: 5_380,
          timestamp: timeOf(index),
        },
      ]),
    ),
    changes: [],
    timestamp: timeOf(index),
  }),
);

/** The seed's `price_update` with a price that is none. */
export const badFrames: readonly string[] = coinFrames.map((frame) => frame.replace(/"price":\d+/, '"price":"n/a"'));
