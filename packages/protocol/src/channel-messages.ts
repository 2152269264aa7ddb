/** What channels carry: prices, alerts, whales, social spikes, portfolios, announcements. Section 6 of PROTOCOL.md. Objects are loose: unknown keys are kept. */
import * as z from 'zod';
import {
  absentSchema,
  caps,
  coinIdSchema,
  decimalSchema,
  epochSchema,
  idSchema,
  optionalDecimalSchema,
  optionalTextSchema,
  optionalTimeSchema,
  positionSchema,
  refuseProtoKey,
  sentChannelSchema,
  seqSchema,
  timeSchema,
} from './primitives.js';

/** Optional envelope keys of a data frame: send time, older routing keys, and the position in the channel. */
export const envelope = {
  timestamp: optionalTimeSchema,
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
  marketCap: optionalDecimalSchema,
  volume24h: optionalDecimalSchema,
  priceChange24h: optionalDecimalSchema,
  change: optionalDecimalSchema,
  timestamp: optionalTimeSchema,
});
/** The body of a notice: no `price`, and at least one key (an own `__proto__` is none). */
export const coinNoticeDataSchema = z
  .looseObject({
    price: absentSchema,
    type: optionalTextSchema,
    message: optionalTextSchema,
    error: optionalTextSchema,
    connectionId: optionalTextSchema,
    coinId: coinIdSchema.nullish(),
    userId: idSchema.nullish(),
    subscription: optionalTextSchema,
    timestamp: optionalTimeSchema,
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
  price: optionalDecimalSchema,
  change: optionalDecimalSchema,
  changePercent: optionalDecimalSchema,
  high: optionalDecimalSchema,
  low: optionalDecimalSchema,
  timestamp: optionalTimeSchema,
  currency: optionalTextSchema,
  unit: optionalTextSchema,
});
/** Metal → quote. An entry that fails is reported and left out (PROTOCOL.md, section 6). */
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
const metalMapsSchema = z
  .array(metalMapSchema)
  .max(caps.metalsPerUpdate)
  .refine((maps) => maps.reduce((count, map) => count + Object.keys(map).length, 0) <= caps.metalsPerUpdate, {
    error: 'too many metals',
  });
/** One detected change of a metal's price. */
export const metalChangeSchema = z.looseObject({
  metal: z.string().max(caps.idLength),
  oldPrice: optionalDecimalSchema,
  newPrice: optionalDecimalSchema,
  changePercent: optionalDecimalSchema,
  direction: optionalTextSchema,
});
/** `priceUpdate`: a map of metals, or an array of such maps (the batched form) · metals, tickwire. */
export const metalPricesMessageSchema = z.looseObject({
  type: z.literal('priceUpdate'),
  data: z.union([metalMapSchema, metalMapsSchema], {
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
      targetPrice: optionalDecimalSchema,
      percentageChange: optionalDecimalSchema,
      volumeThreshold: optionalDecimalSchema,
      usdValue: optionalDecimalSchema,
      socialThreshold: optionalDecimalSchema,
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
  .array(z.looseObject({ coinId: coinIdSchema.nullish(), amount: optionalDecimalSchema, value: optionalDecimalSchema }))
  .max(caps.itemsPerCatalog)
  .nullish();

/** `portfolio_update` · coins, tickwire. */
export const portfolioUpdateSchema = z.looseObject({
  type: z.literal('portfolio_update'),
  data: z.looseObject({
    userId: idSchema.nullish(),
    totalValue: decimalSchema,
    totalProfitLoss: optionalDecimalSchema,
    totalProfitLossPercentage: optionalDecimalSchema,
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
      currentValue: optionalDecimalSchema,
      profitLoss: optionalDecimalSchema,
      profitLossPercentage: optionalDecimalSchema,
      priceChange: optionalDecimalSchema,
      priceChangePercentage: optionalDecimalSchema,
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
  data: z.looseObject({ message: optionalTextSchema, timestamp: optionalTimeSchema }).nullish(),
  ...envelope,
});

/** The messages of a channel: what a snapshot and a history carry. */
export const knownChannelMessages = [
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
/** `price_update` with a price · coins, tickwire. */
export type CoinPriceMessage = z.infer<typeof coinPriceMessageSchema>;
/** `price_update` as the older coins backend uses it for everything else: welcome, ack, error, pong, notice. */
export type CoinNoticeMessage = z.infer<typeof coinNoticeMessageSchema>;
/** What a server says of one metal; without a `price` it is no tick. */
export type MetalQuote = z.infer<typeof metalQuoteSchema>;
/** One detected change of a metal's price. */
export type MetalChange = z.infer<typeof metalChangeSchema>;
/** `priceUpdate`: a map of metals, or an array of such maps (the batched form) · metals, tickwire. */
export type MetalPricesMessage = z.infer<typeof metalPricesMessageSchema>;
/** `alert_triggered` · coins, tickwire. */
export type AlertTriggered = z.infer<typeof alertTriggeredSchema>;
/** `whale_movement` · coins, tickwire. */
export type WhaleMovement = z.infer<typeof whaleMovementSchema>;
/** `social_spike` · coins, tickwire. Scores are not range-checked. */
export type SocialSpike = z.infer<typeof socialSpikeSchema>;
/** `portfolio_update` · coins, tickwire. */
export type PortfolioUpdate = z.infer<typeof portfolioUpdateSchema>;
/** `portfolio_value_update` of the published coins backend; passed through. */
export type PortfolioValueUpdate = z.infer<typeof portfolioValueUpdateSchema>;
/** `wallet_integration_complete` of the published coins backend; passed through. */
export type WalletIntegrationComplete = z.infer<typeof walletIntegrationCompleteSchema>;
/** `announcement`: a notice to all · coins, tickwire; the channel `global`. */
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
