/**
 * What of the wire contract is no schema: channels, codes, what a change of price is, what a filter lets through. It
 * loads no zod, so that those who only follow prices do not pay for it.
 */
export {
  coin,
  metal,
  parseChannel,
  type Channel,
  type ChannelKind,
  type ChannelPrefix,
  type ParsedChannel,
} from './channels.js';
export { CloseCode, clampHintMs, closeAction, closeActionWith, hintRangeMs, type CloseAction } from './close-codes.js';
export { ErrorCode, errorTexts } from './error-codes.js';
export { detectPriceChanges, type PriceChange, type PriceEntry } from './price-changes.js';
export { compileFilter, passesFilter } from './filter.js';
export { filterComparisons, filterKeys } from './filter-condition.js';
export { decimalToNumber, type PriceQuote } from './dialects/price-quote.js';
export { classifyPriceUpdate, coinQuote, type PriceUpdateMeaning } from './dialects/coins.js';
export { isChangeUnknown, metalQuotes } from './dialects/metals.js';
