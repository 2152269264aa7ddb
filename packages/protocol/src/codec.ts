/**
 * Text to message and back, and what is already parsed to its verdict. Decoding is total: whatever the bytes, it returns a
 * result and never throws, and the message it returns is the parsed object itself, untouched. No schema type stands in a
 * signature here, so that the engine that judges (`./shape.js` and what is generated for it) can change without its users
 * knowing.
 */
import type { ClientMessage, UnknownMessage } from './client-messages.js';
import type { ServerMessage } from './server-messages.js';

export { decodeClientMessage } from './client-codec.js';
export type { DecodeLimits, DecodeResult, ReportedItem } from './codec-frame.js';
export { judgeCoinMessage } from './judge-coin-message.js';
export { judgeMetalPrices } from './judge-metal-prices.js';
export { judgeServerMessage } from './judge-server-message.js';
export { decodeServerMessage } from './server-codec.js';

/** The text of a message: JSON, without validation. Throws what `JSON.stringify` throws (a circle, a bigint). */
export function encodeMessage(message: ServerMessage | ClientMessage | UnknownMessage): string {
  return JSON.stringify(message);
}
