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
/** The `ack` of `subscribe`. Where each channel stands, and which were refused and why. */
export const subscribeAckSchema = z.looseObject({
  ...ack,
  op: z.literal('subscribe'),
  data: z.looseObject({
    subscribed: z.array(subscribedPositionSchema).max(caps.itemsPerSnapshot),
    rejected: z.array(rejectedChannelSchema).max(caps.itemsPerSnapshot).nullish(),
  }),
});
/** The `ack` of `unsubscribe`. The channels that were let go. */
export const unsubscribeAckSchema = z.looseObject({
  ...ack,
  op: z.literal('unsubscribe'),
  data: z.looseObject({ unsubscribed: z.array(sentChannelSchema).max(caps.itemsPerSnapshot) }),
});
/** The `ack` of `authenticate`. Who the connection is, until when, with what rights, and where the implicit channels stand. */
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
/** The `ack` of `history`. Messages after a position; `complete` when none is missing. */
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
/** The `ack` of `catalog`. The channels that there are. */
export const catalogAckSchema = z.looseObject({
  ...ack,
  op: z.literal('catalog'),
  data: z.looseObject({ revision: idSchema.nullish(), items: z.array(catalogItemSchema).max(caps.itemsPerCatalog) }),
});
/** The `ack` of `alert_create`. The id of the alert; `created` is false when `clientRef` had made it before. */
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
/** The `ack` of `alert_list`. The user's alerts. */
export const alertListAckSchema = z.looseObject({
  ...ack,
  op: z.literal('alert_list'),
  data: z.looseObject({ items: z.array(alertItemSchema).max(caps.messagesPerHistory) }),
});
/** The `ack` of `alert_delete`. The alert that is gone. */
export const alertDeleteAckSchema = z.looseObject({
  ...ack,
  op: z.literal('alert_delete'),
  data: z.looseObject({ alertId: idSchema }),
});
/** The `ack` of `mark`. Where this device's read cursor is now. */
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
export const ackSchema: z.ZodType<Ack | OtherAck> = z.union([
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

/** A channel's position as a subscribe `ack` gives it. */
export type SubscribedPosition = z.infer<typeof subscribedPositionSchema>;
/** A position of `user` or `portfolio` as an authenticate `ack` gives it. */
export type ImplicitPosition = z.infer<typeof implicitPositionSchema>;
/** A channel that the server refused, and why. */
export type RejectedChannel = z.infer<typeof rejectedChannelSchema>;
/** One channel of the catalog: what it is called, in which currency, and when its price counts as old. */
export type CatalogItem = z.infer<typeof catalogItemSchema>;
/** One alert rule as `alert_list` gives it. */
export type AlertItem = z.infer<typeof alertItemSchema>;
/** The `ack` of `subscribe`. Where each channel stands, and which were refused and why. */
export type SubscribeAck = z.infer<typeof subscribeAckSchema>;
/** The `ack` of `unsubscribe`. The channels that were let go. */
export type UnsubscribeAck = z.infer<typeof unsubscribeAckSchema>;
/** The `ack` of `authenticate`. Who the connection is, until when, with what rights, and where the implicit channels stand. */
export type AuthenticateAck = z.infer<typeof authenticateAckSchema>;
/** The `ack` of `history`. Messages after a position; `complete` when none is missing. */
export type HistoryAck = z.infer<typeof historyAckSchema>;
/** The `ack` of `catalog`. The channels that there are. */
export type CatalogAck = z.infer<typeof catalogAckSchema>;
/** The `ack` of `alert_create`. The id of the alert; `created` is false when `clientRef` had made it before. */
export type AlertCreateAck = z.infer<typeof alertCreateAckSchema>;
/** The `ack` of `alert_list`. The user's alerts. */
export type AlertListAck = z.infer<typeof alertListAckSchema>;
/** The `ack` of `alert_delete`. The alert that is gone. */
export type AlertDeleteAck = z.infer<typeof alertDeleteAckSchema>;
/** The `ack` of `mark`. Where this device's read cursor is now. */
export type MarkAck = z.infer<typeof markAckSchema>;
/** An ack of an operation that this version does not know; it is kept, its `data` unread. */
export type OtherAck = z.infer<typeof otherAckSchema>;
/** Any `ack` of an operation that this version knows; `op` decides its body. One of another `op` is decoded all the same. */
export type Ack =
  | SubscribeAck
  | UnsubscribeAck
  | AuthenticateAck
  | HistoryAck
  | CatalogAck
  | AlertCreateAck
  | AlertListAck
  | AlertDeleteAck
  | MarkAck;
