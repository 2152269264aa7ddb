/** Follows a server until it is told to end, and prints what becomes of its connection. */
import { PriceWebSocketClient } from '@tickwire/client';

const client = new PriceWebSocketClient(process.argv[2] ?? '', {
  dialect: 'tickwire',
  heartbeat: { idleMs: 100, timeoutMs: 300 },
});
client.on('connection', ({ status }) => process.stdout.write(`${status}\n`));
void client.connect();
process.stdin.once('data', () => {
  process.stdin.destroy();
  void client.close();
});
