/** Ends everything that it has begun and awaits nothing: a rejection that nobody handles would end the process with code 1. */
import { PriceWebSocketClient } from '@tickwire/client';

const abort = new AbortController();
const client = new PriceWebSocketClient('ws://127.0.0.1:1/ws', {
  logger: { debug: () => undefined, error: () => undefined },
});
void client.connect();
void client.connect({ signal: abort.signal });
const handle = client.subscribe('coin:a', () => undefined);
void handle.ready();
void handle.ready({ signal: abort.signal });
void client.alerts.list();
void client.catalog();
void client.history('whales');
abort.abort();
handle.unsubscribe();
const awaited = client.connect();
await client.close();
const [outcome] = await Promise.allSettled([awaited]);
process.stdout.write(outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : 'connected');
