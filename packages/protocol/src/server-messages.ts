/** Every message that a server may send. Section 5 of PROTOCOL.md. Objects are loose: unknown keys are kept. */
import * as z from 'zod';
import type { UnknownMessage } from './client-messages.js';
import {
  caps,
  coinIdSchema,
  decimalSchema,
  epochMsSchema,
  epochSchema,
  hintSchema,
  idSchema,
  positionSchema,
  requestIdSchema,
  sentChannelSchema,
  seqSchema,
  timeSchema,
} from './primitives.js';

/** The key is not there: how the forms of one `type` exclude each other (section 10.12). */
const absent = z.never().optional();
/** `null` in an optional value means absent. */
const text = z.string().nullish();
const decimal = decimalSchema.nullish();
const time = timeSchema.nullish();

/** zod passes over an own `__proto__` key of a record, unchecked: it is refused by hand. */
function refuseProtoKey(map: unknown, context: z.core.$RefinementCtx): unknown {
  if (typeof map === 'object' && map !== null && Object.hasOwn(map, '__proto__')) {
    context.addIssue({ code: 'custom', path: ['__proto__'], message: 'this name is refused' });
  }
  return map;
}

/** Optional envelope keys of a data frame: send time, older routing keys, and the position in the channel. */
const envelope = {
  timestamp: time,
  coinId: coinIdSchema.nullish(),
  userId: idSchema.nullish(),
  sub: sentChannelSchema.optional(),
  seq: seqSchema.optional(),
  epoch: epochSchema.optional(),
  skip: positionSchema.optional(),
  replay: z.literal(true).optional(),
  snapshot: z.literal(true).optional(),
};

/** The body of a price: `data.price` is there, and is a number or a decimal string. */
export const coinPriceDataSchema = z.looseObject({
  coinId: coinIdSchema.nullish(),
  price: decimalSchema,
  marketCap: decimal,
  volume24h: decimal,
  priceChange24h: decimal,
  change: decimal,
  timestamp: time,
});
/** The body of a notice: no `price`, and at least one key. */
export const coinNoticeDataSchema = z
  .looseObject({
    price: absent,
    type: text,
    message: text,
    error: text,
    connectionId: text,
    coinId: coinIdSchema.nullish(),
    userId: idSchema.nullish(),
    subscription: text,
    timestamp: time,
  })
  .refine((data) => Object.keys(data).length > 0, { error: 'expected a price or a notice' })
  .meta({ minProperties: 1 });

/** `price_update` with a price · coins, tickwire. */
export const coinPriceMessageSchema = z.looseObject({
  type: z.literal('price_update'),
  data: coinPriceDataSchema,
  ...envelope,
});
/** `price_update` as the older coins backend uses it for everything else: welcome, ack, error, pong, notice. */
export const coinNoticeMessageSchema = z.looseObject({
  type: z.literal('price_update'),
  data: coinNoticeDataSchema,
  ...envelope,
});

/** What a server says of one metal; without a `price` it is no tick. */
export const metalQuoteSchema = z.looseObject({
  price: decimal,
  change: decimal,
  changePercent: decimal,
  high: decimal,
  low: decimal,
  timestamp: time,
  currency: text,
  unit: text,
});
/** Metal → quote. An entry that fails is reported and left out (section 6.2). */
export const metalMapSchema = z.preprocess(
  refuseProtoKey,
  z
    .record(
      z
        .string()
        .max(caps.idLength)
        .regex(/^(?!(?:__proto__|constructor|prototype)$)/),
      metalQuoteSchema,
    )
    .refine((map) => Object.keys(map).length <= caps.metalsPerUpdate, { error: 'too many metals' })
    .meta({ maxProperties: caps.metalsPerUpdate }),
);
/** One detected change of a metal's price. */
export const metalChangeSchema = z.looseObject({
  metal: z.string().max(caps.idLength),
  oldPrice: decimal,
  newPrice: decimal,
  changePercent: decimal,
  direction: text,
});
/** `priceUpdate`: a map of metals, or an array of such maps (the batched form) · metals, tickwire. */
export const metalPricesMessageSchema = z.looseObject({
  type: z.literal('priceUpdate'),
  data: z.union([metalMapSchema, z.array(metalMapSchema).max(caps.metalsPerUpdate)], {
    error: 'expected a map of metals or an array of such maps',
  }),
  changes: z.array(metalChangeSchema).max(caps.metalsPerUpdate).nullish(),
  ...envelope,
});

/** `alert_triggered` · coins, tickwire. */
export const alertTriggeredSchema = z.looseObject({
  type: z.literal('alert_triggered'),
  data: z.looseObject({
    alertId: idSchema,
    alertType: z.string(),
    coinId: coinIdSchema.nullish(),
    condition: z.looseObject({
      targetPrice: decimal,
      percentageChange: decimal,
      volumeThreshold: decimal,
      usdValue: decimal,
      socialThreshold: decimal,
    }),
    triggeredAt: timeSchema,
    coinData: z.looseObject({}).nullish(),
  }),
  ...envelope,
});

/** `whale_movement` · coins, tickwire. */
export const whaleMovementSchema = z.looseObject({
  type: z.literal('whale_movement'),
  data: z.looseObject({
    coinId: coinIdSchema,
    txHash: z.string(),
    fromAddress: z.string(),
    toAddress: z.string(),
    amount: decimalSchema,
    usdValue: decimalSchema,
    timestamp: timeSchema,
  }),
  ...envelope,
});

/** `social_spike` · coins, tickwire. Scores are not range-checked. */
export const socialSpikeSchema = z.looseObject({
  type: z.literal('social_spike'),
  data: z.looseObject({
    coinId: coinIdSchema,
    platform: z.string(),
    mentions24h: decimalSchema,
    sentimentScore: decimalSchema,
    trendingScore: decimalSchema,
    change: decimalSchema,
    timestamp: timeSchema,
  }),
  ...envelope,
});

const holdings = z
  .array(z.looseObject({ coinId: coinIdSchema.nullish(), amount: decimal, value: decimal }))
  .max(caps.itemsPerCatalog)
  .nullish();

/** `portfolio_update` · coins, tickwire. */
export const portfolioUpdateSchema = z.looseObject({
  type: z.literal('portfolio_update'),
  data: z.looseObject({
    userId: idSchema.nullish(),
    totalValue: decimalSchema,
    totalProfitLoss: decimal,
    totalProfitLossPercentage: decimal,
    holdings,
    portfolio: holdings,
  }),
  ...envelope,
});

/** `portfolio_value_update` of the published coins backend; passed through. */
export const portfolioValueUpdateSchema = z.looseObject({
  type: z.literal('portfolio_value_update'),
  data: z
    .looseObject({
      userId: idSchema.nullish(),
      coinId: coinIdSchema.nullish(),
      holdingId: idSchema.nullish(),
      currentValue: decimal,
      profitLoss: decimal,
      profitLossPercentage: decimal,
      priceChange: decimal,
      priceChangePercentage: decimal,
    })
    .nullish(),
  ...envelope,
});
/** `wallet_integration_complete` of the published coins backend; passed through. */
export const walletIntegrationCompleteSchema = z.looseObject({
  type: z.literal('wallet_integration_complete'),
  data: z.looseObject({}).nullish(),
  ...envelope,
});

/** `announcement`: a notice to all · coins, tickwire; the channel `global`. */
export const announcementSchema = z.looseObject({
  type: z.literal('announcement'),
  data: z.looseObject({ message: text, timestamp: time }).nullish(),
  ...envelope,
});

/** `welcome`: the typed greeting of the coins demo server · coins, tickwire. */
export const welcomeSchema = z.looseObject({
  type: z.literal('welcome'),
  data: z.looseObject({ message: text, connectionId: text }).nullish(),
  ...envelope,
});
const subscriptionNotice = z.looseObject({ coinId: coinIdSchema.nullish(), subscription: text }).nullish();
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
  op: text,
  data: z
    .looseObject({
      code: text,
      message: text,
      error: text,
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
  timestamp: time,
});

const limit = z.number().min(0).nullish();
/** `hello`: the first frame of a tickwire server, always. */
export const helloSchema = z.looseObject({
  type: z.literal('hello'),
  timestamp: time,
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

const channelKindSchema = z.enum(['state', 'event']);
/** A channel's position as a subscribe `ack` gives it. */
export const subscribedPositionSchema = z.looseObject({
  channel: sentChannelSchema,
  kind: channelKindSchema,
  epoch: epochSchema,
  seq: positionSchema,
  recovered: z.boolean(),
  reason: text,
});
/** A position of `user` or `portfolio` as an authenticate `ack` gives it. */
export const implicitPositionSchema = z.looseObject({
  channel: sentChannelSchema,
  kind: channelKindSchema.nullish(),
  epoch: epochSchema,
  seq: positionSchema,
  recovered: z.boolean().nullish(),
  reason: text,
});
/** A channel that the server refused, and why. */
export const rejectedChannelSchema = z.looseObject({
  channel: sentChannelSchema,
  code: z.string(),
  retryable: hintSchema.optional(),
  retryAfterMs: hintSchema.optional(),
});

/** The messages of a channel: what a snapshot and a history carry. */
const knownChannelMessages = [
  coinPriceMessageSchema,
  coinNoticeMessageSchema,
  metalPricesMessageSchema,
  alertTriggeredSchema,
  whaleMovementSchema,
  socialSpikeSchema,
  portfolioUpdateSchema,
  portfolioValueUpdateSchema,
  walletIntegrationCompleteSchema,
  announcementSchema,
] as const;
const knownNotices = [
  welcomeSchema,
  subscribedSchema,
  unsubscribedSchema,
  authenticatedSchema,
  errorMessageSchema,
  pongSchema,
  helloSchema,
] as const;
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

/** What a snapshot item or a history entry may carry: a message of a channel, or one of an unknown type. */
export const channelMessageSchema: z.ZodType<ChannelMessage | UnknownMessage> = z.union([
  ...knownChannelMessages,
  unknownServerMessageSchema,
]);

const ack = { type: z.literal('ack'), id: requestIdSchema, timestamp: time };
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
  currency: text,
  unit: text,
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
  data: z.looseObject({ alertId: idSchema, created: z.boolean(), clientRef: text }),
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
  timestamp: time,
  data: z.looseObject({ items: z.array(snapshotItemSchema).max(caps.itemsPerSnapshot) }),
});

/** `heartbeat`: the head of each channel that this connection has · tickwire. */
export const heartbeatSchema = z.looseObject({
  type: z.literal('heartbeat'),
  timestamp: time,
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
  timestamp: time,
  data: z.looseObject({
    channel: sentChannelSchema,
    from: positionSchema.nullable(),
    to: positionSchema.nullable(),
    reason: text,
    epoch: epochSchema.nullish(),
  }),
});

/** `going_away`: the server leaves; `reconnectAfterMs` and `deadlineMs` are hints · tickwire. */
export const goingAwaySchema = z.looseObject({
  type: z.literal('going_away'),
  timestamp: time,
  data: z.looseObject({
    reason: text,
    reconnectAfterMs: hintSchema.optional(),
    deadlineMs: hintSchema.optional(),
  }),
});

const batchItemSchema: z.ZodType<BatchItem> = z.union([
  ...knownChannelMessages,
  ...knownNotices,
  ackSchema,
  snapshotSchema,
  heartbeatSchema,
  gapSchema,
  goingAwaySchema,
  unknownServerMessageSchema,
]);
/** `batch`: up to 100 messages in one frame, never nested · tickwire. */
export const batchSchema = z.looseObject({
  type: z.literal('batch'),
  timestamp: time,
  messages: z.array(batchItemSchema).max(caps.messagesPerBatch),
});

/** Every message of the contract that a server may send. */
export const knownServerMessageSchema: z.ZodType<ServerMessage> = z.union([
  ...knownChannelMessages,
  ...knownNotices,
  ackSchema,
  snapshotSchema,
  heartbeatSchema,
  gapSchema,
  goingAwaySchema,
  batchSchema,
]);
/** What `decodeServerMessage` takes without a fault or a report: every known message, and unknown types. */
export const serverMessageSchema: z.ZodType<ServerMessage | UnknownMessage> = z.union([
  knownServerMessageSchema,
  unknownServerMessageSchema,
]);

export type CoinPriceMessage = z.infer<typeof coinPriceMessageSchema>;
export type CoinNoticeMessage = z.infer<typeof coinNoticeMessageSchema>;
export type MetalQuote = z.infer<typeof metalQuoteSchema>;
export type MetalChange = z.infer<typeof metalChangeSchema>;
export type MetalPricesMessage = z.infer<typeof metalPricesMessageSchema>;
export type AlertTriggered = z.infer<typeof alertTriggeredSchema>;
export type WhaleMovement = z.infer<typeof whaleMovementSchema>;
export type SocialSpike = z.infer<typeof socialSpikeSchema>;
export type PortfolioUpdate = z.infer<typeof portfolioUpdateSchema>;
export type PortfolioValueUpdate = z.infer<typeof portfolioValueUpdateSchema>;
export type WalletIntegrationComplete = z.infer<typeof walletIntegrationCompleteSchema>;
export type Announcement = z.infer<typeof announcementSchema>;
/** What a channel carries. */
export type ChannelMessage =
  | CoinPriceMessage
  | CoinNoticeMessage
  | MetalPricesMessage
  | AlertTriggered
  | WhaleMovement
  | SocialSpike
  | PortfolioUpdate
  | PortfolioValueUpdate
  | WalletIntegrationComplete
  | Announcement;

export type Welcome = z.infer<typeof welcomeSchema>;
export type Subscribed = z.infer<typeof subscribedSchema>;
export type Unsubscribed = z.infer<typeof unsubscribedSchema>;
export type Authenticated = z.infer<typeof authenticatedSchema>;
export type ErrorMessage = z.infer<typeof errorMessageSchema>;
export type Pong = z.infer<typeof pongSchema>;
export type Hello = z.infer<typeof helloSchema>;

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

export type SnapshotItem = z.infer<typeof snapshotItemSchema>;
export type Snapshot = z.infer<typeof snapshotSchema>;
export type Heartbeat = z.infer<typeof heartbeatSchema>;
export type Gap = z.infer<typeof gapSchema>;
export type GoingAway = z.infer<typeof goingAwaySchema>;
type Unbatched =
  | ChannelMessage
  | Welcome
  | Subscribed
  | Unsubscribed
  | Authenticated
  | ErrorMessage
  | Pong
  | Hello
  | Ack
  | Snapshot
  | Heartbeat
  | Gap
  | GoingAway;
/** What a `batch` may carry. */
export type BatchItem = Unbatched | UnknownMessage;
export type Batch = z.infer<typeof batchSchema>;
/** Any known message from a server. */
export type ServerMessage = Unbatched | Batch;
