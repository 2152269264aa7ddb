/** One `ack` for each request with an `id`; `op` decides its body. Section 6 of PROTOCOL.md. */
import * as z from 'zod';
import { knownChannelMessages, type ChannelMessage } from './channel-messages.js';
import type { UnknownMessage } from './client-messages.js';
import { unknownServerMessageSchema } from './server-types.js';
import {
  caps,
  coinIdSchema,
  epochMsSchema,
  epochSchema,
  hintSchema,
  idSchema,
  optionalTextSchema,
  optionalTimeSchema,
  positionSchema,
  requestIdSchema,
  sentChannelSchema,
} from './primitives.js';

/** What a snapshot item or a history entry may carry: a message of a channel, or one of an unknown type. */
export const channelMessageSchema: z.ZodType<ChannelMessage | UnknownMessage> = z.union([
  ...knownChannelMessages,
  unknownServerMessageSchema,
]);

const channelKindSchema = z.enum(['state', 'event']);
/** A channel's position as a subscribe `ack` gives it. */
export const subscribedPositionSchema = z.looseObject({
  channel: sentChannelSchema,
  kind: channelKindSchema,
  epoch: epochSchema,
  seq: positionSchema,
  recovered: z.boolean(),
  reason: optionalTextSchema,
});
/** A position of `user` or `portfolio` as an authenticate `ack` gives it. */
export const implicitPositionSchema = z.looseObject({
  channel: sentChannelSchema,
  kind: channelKindSchema.nullish(),
  epoch: epochSchema,
  seq: positionSchema,
  recovered: z.boolean().nullish(),
  reason: optionalTextSchema,
});
/** A channel that the server refused, and why. */
export const rejectedChannelSchema = z.looseObject({
  channel: sentChannelSchema,
  code: z.string(),
  retryable: hintSchema.optional(),
  retryAfterMs: hintSchema.optional(),
});

const ack = { type: z.literal('ack'), id: requestIdSchema, timestamp: optionalTimeSchema };
export const subscribeAckSchema = z.looseObject({
  ...ack,
  op: z.literal('subscribe'),
  data: z.looseObject({
    subscribed: z.array(subscribedPositionSchema).max(caps.itemsPerSnapshot),
    rejected: z.array(rejectedChannelSchema).max(caps.itemsPerSnapshot).nullish(),
  }),
});
export const unsubscribeAckSchema = z.looseObject({
  ...ack,
  op: z.literal('unsubscribe'),
  data: z.looseObject({ unsubscribed: z.array(sentChannelSchema).max(caps.itemsPerSnapshot) }),
});
export const authenticateAckSchema = z.looseObject({
  ...ack,
  op: z.literal('authenticate'),
  data: z.looseObject({
    userId: idSchema,
    expiresAt: epochMsSchema.nullish(),
    scopes: z.array(z.string()).max(caps.valuesPerCondition).nullish(),
    subscribed: z.array(implicitPositionSchema).max(caps.valuesPerCondition).nullish(),
  }),
});
export const historyAckSchema = z.looseObject({
  ...ack,
  op: z.literal('history'),
  data: z.looseObject({
    channel: sentChannelSchema,
    epoch: epochSchema,
    seq: positionSchema,
    complete: z.boolean(),
    messages: z.array(channelMessageSchema).max(caps.messagesPerHistory),
  }),
});
/** One channel of the catalog: what it is called, in which currency, and when its price counts as old. */
export const catalogItemSchema = z.looseObject({
  channel: sentChannelSchema,
  id: idSchema,
  aliases: z.array(idSchema).max(caps.valuesPerCondition).nullish(),
  currency: optionalTextSchema,
  unit: optionalTextSchema,
  staleAfterMs: z.number().min(0).nullish(),
});
export const catalogAckSchema = z.looseObject({
  ...ack,
  op: z.literal('catalog'),
  data: z.looseObject({ revision: idSchema.nullish(), items: z.array(catalogItemSchema).max(caps.itemsPerCatalog) }),
});
export const alertCreateAckSchema = z.looseObject({
  ...ack,
  op: z.literal('alert_create'),
  data: z.looseObject({ alertId: idSchema, created: z.boolean(), clientRef: optionalTextSchema }),
});
/** One alert rule as `alert_list` gives it. */
export const alertItemSchema = z.looseObject({
  alertId: idSchema,
  alertType: z.string(),
  coinId: coinIdSchema.nullish(),
  condition: z.looseObject({}),
});
export const alertListAckSchema = z.looseObject({
  ...ack,
  op: z.literal('alert_list'),
  data: z.looseObject({ items: z.array(alertItemSchema).max(caps.messagesPerHistory) }),
});
export const alertDeleteAckSchema = z.looseObject({
  ...ack,
  op: z.literal('alert_delete'),
  data: z.looseObject({ alertId: idSchema }),
});
export const markAckSchema = z.looseObject({
  ...ack,
  op: z.literal('mark'),
  data: z.looseObject({ channel: sentChannelSchema, seq: positionSchema }),
});
/** An ack of an operation that this version does not know; it is kept, its `data` unread. */
export const otherAckSchema = z.looseObject({
  ...ack,
  op: z
    .string()
    .regex(/^(?!(?:subscribe|unsubscribe|authenticate|history|catalog|alert_create|alert_list|alert_delete|mark)$)/),
});
/** One `ack` per request with an `id`; `op` decides its body · tickwire. */
export const ackSchema: z.ZodType<Ack> = z.union([
  subscribeAckSchema,
  unsubscribeAckSchema,
  authenticateAckSchema,
  historyAckSchema,
  catalogAckSchema,
  alertCreateAckSchema,
  alertListAckSchema,
  alertDeleteAckSchema,
  markAckSchema,
  otherAckSchema,
]);

export type SubscribedPosition = z.infer<typeof subscribedPositionSchema>;
export type ImplicitPosition = z.infer<typeof implicitPositionSchema>;
export type RejectedChannel = z.infer<typeof rejectedChannelSchema>;
export type CatalogItem = z.infer<typeof catalogItemSchema>;
export type AlertItem = z.infer<typeof alertItemSchema>;
export type SubscribeAck = z.infer<typeof subscribeAckSchema>;
export type UnsubscribeAck = z.infer<typeof unsubscribeAckSchema>;
export type AuthenticateAck = z.infer<typeof authenticateAckSchema>;
export type HistoryAck = z.infer<typeof historyAckSchema>;
export type CatalogAck = z.infer<typeof catalogAckSchema>;
export type AlertCreateAck = z.infer<typeof alertCreateAckSchema>;
export type AlertListAck = z.infer<typeof alertListAckSchema>;
export type AlertDeleteAck = z.infer<typeof alertDeleteAckSchema>;
export type MarkAck = z.infer<typeof markAckSchema>;
export type OtherAck = z.infer<typeof otherAckSchema>;
/** Any `ack`; `op` decides its body. */
export type Ack =
  | SubscribeAck
  | UnsubscribeAck
  | AuthenticateAck
  | HistoryAck
  | CatalogAck
  | AlertCreateAck
  | AlertListAck
  | AlertDeleteAck
  | MarkAck
  | OtherAck;
