/** Prints every price as it comes, and what the connection is doing; runs until Ctrl-C. */
import { parseArgs } from 'node:util';
import { PriceWebSocketClient, type Connection, type PriceTick } from '@tickwire/client';
import { parseChannel, type Channel } from '@tickwire/protocol';

const help = `Prints live prices, one a line.

  tail-prices [--url ws://localhost:3001/ws] [channel …]

  channel   coin:bitcoin, metal:gold …; without any, everything that the server's catalog has
  --url     where the server is; TICKWIRE_URL says it too
  --help    this text

Start a server first: npx -y pnpm@12.21.0 demo`;

function wordsOf(connection: Connection): string {
  switch (connection.status) {
    case 'connected':
      return `connected (${connection.dialect})`;
    case 'reconnecting':
      return `reconnecting, attempt ${connection.attempt}: ${connection.cause?.message ?? 'the connection was lost'}`;
    case 'failed':
      return `failed: ${connection.error.message}`;
    default:
      return connection.status;
  }
}

function lineOf(tick: PriceTick): string {
  const arrow = { up: '▲', down: '▼', same: ' ' }[tick.direction];
  const change = tick.changePercent === undefined ? '' : `${tick.changePercent.toFixed(2)} %`;
  return [tick.timestamp ?? '–', tick.channel, arrow, tick.price, tick.currency ?? '', change].join('\t');
}

function isChannel(name: string): name is Channel {
  return parseChannel(name) !== undefined;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { url: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
const channels = positionals.filter(isChannel);
const wrong = positionals.find((name) => !isChannel(name));

if (values.help) {
  console.log(help);
} else if (wrong !== undefined) {
  console.error(`"${wrong}" is no channel. A channel looks like coin:bitcoin or metal:gold; --help says more.`);
  process.exitCode = 1;
} else {
  const url = values.url ?? process.env['TICKWIRE_URL'] ?? 'ws://localhost:3001/ws';
  const client = new PriceWebSocketClient(url);
  client.on('connection', (connection) => console.error(`# ${wordsOf(connection)}`));
  client.on('error', (error) => console.error(`# ${error.code}: ${error.message}`));
  const print = (tick: unknown): void => console.log(lineOf(tick as PriceTick));

  process.once('SIGINT', () => void client.close());
  process.once('SIGTERM', () => void client.close());
  await client.connect();
  const wanted =
    channels.length > 0 ? channels : (await client.catalog()).items.map((item) => item.channel).filter(isChannel);
  if (wanted.length > 0) client.subscribe(wanted, print);
}
