/** The types that a server may send, and what stands for those that this version does not know. */
import * as z from 'zod';

/** Every `type` that a server may send. */
export const knownServerTypes: readonly string[] = [
  ...['price_update', 'priceUpdate', 'alert_triggered', 'whale_movement', 'social_spike', 'portfolio_update'],
  ...['portfolio_value_update', 'wallet_integration_complete', 'announcement', 'welcome', 'subscribed', 'unsubscribed'],
  ...['authenticated', 'error', 'pong', 'hello', 'ack', 'snapshot', 'heartbeat', 'gap', 'batch', 'going_away'],
];

/** A `type` that the contract does not have in this direction: not an error. */
export const unknownServerMessageSchema = z.looseObject({
  type: z.string().regex(new RegExp(`^(?!(?:${knownServerTypes.join('|')})$)`)),
});
