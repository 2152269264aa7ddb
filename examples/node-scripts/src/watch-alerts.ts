/** Creates a price alert, lists the user's alerts, and prints what happens to them; runs until Ctrl-C. */
import { parseArgs } from 'node:util';
import { PriceStreamError, PriceWebSocketClient } from '@tickwire/client';

const help = `Watches the alerts of a user.

  watch-alerts [--url ws://localhost:3001/ws] [--coin bitcoin --above 50000]

  --coin    the coin of a new alert; with --above or --below, its target price
  --url     where the server is; TICKWIRE_URL says it too
  --help    this text

The token is taken from TICKWIRE_TOKEN: on a command line others could read it.`;

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    coin: { type: 'string' },
    above: { type: 'string' },
    below: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const token = process.env['TICKWIRE_TOKEN'] ?? '';
const target = values.above ?? values.below;

/** What a refusal means to somebody who has started this script. */
function wordsOf(error: unknown): string {
  if (!(error instanceof PriceStreamError)) return String(error);
  switch (error.code) {
    case 'AUTH_FAILED':
    case 'UNAUTHENTICATED':
    case 'TOKEN_EXPIRED':
    case 'TOKEN_REJECTED':
      return `The server did not accept the token, or has no accounts at all: ${error.message}. Alerts need a server that can authenticate.`;
    case 'UNAVAILABLE':
      return `This server is of an older kind that has no alerts to ask for: ${error.message}`;
    case 'REQUEST_TIMEOUT':
      return 'The server does not answer questions about alerts.';
    default:
      return `${error.code}: ${error.message}`;
  }
}

/** Brings the alerts on the screen; throws what the server refuses. */
async function watch(client: PriceWebSocketClient): Promise<void> {
  client.on('alert_triggered', ({ data }) => {
    console.log(
      `! ${data.alertType} of ${data.coinId ?? '–'} ${JSON.stringify(data.condition)} at ${data.triggeredAt}`,
    );
  });
  client.on('gap', ({ channel, from, to }) => {
    if (channel === 'user') console.log(`# alerts ${from ?? '?'} to ${to ?? '?'} are lost`);
  });
  await client.authenticate(token);
  client.subscribe('user', () => undefined);
  if (values.coin !== undefined && target !== undefined) {
    const alertType = values.above === undefined ? 'price_below' : 'price_above';
    const condition = { targetPrice: Number(target) };
    // The same reference again is the same alert, however often this is started.
    const clientRef = `watch-${values.coin}-${alertType}-${target}`.slice(0, 64);
    const { alertId, created } = await client.alerts.create({ alertType, coinId: values.coin, condition, clientRef });
    console.log(`# alert ${alertId} ${created ? 'is new' : 'was there already'}`);
  }
  const alerts = await client.alerts.list();
  console.log(`# ${alerts.length} alerts`);
  for (const { alertId, alertType } of alerts) console.log(`${alertId}\t${alertType}`);
}

if (values.help) {
  console.log(help);
} else if (token === '') {
  console.error('Alerts belong to a user: put a token into TICKWIRE_TOKEN. --help says more.');
  process.exitCode = 1;
} else if ((values.coin === undefined) !== (target === undefined) || Number.isNaN(Number(target ?? 0))) {
  console.error('A new alert needs both: --coin bitcoin --above 50000');
  process.exitCode = 1;
} else {
  const client = new PriceWebSocketClient(values.url ?? process.env['TICKWIRE_URL'] ?? 'ws://localhost:3001/ws');
  client.on('connection', ({ status }) => console.error(`# ${status}`));
  process.once('SIGINT', () => void client.close());
  process.once('SIGTERM', () => void client.close());
  try {
    await watch(client);
  } catch (error) {
    if (client.connection.get().status !== 'closed') {
      console.error(wordsOf(error));
      process.exitCode = 1;
    }
    await client.close();
  }
}
