/**
 * What is wrong with a parsed message: the engine behind the codec. It judges one message of one type; whatever may be
 * left out of a frame (metals, items) is walked by the codec. This engine asks the zod schemas.
 */
import type * as z from 'zod';
import * as client from './client-messages.js';
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
const price = by(server.coinPriceMessageSchema);
const notice = by(server.coinNoticeMessageSchema);
const metalPrices = by(server.metalPricesMessageSchema.extend({ data: anything }));
const metalQuote = by(server.metalQuoteSchema);
const historyAck = by(
  server.historyAckSchema.extend({
    data: server.historyAckSchema.shape.data.extend({
      messages: zod.array(anything).max(caps.messagesPerHistory),
    }),
  }),
);
const snapshot = by(
  server.snapshotSchema.extend({
    data: server.snapshotSchema.shape.data.extend({
      items: zod.array(server.snapshotItemSchema.extend({ message: zod.looseObject({}) })).max(caps.itemsPerSnapshot),
    }),
  }),
);

const acks: ReadonlyMap<unknown, Judge> = new Map([
  ['subscribe', by(server.subscribeAckSchema)],
  ['unsubscribe', by(server.unsubscribeAckSchema)],
  ['authenticate', by(server.authenticateAckSchema)],
  ['history', historyAck],
  ['catalog', by(server.catalogAckSchema)],
  ['alert_create', by(server.alertCreateAckSchema)],
  ['alert_list', by(server.alertListAckSchema)],
  ['alert_delete', by(server.alertDeleteAckSchema)],
  ['mark', by(server.markAckSchema)],
]);
const otherAck = by(server.otherAckSchema);

/** Judges of every server message by `type`; what a container carries is left to the codec. */
export const serverJudges: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  [
    'price_update',
    (message) => (has(message['data'], 'price') || !isJsonObject(message['data']) ? price : notice)(message),
  ],
  ['priceUpdate', metalPrices],
  ['alert_triggered', by(server.alertTriggeredSchema)],
  ['whale_movement', by(server.whaleMovementSchema)],
  ['social_spike', by(server.socialSpikeSchema)],
  ['portfolio_update', by(server.portfolioUpdateSchema)],
  ['portfolio_value_update', by(server.portfolioValueUpdateSchema)],
  ['wallet_integration_complete', by(server.walletIntegrationCompleteSchema)],
  ['announcement', by(server.announcementSchema)],
  ['welcome', by(server.welcomeSchema)],
  ['subscribed', by(server.subscribedSchema)],
  ['unsubscribed', by(server.unsubscribedSchema)],
  ['authenticated', by(server.authenticatedSchema)],
  ['error', by(server.errorMessageSchema)],
  ['pong', by(server.pongSchema)],
  ['hello', by(server.helloSchema)],
  ['ack', (message) => (acks.get(message['op']) ?? otherAck)(message)],
  ['snapshot', snapshot],
  ['heartbeat', by(server.heartbeatSchema)],
  ['gap', by(server.gapSchema)],
  ['batch', by(server.batchSchema.extend({ messages: zod.array(anything).max(caps.messagesPerBatch) }))],
  ['going_away', by(server.goingAwaySchema)],
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
