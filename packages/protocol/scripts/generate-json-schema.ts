/**
 * Writes what other languages need: `json-schema/*.json`, one file a message and direction, and `asyncapi.json` over them.
 * `pnpm generate` writes them; `--check` fails when they are not what the schemas say.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import * as protocol from '../src/index.js';

const server: Record<string, z.ZodType> = {
  price_update: z.union([protocol.coinPriceMessageSchema, protocol.coinNoticeMessageSchema]),
  priceUpdate: protocol.metalPricesMessageSchema,
  alert_triggered: protocol.alertTriggeredSchema,
  whale_movement: protocol.whaleMovementSchema,
  social_spike: protocol.socialSpikeSchema,
  portfolio_update: protocol.portfolioUpdateSchema,
  portfolio_value_update: protocol.portfolioValueUpdateSchema,
  wallet_integration_complete: protocol.walletIntegrationCompleteSchema,
  announcement: protocol.announcementSchema,
  welcome: protocol.welcomeSchema,
  subscribed: protocol.subscribedSchema,
  unsubscribed: protocol.unsubscribedSchema,
  authenticated: protocol.authenticatedSchema,
  error: protocol.errorMessageSchema,
  pong: protocol.pongSchema,
  hello: protocol.helloSchema,
  ack: protocol.ackSchema,
  snapshot: protocol.snapshotSchema,
  heartbeat: protocol.heartbeatSchema,
  gap: protocol.gapSchema,
  batch: protocol.batchSchema,
  going_away: protocol.goingAwaySchema,
};
const client: Record<string, z.ZodType> = {
  authenticate: protocol.authenticateSchema,
  subscribe: protocol.subscribeSchema,
  unsubscribe: protocol.unsubscribeSchema,
  ping: protocol.pingSchema,
  hello: protocol.clientHelloSchema,
  history: protocol.historySchema,
  catalog: protocol.catalogSchema,
  alert_create: protocol.alertCreateSchema,
  alert_list: protocol.alertListSchema,
  alert_delete: protocol.alertDeleteSchema,
  mark: protocol.markSchema,
};

const root = new URL('../', import.meta.url);
const files = new Map<string, string>();
const put = (name: string, value: unknown): void => {
  files.set(name, `${JSON.stringify(value, null, 1)}\n`);
};

for (const [side, schemas] of Object.entries({ server, client })) {
  const known = side === 'server' ? protocol.knownServerTypes : protocol.knownClientTypes;
  const missing = known.filter((type) => !(type in schemas));
  if (missing.length > 0) throw new Error(`No schema is written for ${missing.join(', ')} of the ${side}.`);
  for (const [type, schema] of Object.entries(schemas)) {
    const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'ref' });
    put(`json-schema/${side}.${type}.json`, { title: `${type}, sent by the ${side}`, ...json });
  }
}

const messagesOf = (side: string, types: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    types.map((type) => [
      `${side}.${type}`,
      { name: type, contentType: 'application/json', payload: { $ref: `./json-schema/${side}.${type}.json` } },
    ]),
  );
const refs = (side: string, types: readonly string[]): { $ref: string }[] =>
  types.map((type) => ({ $ref: `#/channels/stream/messages/${side}.${type}` }));
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
put('asyncapi.json', {
  asyncapi: '3.0.0',
  info: {
    title: 'Tickwire',
    version,
    description: 'Price streams over WebSocket. PROTOCOL.md says what the schemas cannot.',
    license: { name: 'MIT' },
  },
  defaultContentType: 'application/json',
  channels: {
    stream: {
      address: '/ws',
      title: 'One WebSocket; one JSON object a text frame',
      messages: {
        ...messagesOf('server', protocol.knownServerTypes),
        ...messagesOf('client', protocol.knownClientTypes),
      },
    },
  },
  operations: {
    receive: {
      action: 'receive',
      channel: { $ref: '#/channels/stream' },
      messages: refs('client', protocol.knownClientTypes),
      summary: 'What the server receives',
    },
    send: {
      action: 'send',
      channel: { $ref: '#/channels/stream' },
      messages: refs('server', protocol.knownServerTypes),
      summary: 'What the server sends',
    },
  },
});

if (process.argv.includes('--check')) {
  for (const [name, text] of files) {
    if (readFileSync(new URL(name, root), 'utf8') === text) continue;
    process.exitCode = 1;
    console.error(`${name} is not what the schemas say. Run "pnpm generate" and commit it.`);
  }
  const extra = readdirSync(new URL('json-schema/', root)).filter((name) => !files.has(`json-schema/${name}`));
  if (extra.length > 0) throw new Error(`json-schema has files of no message: ${extra.join(', ')}`);
} else {
  rmSync(new URL('json-schema/', root), { recursive: true, force: true });
  mkdirSync(new URL('json-schema/', root));
  for (const [name, text] of files) writeFileSync(new URL(name, root), text);
}
