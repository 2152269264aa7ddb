/**
 * What is wrong with a message from a server, asked of the generated shapes. One message is judged by itself: what a container
 * carries (metals, items) is walked by the codec.
 */
import { isMetalPrices, isMetalQuote, isPrice } from './generated/price-checks.js';
import * as shapes from './generated/server-shapes.js';
import { faultOf, isJsonObject, type Fault, type JsonObject, type Shape } from './shape.js';

/** Says what is wrong with a message; its path is relative to the message. */
export type Judge = (message: JsonObject) => Fault | undefined;

const by =
  (shape: Shape): Judge =>
  (message) =>
    faultOf(shape, message);

/** The straight-line check answers the common case; only what it refuses is asked where it departs. */
const quickly =
  (isGood: (value: unknown) => boolean, shape: Shape) =>
  (message: unknown): Fault | undefined =>
    isGood(message) ? undefined : (faultOf(shape, message) ?? { path: '', reason: 'not valid' });

const price = /* @__PURE__ */ quickly(isPrice, shapes.price);
const metalQuote = /* @__PURE__ */ quickly(isMetalQuote, shapes.metalQuote);

const acks: ReadonlyMap<unknown, Shape> = /* @__PURE__ */ new Map<unknown, Shape>([
  ['subscribe', shapes.subscribeAck],
  ['unsubscribe', shapes.unsubscribeAck],
  ['authenticate', shapes.authenticateAck],
  ['history', shapes.historyAck],
  ['catalog', shapes.catalogAck],
  ['alert_create', shapes.alertCreateAck],
  ['alert_list', shapes.alertListAck],
  ['alert_delete', shapes.alertDeleteAck],
  ['mark', shapes.markAck],
]);

/** Judges by `type`. */
export const serverJudges: ReadonlyMap<string, Judge> = /* @__PURE__ */ new Map<string, Judge>([
  // The key `price` decides (PROTOCOL.md, section 6), even beside a `message`.
  [
    'price_update',
    (message) => {
      const data = message['data'];
      return isJsonObject(data) && data['price'] === undefined ? faultOf(shapes.notice, message) : price(message);
    },
  ],
  ['priceUpdate', /* @__PURE__ */ quickly(isMetalPrices, shapes.metalPrices)],
  ['alert_triggered', /* @__PURE__ */ by(shapes.alertTriggered)],
  ['whale_movement', /* @__PURE__ */ by(shapes.whaleMovement)],
  ['social_spike', /* @__PURE__ */ by(shapes.socialSpike)],
  ['portfolio_update', /* @__PURE__ */ by(shapes.portfolioUpdate)],
  ['portfolio_value_update', /* @__PURE__ */ by(shapes.portfolioValueUpdate)],
  ['wallet_integration_complete', /* @__PURE__ */ by(shapes.walletIntegrationComplete)],
  ['announcement', /* @__PURE__ */ by(shapes.announcement)],
  ['welcome', /* @__PURE__ */ by(shapes.welcome)],
  ['subscribed', /* @__PURE__ */ by(shapes.subscriptionNotice)],
  ['unsubscribed', /* @__PURE__ */ by(shapes.subscriptionNotice)],
  ['authenticated', /* @__PURE__ */ by(shapes.authenticated)],
  ['error', /* @__PURE__ */ by(shapes.error)],
  ['pong', /* @__PURE__ */ by(shapes.pong)],
  ['hello', /* @__PURE__ */ by(shapes.hello)],
  ['ack', (message) => faultOf(acks.get(message['op']) ?? shapes.otherAck, message)],
  ['snapshot', /* @__PURE__ */ by(shapes.snapshot)],
  ['heartbeat', /* @__PURE__ */ by(shapes.heartbeat)],
  ['gap', /* @__PURE__ */ by(shapes.gap)],
  ['batch', /* @__PURE__ */ by(shapes.batch)],
  ['going_away', /* @__PURE__ */ by(shapes.goingAway)],
]);

const longestName = 64;

/** What is wrong with one entry of a `priceUpdate` map, its name included. */
export function metalFault(name: string, entry: unknown): Fault | undefined {
  if (name.length > longestName || name === '__proto__' || name === 'constructor' || name === 'prototype') {
    return { path: '', reason: 'expected the name of a metal' };
  }
  return metalQuote(entry);
}
