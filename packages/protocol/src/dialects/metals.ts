/** The metals dialect: partial maps, arrays of maps, and zeros that mean "unknown". Section 11 of PROTOCOL.md. */
import { refusedNames } from '../channels.js';
import type { MetalPricesMessage, MetalQuote } from '../channel-messages.js';
import { decimalToNumber, fillQuote, type PriceQuote } from './price-quote.js';

const longestName = 64;

/**
 * Whether the quote's change of 0 stands for "not known": the older backend fills `change` and `changePercent` with 0,
 * `high` and `low` with the price, when its upstream gave none.
 */
export function isChangeUnknown(quote: MetalQuote): boolean {
  const price = decimalToNumber(quote.price);
  return (
    price !== undefined &&
    decimalToNumber(quote.change) === 0 &&
    decimalToNumber(quote.changePercent) === 0 &&
    decimalToNumber(quote.high) === price &&
    decimalToNumber(quote.low) === price
  );
}

function quoteOf(name: string, entry: MetalQuote, sentAt: string | undefined): PriceQuote | undefined {
  const price = decimalToNumber(entry.price);
  if (price === undefined) return undefined;
  const { high, low, currency, unit, stale } = entry;
  const { change, changePercent } = isChangeUnknown(entry) ? {} : entry;
  const quote: PriceQuote = { channel: `metal:${name}`, id: name, price, timestamp: entry.timestamp ?? sentAt };
  return fillQuote(quote, { change, changePercent, high, low, currency, unit, stale });
}

/**
 * The prices that a `priceUpdate` carries, in order; entries without a price and reported entries are skipped.
 *
 * A frame is partial: metals that it does not name keep their last price.
 *
 * @param reported what the codec reported of the frame: those entries are left out
 * @param pathPrefix where the message stands in the frame, when it is an item: `messages.3.` @default ''
 */
export function metalQuotes(
  message: MetalPricesMessage,
  reported: readonly { path: string }[] = [],
  pathPrefix = '',
): PriceQuote[] {
  const leftOut = new Set(reported.map((item) => item.path));
  const maps: [string, unknown][] = Array.isArray(message.data)
    ? message.data.map((map, index) => [`${pathPrefix}data.${index}`, map])
    : [[`${pathPrefix}data`, message.data]];
  const quotes: PriceQuote[] = [];
  for (const [path, map] of maps) {
    if (typeof map !== 'object' || map === null || leftOut.has(path)) continue;
    for (const [name, entry] of Object.entries(map as Readonly<Record<string, MetalQuote>>)) {
      if (name.length > longestName || refusedNames.includes(name) || leftOut.has(`${path}.${name}`)) continue;
      const quote = quoteOf(name, entry, message.timestamp ?? undefined);
      if (quote !== undefined) quotes.push(quote);
    }
  }
  return quotes;
}
