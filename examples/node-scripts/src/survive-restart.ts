/** Keeps printing through restarts of the server, and says what an outage has cost; runs until Ctrl-C. */
import { parseArgs } from 'node:util';
import { PriceWebSocketClient, type PriceTick } from '@tickwire/client';
import { parseChannel, type Channel } from '@tickwire/protocol';

const help = `Prints live prices, and after each outage how long it was and what was missed.

  survive-restart [--url ws://localhost:3001/ws] [channel …]

  channel   coin:bitcoin, metal:gold, whales …; coin:bitcoin without any
  --url     where the server is; TICKWIRE_URL says it too
  --help    this text

Stop the server and start it again while this runs.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { url: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
const channels = positionals.filter((name): name is Channel => parseChannel(name) !== undefined);
const wrong = positionals.find((name) => parseChannel(name) === undefined);

/** A price with the life of the counter that its `seq` belongs to. */
interface Seen {
  readonly tick: PriceTick;
  readonly epoch: string | undefined;
}

/** What came between the last price before an outage and the first after it. */
function missed(before: Seen, after: Seen): string {
  const [old, now] = [before.tick, after.tick];
  const moved = old.price === now.price ? 'the price is the same' : `${old.price} became ${now.price}`;
  if (old.seq === undefined || now.seq === undefined) return `${moved}; this server does not count its messages`;
  if (before.epoch !== after.epoch) return `${moved}; the server counts anew, what was missed is unknown`;
  return `${moved}; ${Math.max(0, now.seq - old.seq - 1)} prices in between were missed`;
}

if (values.help) {
  console.log(help);
} else if (wrong !== undefined) {
  console.error(`"${wrong}" is no channel. A channel looks like coin:bitcoin or metal:gold; --help says more.`);
  process.exitCode = 1;
} else {
  const url = values.url ?? process.env['TICKWIRE_URL'] ?? 'ws://localhost:3001/ws';
  const client = new PriceWebSocketClient(url, { reconnect: { maxDelayMs: 5_000 } });
  const lastSeen = new Map<string, Seen>();
  const waiting = new Map<string, Seen>();
  const epochs = new Map<string, string>();
  let lostAt: number | undefined;

  client.on('connection', (connection) => {
    if (connection.status === 'connected' && lostAt !== undefined) {
      console.log(`# back after ${((performance.now() - lostAt) / 1000).toFixed(1)} s`);
      lostAt = undefined;
    } else if (connection.status === 'reconnecting') {
      if (lostAt === undefined) {
        lostAt = performance.now();
        for (const [channel, seen] of lastSeen) waiting.set(channel, seen);
      }
      const seconds = Math.max(0, (connection.retryAt - Date.now()) / 1000).toFixed(1);
      console.log(
        `# lost: ${connection.cause?.message ?? 'the server leaves'} Attempt ${connection.attempt} in ${seconds} s`,
      );
    } else if (connection.status === 'failed') console.log(`# failed: ${connection.error.message}`);
  });
  client.on('gap', ({ channel, from, to, reason }) => {
    console.log(
      `# ${channel}: ${from === null ? 'an unknown number of' : `messages ${from} to ${to ?? '?'} are`} lost (${reason})`,
    );
  });
  // A snapshot names its epochs beside the prices.
  client.on('snapshot', ({ data }) => {
    for (const { channel, epoch } of data.items) epochs.set(channel, epoch);
  });
  client.on('price', (tick) => {
    const seen = { tick, epoch: tick.source.epoch ?? epochs.get(tick.channel) };
    const before = waiting.get(tick.channel);
    waiting.delete(tick.channel);
    lastSeen.set(tick.channel, seen);
    if (before !== undefined) console.log(`# ${tick.channel}: ${missed(before, seen)}`);
    console.log(`${tick.channel}\t${tick.price}\t${tick.timestamp ?? ''}`);
  });
  client.on('error', (error) => console.error(`# ${error.code}: ${error.message}`));
  client.subscribe(channels.length > 0 ? channels : ['coin:bitcoin'], () => undefined);

  process.once('SIGINT', () => void client.close());
  process.once('SIGTERM', () => void client.close());
}
