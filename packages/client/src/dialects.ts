/** The door of `@tickwire/client/dialects`: what a stream may speak. What is not imported is not paid for. */
export { auto, type AnyOf, type AutoOptions } from './dialects/auto.js';
export {
  binance,
  type BinanceBook,
  type BinanceChannels,
  type BinanceFrame,
  type BinanceOptions,
  type BinancePrice,
  type BinanceTicker,
  type BinanceTrade,
} from './dialects/binance.js';
export { coinbase, type CoinbaseChannels, type CoinbaseTicker } from './dialects/coinbase.js';
export { coins, type CoinChannels, type CoinEvents } from './dialects/coins.js';
export { metals, type MetalChannels } from './dialects/metals.js';
export { checkedBy, type StandardSchema } from './dialects/standard-schema.js';
export { tickwire, type TickwireOptions } from './dialects/tickwire/tickwire.js';
