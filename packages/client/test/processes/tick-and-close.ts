/** Prints one price and closes: the process has to end by itself. */
import { PriceWebSocketClient } from '@tickwire/client';

const client = new PriceWebSocketClient(process.argv[2] ?? '');
for await (const tick of client.subscribe('coin:bitcoin')) {
  process.stdout.write(`${tick.price}\n`);
  break;
}
await client.close();
