/** Which messages there are, and which channels an event belongs to. */
import type { Channel, CoinPriceMessage, MetalPricesMessage, ServerMessage, UnknownMessage } from '@tickwire/protocol';

/** Messages `from` to `to` of a channel, inclusive, are lost for good; both `null` after an epoch change. */
export interface GapEvent {
  channel: string;
  from: number | null;
  to: number | null;
  reason: string;
  epoch?: string;
}

/** Anything that decodes. */
export type Message = ServerMessage | UnknownMessage;
/** A message with prices. */
export type PriceMessage = CoinPriceMessage | MetalPricesMessage;
/** A message that belongs to a channel and is no price. */
export type EventMessage = Extract<
  ServerMessage,
  {
    type:
      | 'whale_movement'
      | 'social_spike'
      | 'alert_triggered'
      | 'portfolio_update'
      | 'portfolio_value_update'
      | 'announcement';
  }
>;

/** Every type of the contract; a record, so that the compiler misses none. */
const listed: Readonly<Record<ServerMessage['type'], true>> = {
  price_update: true,
  priceUpdate: true,
  alert_triggered: true,
  whale_movement: true,
  social_spike: true,
  portfolio_update: true,
  portfolio_value_update: true,
  wallet_integration_complete: true,
  announcement: true,
  welcome: true,
  subscribed: true,
  unsubscribed: true,
  authenticated: true,
  error: true,
  pong: true,
  hello: true,
  ack: true,
  snapshot: true,
  heartbeat: true,
  gap: true,
  batch: true,
  going_away: true,
};
/** Every type of the contract. */
export const listedTypes: ReadonlySet<string> = new Set(Object.keys(listed));

/** Whether the contract of this version has the type. */
export function isListed(message: Message): message is ServerMessage {
  return listedTypes.has(message.type);
}

/** The channels of an event that names none: older servers route by coin and user. */
export function olderChannels(message: EventMessage): readonly Channel[] {
  switch (message.type) {
    case 'whale_movement':
      return ['whales', `whales:${String(message.data.coinId)}`];
    case 'social_spike':
      return ['social', `social:${String(message.data.coinId)}`];
    case 'alert_triggered':
      return ['user'];
    case 'portfolio_update':
    case 'portfolio_value_update':
      return ['portfolio'];
    case 'announcement':
      return ['global'];
  }
}

/** What channels bring that come by themselves, by the event that tells of it. */
export const hearings: ReadonlyMap<string, Channel> = /* @__PURE__ */ new Map<string, Channel>([
  ['announcement', 'global'],
  ['alert_triggered', 'user'],
  ['portfolio_update', 'portfolio'],
]);
