// What users write, checked by their compiler with their settings.
import {
  PriceStreamError,
  PriceWebSocketClient,
  type Channel,
  type ClientOptions,
  type Connection,
  type PriceTick,
  type ReadyOptions,
  type Subscription,
  type WhaleMovement,
} from '@tickwire/client';
import { PriceWebSocketClient as Compat } from '@tickwire/client/compat';
import { createPriceFormatter, formatPercent } from '@tickwire/client/format';
import { CloseCode, coin, metal, parseChannel, serverMessageSchema } from '@tickwire/protocol';
import { decodeServerMessage, encodeMessage } from '@tickwire/protocol/codec';

export async function follow(url: string): Promise<string> {
  const options: ClientOptions = { token: async ({ reason }) => `a token for ${reason}`, staleAfterMs: 500 };
  const client = new PriceWebSocketClient(url, options);
  client.on('connection', (connection: Connection) => connection.status);
  client.on('error', (error: PriceStreamError) => error.code);
  const one: Subscription<PriceTick> = client.subscribe('coin:bitcoin', (tick) => tick.price.toFixed(2));
  await one.ready();
  const several = client.subscribe([coin('bitcoin'), metal('gold')], (tick) => tick.direction);
  client.subscribe('whales', (message) => message.data.usdValue, { filter: [{ key: 'usdValue', cmp: 'gte', val: 1 }] });
  for await (const tick of several) {
    if (tick.freshness === 'fresh') break;
  }
  one.unsubscribe();
  await client.close();
  const compat = new Compat(url);
  compat.onPriceUpdate = (data) => data['gold']?.price;
  return createPriceFormatter({ currency: 'USD' })(1) + formatPercent(1);
}

/** What may be missing is passed on as it is, and what is delivered has a name. */
export async function maybe(url: string, token?: string, idleMs?: number, signal?: AbortSignal): Promise<unknown> {
  const options: ClientOptions = { token, heartbeat: { idleMs }, signal, logger: undefined };
  const client = new PriceWebSocketClient(url, options);
  const wait: ReadyOptions = { signal, timeoutMs: idleMs };
  const channel: Channel = 'whales';
  const show = (movement: WhaleMovement): unknown => movement.data.usdValue;
  await client.connect({ signal });
  await client.subscribe(channel, show, { minIntervalMs: idleMs, signal }).ready(wait);
  const [rule] = await client.alerts.list();
  return [
    rule?.condition,
    createPriceFormatter({ currency: token }),
    new PriceStreamError('X', 'x', { closeCode: idleMs }),
  ];
}

export function read(text: string): number | undefined {
  const result = decodeServerMessage(text);
  if (result.ok && result.kind === 'known' && result.message.type === 'heartbeat') return undefined;
  if (!result.ok) return undefined;
  return parseChannel('coin:bitcoin') === undefined ? CloseCode.NORMAL : encodeMessage({ type: 'ping' }).length;
}

export const parsed: unknown = serverMessageSchema.safeParse({}).success;
