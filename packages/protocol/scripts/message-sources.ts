/**
 * Which message has which shape, and under which name the judges ask for it: a dot or a dash and the `type` of the wire (a dash where it
 * speaks of the connection itself, and no channel carries it), or the form that a judge has decided on.
 */
import * as z from 'zod';
import * as acks from '../src/acks.js';
import * as channel from '../src/channel-messages.js';
import * as client from '../src/client-messages.js';
import * as control from '../src/control-messages.js';
import { caps } from '../src/primitives.js';
import { batchSchema } from '../src/server-messages.js';
import type { Source } from '../src/shape.js';
import { jsonSchemaOf, sourceOf } from './shape-source.js';

const anything = z.unknown();
// What a container carries is walked by the codec, item by item: here it may be anything.
const items = (max: number): z.ZodType => z.array(anything).max(max);

/** What straight-line code is made for: nearly all traffic, and what a bundle may have alone. */
const priceSchemas = {
  coinPrice: channel.coinPriceMessageSchema,
  coinNotice: channel.coinNoticeMessageSchema,
  metalPrices: channel.metalPricesMessageSchema.extend({ data: anything }),
};

const serverSchemas: Readonly<Record<string, z.ZodType>> = {
  '.alert_triggered': channel.alertTriggeredSchema,
  '.whale_movement': channel.whaleMovementSchema,
  '.social_spike': channel.socialSpikeSchema,
  '.portfolio_update': channel.portfolioUpdateSchema,
  '.portfolio_value_update': channel.portfolioValueUpdateSchema,
  '.wallet_integration_complete': channel.walletIntegrationCompleteSchema,
  '.announcement': channel.announcementSchema,
  '-welcome': control.welcomeSchema,
  '-subscribed': control.subscribedSchema,
  '-unsubscribed': control.unsubscribedSchema,
  '-authenticated': control.authenticatedSchema,
  '-error': control.errorMessageSchema,
  '-pong': control.pongSchema,
  '-hello': control.helloSchema,
  '-snapshot': control.snapshotSchema.extend({
    data: control.snapshotSchema.shape.data.extend({
      items: z.array(control.snapshotItemSchema.extend({ message: z.looseObject({}) })).max(caps.itemsPerSnapshot),
    }),
  }),
  '-heartbeat': control.heartbeatSchema,
  '-gap': control.gapSchema,
  '-going_away': control.goingAwaySchema,
  '-batch': batchSchema.extend({ messages: items(caps.messagesPerBatch) }),
  'ack.subscribe': acks.subscribeAckSchema,
  'ack.unsubscribe': acks.unsubscribeAckSchema,
  'ack.authenticate': acks.authenticateAckSchema,
  'ack.history': acks.historyAckSchema.extend({
    data: acks.historyAckSchema.shape.data.extend({ messages: items(caps.messagesPerHistory) }),
  }),
  'ack.catalog': acks.catalogAckSchema,
  'ack.alert_create': acks.alertCreateAckSchema,
  'ack.alert_list': acks.alertListAckSchema,
  'ack.alert_delete': acks.alertDeleteAckSchema,
  'ack.mark': acks.markAckSchema,
  '-ack': acks.otherAckSchema,
};

const clientSchemas: Readonly<Record<string, z.ZodType>> = {
  'authenticate.token': client.authenticateTokenSchema,
  'authenticate.apiKey': client.authenticateApiKeySchema,
  'subscribe.channels': client.subscribeChannelsSchema,
  'unsubscribe.channels': client.unsubscribeChannelsSchema,
  'subscription.coinId': client.subscribeCoinSchema,
  'subscription.channel': client.subscribeChannelSchema,
  'subscription.metals': client.subscribeMetalsSchema,
  '.ping': client.pingSchema,
  '.hello': client.clientHelloSchema,
  '.history': client.historySchema,
  '.catalog': client.catalogSchema,
  '.alert_create': client.alertCreateSchema,
  '.alert_list': client.alertListSchema,
  '.alert_delete': client.alertDeleteSchema,
  '.mark': client.markSchema,
};

/** The keys of a data frame's envelope, which stand together in every message that has them. */
export const envelopeSource = sourceOf(jsonSchemaOf(z.looseObject(channel.envelope)));

function withEnvelope(source: Source): Source {
  const fields = Object.entries(source as Readonly<Record<string, Source>>);
  const [first = '', ...others] = Object.keys(envelopeSource);
  const at = fields.findIndex(([key]) => key === first);
  if (at < 0 || !others.every((key, index) => fields[at + 1 + index]?.[0] === key)) return source;
  return Object.fromEntries([...fields.slice(0, at), ['...', envelopeSource], ...fields.slice(at + 1 + others.length)]);
}

/** The codec has looked at `type` (and at the `op` of an ack that it knows) before it asks for a shape. */
function messageSource(schema: z.ZodType): Source {
  const all = jsonSchemaOf(schema);
  const { type: _, op, ...properties } = all.properties ?? {};
  const isOpOpen = op !== undefined && op.const === undefined;
  const kept = isOpOpen ? { ...properties, op } : properties;
  const required = (all.required ?? []).filter((key) => key in kept);
  return withEnvelope(sourceOf({ ...all, properties: kept, required }));
}

const sourcesOf = <Name extends string>(schemas: Readonly<Record<Name, z.ZodType>>): Readonly<Record<Name, Source>> =>
  Object.fromEntries(
    Object.entries<z.ZodType>(schemas).map(([name, schema]) => [name, messageSource(schema)]),
  ) as Record<Name, Source>;

export const priceSources = {
  ...sourcesOf(priceSchemas),
  metalQuote: sourceOf(jsonSchemaOf(channel.metalQuoteSchema)),
};
export const serverSources = sourcesOf(serverSchemas);
export const clientSources = sourcesOf(clientSchemas);
