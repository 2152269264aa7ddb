/** What a server says of the connection itself: greetings, errors, liveness, snapshots, heads, gaps. Section 6 of PROTOCOL.md. */
import * as z from 'zod';
import { channelMessageSchema } from './acks.js';
import { envelope } from './channel-messages.js';
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
  refuseProtoKey,
  requestIdSchema,
  sentChannelSchema,
} from './primitives.js';

/** `welcome`: the typed greeting of the coins demo server · coins, tickwire. */
export const welcomeSchema = z.looseObject({
  type: z.literal('welcome'),
  data: z.looseObject({ message: optionalTextSchema, connectionId: optionalTextSchema }).nullish(),
  ...envelope,
});
const subscriptionNotice = z
  .looseObject({ coinId: coinIdSchema.nullish(), subscription: optionalTextSchema })
  .nullish();
/** `subscribed`: the typed ack of the coins demo server · coins, tickwire. */
export const subscribedSchema = z.looseObject({ type: z.literal('subscribed'), data: subscriptionNotice, ...envelope });
/** `unsubscribed`: the typed ack of the coins demo server · coins, tickwire. */
export const unsubscribedSchema = z.looseObject({
  type: z.literal('unsubscribed'),
  data: subscriptionNotice,
  ...envelope,
});
/** `authenticated` · coins, tickwire. */
export const authenticatedSchema = z.looseObject({
  type: z.literal('authenticated'),
  data: z.looseObject({ userId: idSchema.nullish() }).nullish(),
  ...envelope,
});

/** `error` · all. `data.error` repeats `message` for older readers; `retryable` and `retryAfterMs` are hints. */
export const errorMessageSchema = z.looseObject({
  type: z.literal('error'),
  id: requestIdSchema.nullish(),
  op: optionalTextSchema,
  data: z
    .looseObject({
      code: optionalTextSchema,
      message: optionalTextSchema,
      error: optionalTextSchema,
      retryable: hintSchema.optional(),
      retryAfterMs: hintSchema.optional(),
    })
    .nullish(),
  ...envelope,
});

/** `pong` · all; tickwire adds the request's `id`, the server's `ts` and the `echo` of the client's `ts` (epoch ms). */
export const pongSchema = z.looseObject({
  type: z.literal('pong'),
  id: requestIdSchema.nullish(),
  ts: epochMsSchema.nullish(),
  echo: epochMsSchema.nullish(),
  timestamp: optionalTimeSchema,
});

const limit = z.number().min(0).nullish();
/** `hello`: the first frame of a tickwire server, always. */
export const helloSchema = z.looseObject({
  type: z.literal('hello'),
  timestamp: optionalTimeSchema,
  data: z.looseObject({
    protocol: z.int(),
    connectionId: z.string(),
    serverTime: epochMsSchema,
    heartbeatMs: z.number().min(0),
    capabilities: z.array(z.string()).max(caps.valuesPerCondition),
    limits: z.looseObject({
      maxSubscriptions: limit,
      maxChannelsPerFrame: limit,
      maxFrameBytes: limit,
      messagesPerMinute: limit,
      authTimeoutMs: limit,
      burst: limit,
    }),
  }),
});

/** One channel's last value with its position. */
export const snapshotItemSchema = z.looseObject({
  channel: sentChannelSchema,
  epoch: epochSchema,
  seq: positionSchema,
  message: channelMessageSchema,
});
/** `snapshot`: the last values after a subscribe · tickwire. */
export const snapshotSchema = z.looseObject({
  type: z.literal('snapshot'),
  timestamp: optionalTimeSchema,
  data: z.looseObject({ items: z.array(snapshotItemSchema).max(caps.itemsPerSnapshot) }),
});

/** `heartbeat`: the head of each channel that this connection has · tickwire. */
export const heartbeatSchema = z.looseObject({
  type: z.literal('heartbeat'),
  timestamp: optionalTimeSchema,
  data: z.looseObject({
    serverTime: epochMsSchema,
    heads: z.preprocess(
      refuseProtoKey,
      z
        .record(sentChannelSchema, positionSchema)
        .refine((heads) => Object.keys(heads).length <= caps.headsPerHeartbeat, { error: 'too many heads' })
        .meta({ maxProperties: caps.headsPerHeartbeat }),
    ),
  }),
});

/** `gap`: messages `from` to `to`, inclusive, are lost for good; both `null` after an epoch change · tickwire. */
export const gapSchema = z.looseObject({
  type: z.literal('gap'),
  timestamp: optionalTimeSchema,
  data: z.looseObject({
    channel: sentChannelSchema,
    from: positionSchema.nullable(),
    to: positionSchema.nullable(),
    reason: optionalTextSchema,
    epoch: epochSchema.nullish(),
  }),
});

/** `going_away`: the server leaves; `reconnectAfterMs` and `deadlineMs` are hints · tickwire. */
export const goingAwaySchema = z.looseObject({
  type: z.literal('going_away'),
  timestamp: optionalTimeSchema,
  data: z.looseObject({
    reason: optionalTextSchema,
    reconnectAfterMs: hintSchema.optional(),
    deadlineMs: hintSchema.optional(),
  }),
});

export const knownNotices = [
  welcomeSchema,
  subscribedSchema,
  unsubscribedSchema,
  authenticatedSchema,
  errorMessageSchema,
  pongSchema,
  helloSchema,
] as const;
/** `welcome`: the typed greeting of the coins demo server · coins, tickwire. */
export type Welcome = z.infer<typeof welcomeSchema>;
/** `subscribed`: the typed ack of the coins demo server · coins, tickwire. */
export type Subscribed = z.infer<typeof subscribedSchema>;
/** `unsubscribed`: the typed ack of the coins demo server · coins, tickwire. */
export type Unsubscribed = z.infer<typeof unsubscribedSchema>;
/** `authenticated` · coins, tickwire. */
export type Authenticated = z.infer<typeof authenticatedSchema>;
/** `error` · all. `data.error` repeats `message` for older readers; `retryable` and `retryAfterMs` are hints. */
export type ErrorMessage = z.infer<typeof errorMessageSchema>;
/** `pong` · all; tickwire adds the request's `id`, the server's `ts` and the `echo` of the client's `ts` (epoch ms). */
export type Pong = z.infer<typeof pongSchema>;
/** `hello`: the first frame of a tickwire server, always. */
export type Hello = z.infer<typeof helloSchema>;
/** One channel's last value with its position. */
export type SnapshotItem = z.infer<typeof snapshotItemSchema>;
/** `snapshot`: the last values after a subscribe · tickwire. */
export type Snapshot = z.infer<typeof snapshotSchema>;
/** `heartbeat`: the head of each channel that this connection has · tickwire. */
export type Heartbeat = z.infer<typeof heartbeatSchema>;
/** `gap`: messages `from` to `to`, inclusive, are lost for good; both `null` after an epoch change · tickwire. */
export type Gap = z.infer<typeof gapSchema>;
/** `going_away`: the server leaves; `reconnectAfterMs` and `deadlineMs` are hints · tickwire. */
export type GoingAway = z.infer<typeof goingAwaySchema>;
