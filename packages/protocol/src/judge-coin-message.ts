/** Judges `price_update` and nothing else; a room of its own, so that who follows coins alone carries no other shapes. */
import type { CoinNoticeMessage, CoinPriceMessage } from './channel-messages.js';
import { bad, isTyped, known, unknown, untyped, type DecodeResult } from './codec-frame.js';
import { isJsonObject, type Fault, type JsonObject } from './fault.js';
import { coinNoticeFault, coinPriceFault } from './generated/coin-checks.js';

/** The fault of a `price_update`. The key `price` decides (PROTOCOL.md, section 6), even beside a `message`. */
export function coinFault(message: JsonObject): Fault | undefined {
  // Nearly every frame is a good price; nothing else is asked of it.
  const fault = coinPriceFault(message);
  if (fault === undefined) return undefined;
  const { data } = message;
  return isJsonObject(data) && data['price'] === undefined ? coinNoticeFault(message) : fault;
}

/**
 * Judges a message that is already parsed as `judgeServerMessage` does, where nothing but `price_update` is expected, be it a price or a
 * notice: every other `type` is unknown to it. For bundles that are to carry no other shapes.
 *
 * @param message what `JSON.parse` gave
 */
export function judgeCoinMessage(message: unknown): DecodeResult<CoinPriceMessage | CoinNoticeMessage> {
  if (!isTyped(message)) return untyped(message);
  if (message.type !== 'price_update') return unknown(message);
  const fault = coinFault(message);
  return fault === undefined ? known<CoinPriceMessage | CoinNoticeMessage>(message) : bad(fault);
}
