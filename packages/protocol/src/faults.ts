/**
 * What is wrong with a parsed message: the engine behind the codec. It judges one message of one type; whatever may be
 * left out of a frame (metals, items) is walked by the codec. This engine asks the zod schemas.
 */
import type * as z from 'zod';
import * as client from './client-messages.js';
import * as acks from './acks.js';
import * as channel from './channel-messages.js';
import * as control from './control-messages.js';
import * as server from './server-messages.js';
import { caps, isAllowedKey } from './primitives.js';
import * as zod from 'zod';

/** The first fault of a value: where, and what was expected. */
export interface Fault {
  /** Relative to the value that was judged; `""` is the value itself. */
  path: string;
  reason: string;
}

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

type Judge = (message: JsonObject) => Fault | undefined;

const longestReason = 200;

function by(schema: z.ZodType): Judge {
  return (value) => {
    const result = schema.safeParse(value);
    if (result.success) return undefined;
    const issue = result.error.issues[0];
    if (issue === undefined) return { path: '', reason: 'not valid' };
    return { path: issue.path.map(String).join('.'), reason: issue.message.slice(0, longestReason) };
  };
}

/** Whether a value is a plain JSON object: no array, no `null`. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const has = (value: unknown, key: string): boolean => isJsonObject(value) && Object.hasOwn(value, key);

const anything = zod.unknown();
const price = by(channel.coinPriceMessageSchema);
const notice = by(channel.coinNoticeMessageSchema);
const metalPrices = by(channel.metalPricesMessageSchema.extend({ data: anything }));
const metalQuote = by(channel.metalQuoteSchema);
const historyAck = by(
  acks.historyAckSchema.extend({
    data: acks.historyAckSchema.shape.data.extend({
      messages: zod.array(anything).max(caps.messagesPerHistory),
    }),
  }),
);
const snapshot = by(
  control.snapshotSchema.extend({
    data: control.snapshotSchema.shape.data.extend({
      items: zod.array(control.snapshotItemSchema.extend({ message: zod.looseObject({}) })).max(caps.itemsPerSnapshot),
    }),
  }),
);

const ackJudges: ReadonlyMap<unknown, Judge> = new Map([
  ['subscribe', by(acks.subscribeAckSchema)],
  ['unsubscribe', by(acks.unsubscribeAckSchema)],
  ['authenticate', by(acks.authenticateAckSchema)],
  ['history', historyAck],
  ['catalog', by(acks.catalogAckSchema)],
  ['alert_create', by(acks.alertCreateAckSchema)],
  ['alert_list', by(acks.alertListAckSchema)],
  ['alert_delete', by(acks.alertDeleteAckSchema)],
  ['mark', by(acks.markAckSchema)],
]);
const otherAck = by(acks.otherAckSchema);

/** Judges of every server message by `type`; what a container carries is left to the codec. */
export const serverJudges: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  [
    'price_update',
    (message) => (has(message['data'], 'price') || !isJsonObject(message['data']) ? price : notice)(message),
  ],
  ['priceUpdate', metalPrices],
  ['alert_triggered', by(channel.alertTriggeredSchema)],
  ['whale_movement', by(channel.whaleMovementSchema)],
  ['social_spike', by(channel.socialSpikeSchema)],
  ['portfolio_update', by(channel.portfolioUpdateSchema)],
  ['portfolio_value_update', by(channel.portfolioValueUpdateSchema)],
  ['wallet_integration_complete', by(channel.walletIntegrationCompleteSchema)],
  ['announcement', by(channel.announcementSchema)],
  ['welcome', by(control.welcomeSchema)],
  ['subscribed', by(control.subscribedSchema)],
  ['unsubscribed', by(control.unsubscribedSchema)],
  ['authenticated', by(control.authenticatedSchema)],
  ['error', by(control.errorMessageSchema)],
  ['pong', by(control.pongSchema)],
  ['hello', by(control.helloSchema)],
  ['ack', (message) => (ackJudges.get(message['op']) ?? otherAck)(message)],
  ['snapshot', snapshot],
  ['heartbeat', by(control.heartbeatSchema)],
  ['gap', by(control.gapSchema)],
  ['batch', by(server.batchSchema.extend({ messages: zod.array(anything).max(caps.messagesPerBatch) }))],
  ['going_away', by(control.goingAwaySchema)],
]);

/** What is wrong with one entry of a `priceUpdate` map, its name included. */
export function metalFault(name: string, entry: unknown): Fault | undefined {
  if (!isAllowedKey(name)) return { path: '', reason: 'expected the name of a metal' };
  return metalQuote(entry as JsonObject);
}

const subscription = (forms: Record<'channels' | 'coin' | 'channel' | 'metals', Judge>): Judge => {
  return (message) => {
    const data = message['data'];
    if (has(data, 'channels')) return forms.channels(message);
    if (has(data, 'coinId')) return forms.coin(message);
    if (has(data, 'channel')) return forms.channel(message);
    if (has(message, 'metals')) return forms.metals(message);
    return { path: 'data', reason: 'expected data.channels, data.coinId, data.channel or metals' };
  };
};
const authenticateToken = by(client.authenticateTokenSchema);
const authenticateApiKey = by(client.authenticateApiKeySchema);

/** Judges of every client message by `type`. */
export const clientJudges: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  [
    'authenticate',
    (message) => {
      const data = message['data'];
      if (isJsonObject(data) && !has(data, 'token') && !has(data, 'apiKey')) {
        return { path: 'data', reason: 'expected a token or an apiKey' };
      }
      return (has(data, 'apiKey') && !has(data, 'token') ? authenticateApiKey : authenticateToken)(message);
    },
  ],
  [
    'subscribe',
    subscription({
      channels: by(client.subscribeChannelsSchema),
      coin: by(client.subscribeCoinSchema),
      channel: by(client.subscribeChannelSchema),
      metals: by(client.subscribeMetalsSchema),
    }),
  ],
  [
    'unsubscribe',
    subscription({
      channels: by(client.unsubscribeChannelsSchema),
      coin: by(client.unsubscribeCoinSchema),
      channel: by(client.unsubscribeChannelSchema),
      metals: by(client.unsubscribeMetalsSchema),
    }),
  ],
  ['ping', by(client.pingSchema)],
  ['hello', by(client.clientHelloSchema)],
  ['history', by(client.historySchema)],
  ['catalog', by(client.catalogSchema)],
  ['alert_create', by(client.alertCreateSchema)],
  ['alert_list', by(client.alertListSchema)],
  ['alert_delete', by(client.alertDeleteSchema)],
  ['mark', by(client.markSchema)],
]);
