/** Every message that a client may send. Section 5 of PROTOCOL.md. Objects are loose: unknown keys are kept. */
import * as z from 'zod';
import { filterComparisons, filterKeys, wrongConditionKey } from './filter-condition.js';
import {
  absentSchema,
  caps,
  channelSchema,
  decimalSchema,
  durationMsSchema,
  epochMsSchema,
  epochSchema,
  idSchema,
  nameSchema,
  positionSchema,
  requestedCoinSchema,
  requestIdSchema,
} from './primitives.js';

/** `{"type":"authenticate","data":{"token":"<jwt>"}}` · coins, tickwire. */
export const authenticateTokenSchema = z.looseObject({
  type: z.literal('authenticate'),
  id: requestIdSchema.optional(),
  data: z.looseObject({ token: z.string().min(1).max(caps.tokenLength) }),
});
/** `{"type":"authenticate","data":{"apiKey":"<kid>.<secret>"}}` · tickwire. */
export const authenticateApiKeySchema = z.looseObject({
  type: z.literal('authenticate'),
  id: requestIdSchema.optional(),
  data: z.looseObject({ token: absentSchema, apiKey: z.string().min(1).max(caps.tokenLength) }),
});
/** Both forms of `authenticate`; the key `token` decides. */
export const authenticateSchema = z.union([authenticateTokenSchema, authenticateApiKeySchema]);

/** What a filter may look at. */
export const filterKeySchema = z.enum(filterKeys);
/** How a filter compares. */
export const filterComparisonSchema = z.enum(filterComparisons);
const filterValueSchema = z.union([z.string().max(caps.idLength), z.number()], {
  error: 'expected a string or a number',
});
/** One condition of a filter: `{"key":"usdValue","cmp":"gte","val":500000}`; `in` and `nin` take `vals`, all others `val`. */
export const filterConditionSchema = z
  .looseObject({
    key: filterKeySchema,
    cmp: filterComparisonSchema,
    val: filterValueSchema.optional(),
    vals: z.array(filterValueSchema).max(caps.valuesPerCondition).optional(),
  })
  .superRefine((condition, context) => {
    const key = wrongConditionKey(condition);
    if (key !== undefined)
      context.addIssue({ code: 'custom', path: [key], message: 'in and nin take vals, others val' });
  });
/** 1 to 8 conditions that must all hold. It saves bandwidth; it is no access rule. */
export const filterSchema = z.array(filterConditionSchema).min(1).max(caps.conditionsPerFilter);

/** One channel of a `subscribe`: from where (`epoch` + `seq`), how often at most, and what of it. */
export const channelRequestSchema = z.looseObject({
  channel: channelSchema,
  epoch: epochSchema.optional(),
  seq: positionSchema.optional(),
  minIntervalMs: durationMsSchema.optional(),
  filter: filterSchema.optional(),
});

/** `subscribe` by channels · tickwire; answered by an `ack` with its `id`. */
export const subscribeChannelsSchema = z.looseObject({
  type: z.literal('subscribe'),
  id: requestIdSchema,
  data: z.looseObject({ channels: z.array(channelRequestSchema).max(caps.channelsPerFrame) }),
});
/** `unsubscribe` by channels · tickwire. */
export const unsubscribeChannelsSchema = z.looseObject({
  type: z.literal('unsubscribe'),
  id: requestIdSchema,
  data: z.looseObject({ channels: z.array(channelSchema).max(caps.channelsPerFrame) }),
});

const coinForm = { data: z.looseObject({ channels: absentSchema, coinId: requestedCoinSchema }) };
const channelForm = { data: z.looseObject({ channels: absentSchema, coinId: absentSchema, channel: channelSchema }) };
const metalsForm = {
  metals: z.array(nameSchema).max(caps.metalsPerFrame),
  data: z.looseObject({ channels: absentSchema, coinId: absentSchema, channel: absentSchema }).optional(),
};

/** `{"type":"subscribe","data":{"coinId":"bitcoin"}}` · coins, tickwire. */
export const subscribeCoinSchema = z.looseObject({
  type: z.literal('subscribe'),
  id: requestIdSchema.optional(),
  ...coinForm,
});
/** `{"type":"unsubscribe","data":{"coinId":"bitcoin"}}` · coins, tickwire. */
export const unsubscribeCoinSchema = z.looseObject({
  type: z.literal('unsubscribe'),
  id: requestIdSchema.optional(),
  ...coinForm,
});
/** `{"type":"subscribe","data":{"channel":"global"}}` · the published coins backend. */
export const subscribeChannelSchema = z.looseObject({
  type: z.literal('subscribe'),
  id: requestIdSchema.optional(),
  ...channelForm,
});
/** `{"type":"unsubscribe","data":{"channel":"global"}}` · the published coins backend. */
export const unsubscribeChannelSchema = z.looseObject({
  type: z.literal('unsubscribe'),
  id: requestIdSchema.optional(),
  ...channelForm,
});
/** `{"type":"subscribe","metals":["gold"]}` · metals, tickwire. The published backend replaces the set. */
export const subscribeMetalsSchema = z.looseObject({
  type: z.literal('subscribe'),
  id: requestIdSchema.optional(),
  ...metalsForm,
});
/** `{"type":"unsubscribe","metals":["gold"]}` · metals, tickwire. */
export const unsubscribeMetalsSchema = z.looseObject({
  type: z.literal('unsubscribe'),
  id: requestIdSchema.optional(),
  ...metalsForm,
});

/** All forms of `subscribe`, told apart by `data.channels`, `data.coinId`, `data.channel`, `metals`, in this order. */
export const subscribeSchema = z.union([
  subscribeChannelsSchema,
  subscribeCoinSchema,
  subscribeChannelSchema,
  subscribeMetalsSchema,
]);
/** All forms of `unsubscribe`, told apart like those of `subscribe`. */
export const unsubscribeSchema = z.union([
  unsubscribeChannelsSchema,
  unsubscribeCoinSchema,
  unsubscribeChannelSchema,
  unsubscribeMetalsSchema,
]);

/** `{"type":"ping"}` · all; tickwire may add `id` and `ts` (client epoch ms). */
export const pingSchema = z.looseObject({
  type: z.literal('ping'),
  id: requestIdSchema.optional(),
  ts: epochMsSchema.optional(),
});

/** The client's answer to the server's `hello` · tickwire. */
export const clientHelloSchema = z.looseObject({
  type: z.literal('hello'),
  data: z.looseObject({ protocol: z.int(), client: z.string().max(caps.textLength).optional() }),
});

/** A position in a channel. */
export const sinceSchema = z.looseObject({ epoch: epochSchema, seq: positionSchema });

/** Asks for the messages after a position, or for the newest `limit` · tickwire. */
export const historySchema = z.looseObject({
  type: z.literal('history'),
  id: requestIdSchema,
  data: z.looseObject({ channel: channelSchema, since: sinceSchema.optional(), limit: positionSchema.optional() }),
});

/** Asks what channels there are · tickwire. */
export const catalogSchema = z.looseObject({ type: z.literal('catalog'), id: requestIdSchema });

/** The six kinds of alert rules. */
export const alertTypeSchema = z.enum([
  'price_above',
  'price_below',
  'percent_change',
  'volume_spike',
  'whale_movement',
  'social_spike',
]);
/** What must be reached for an alert; which key counts depends on `alertType`. */
export const alertConditionSchema = z.looseObject({
  targetPrice: decimalSchema.optional(),
  percentageChange: decimalSchema.optional(),
  volumeThreshold: decimalSchema.optional(),
  usdValue: decimalSchema.optional(),
  socialThreshold: decimalSchema.optional(),
});
/** Creates an alert · tickwire, authenticated; `clientRef` makes it idempotent. */
export const alertCreateSchema = z.looseObject({
  type: z.literal('alert_create'),
  id: requestIdSchema,
  data: z.looseObject({
    alertType: alertTypeSchema,
    coinId: requestedCoinSchema.optional(),
    condition: alertConditionSchema,
    cooldownMs: durationMsSchema.optional(),
    hysteresisPct: z.number().min(0).optional(),
    clientRef: z.string().max(caps.requestIdLength).optional(),
  }),
});
/** Lists the user's alerts · tickwire, authenticated. */
export const alertListSchema = z.looseObject({ type: z.literal('alert_list'), id: requestIdSchema });
/** Deletes an alert · tickwire, authenticated. */
export const alertDeleteSchema = z.looseObject({
  type: z.literal('alert_delete'),
  id: requestIdSchema,
  data: z.looseObject({ alertId: idSchema }),
});
/** Moves this device's read cursor · tickwire, authenticated. */
export const markSchema = z.looseObject({
  type: z.literal('mark'),
  id: requestIdSchema,
  data: z.looseObject({ channel: channelSchema, seq: positionSchema }),
});

/** Every message of the contract that a client may send. */
export const knownClientMessageSchema: z.ZodType<ClientMessage> = z.union([
  authenticateSchema,
  subscribeSchema,
  unsubscribeSchema,
  pingSchema,
  clientHelloSchema,
  historySchema,
  catalogSchema,
  alertCreateSchema,
  alertListSchema,
  alertDeleteSchema,
  markSchema,
]);

/** Every `type` that a client may send. */
export const knownClientTypes: readonly string[] = [
  ...['authenticate', 'subscribe', 'unsubscribe', 'ping', 'hello', 'history', 'catalog'],
  ...['alert_create', 'alert_list', 'alert_delete', 'mark'],
];

/** A `type` that the contract does not have in this direction: not an error. */
export const unknownClientMessageSchema = z.looseObject({
  type: z.string().regex(new RegExp(`^(?!(?:${knownClientTypes.join('|')})$)`)),
});

/** What `decodeClientMessage` takes without a fault: every known message, and unknown types. */
export const clientMessageSchema: z.ZodType<ClientMessage | UnknownMessage> = z.union([
  knownClientMessageSchema,
  unknownClientMessageSchema,
]);

/** A message of a type that this version does not know. */
export type UnknownMessage = { type: string; [key: string]: unknown };
/** Both forms of `authenticate`; the key `token` decides. */
export type AuthenticateMessage = z.infer<typeof authenticateSchema>;
/** All forms of `subscribe`, told apart by `data.channels`, `data.coinId`, `data.channel`, `metals`, in this order. */
export type SubscribeMessage = z.infer<typeof subscribeSchema>;
/** `subscribe` by channels · tickwire; answered by an `ack` with its `id`. */
export type SubscribeChannelsMessage = z.infer<typeof subscribeChannelsSchema>;
/** All forms of `unsubscribe`, told apart like those of `subscribe`. */
export type UnsubscribeMessage = z.infer<typeof unsubscribeSchema>;
/** `{"type":"ping"}` · all; tickwire may add `id` and `ts` (client epoch ms). */
export type PingMessage = z.infer<typeof pingSchema>;
/** The client's answer to the server's `hello` · tickwire. */
export type ClientHelloMessage = z.infer<typeof clientHelloSchema>;
/** Asks for the messages after a position, or for the newest `limit` · tickwire. */
export type HistoryMessage = z.infer<typeof historySchema>;
/** Asks what channels there are · tickwire. */
export type CatalogMessage = z.infer<typeof catalogSchema>;
/** Creates an alert · tickwire, authenticated; `clientRef` makes it idempotent. */
export type AlertCreateMessage = z.infer<typeof alertCreateSchema>;
/** Lists the user's alerts · tickwire, authenticated. */
export type AlertListMessage = z.infer<typeof alertListSchema>;
/** Deletes an alert · tickwire, authenticated. */
export type AlertDeleteMessage = z.infer<typeof alertDeleteSchema>;
/** Moves this device's read cursor · tickwire, authenticated. */
export type MarkMessage = z.infer<typeof markSchema>;
/** One channel of a `subscribe`: from where (`epoch` + `seq`), how often at most, and what of it. */
export type ChannelRequest = z.infer<typeof channelRequestSchema>;
/** One condition of a filter: `{"key":"usdValue","cmp":"gte","val":500000}`; `in` and `nin` take `vals`, all others `val`. */
export type FilterCondition = z.infer<typeof filterConditionSchema>;
/** The six kinds of alert rules. */
export type AlertType = z.infer<typeof alertTypeSchema>;
/** What must be reached for an alert; which key counts depends on `alertType`. */
export type AlertCondition = z.infer<typeof alertConditionSchema>;
/** Any known message from a client. */
export type ClientMessage =
  | AuthenticateMessage
  | SubscribeMessage
  | UnsubscribeMessage
  | PingMessage
  | ClientHelloMessage
  | HistoryMessage
  | CatalogMessage
  | AlertCreateMessage
  | AlertListMessage
  | AlertDeleteMessage
  | MarkMessage;
