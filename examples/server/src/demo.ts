/** What `pnpm demo` runs: the server with friendlier settings, where to look, and a line with live prices now and then. */
import type { FastifyInstance } from 'fastify';
import { systemClock } from './clock.js';
import type { Environment, ServerConfig } from './config.js';
import { placesToLook, priceLine } from './demo/demo-lines.js';
import { fromProcess, startServer } from './start.js';

const shared = fromProcess();
const secondsBetweenLines = 5;

/** Prices that move while one looks, a day of them to look back at, something to try, and no log lines between those for people. */
const friendlier: Environment = {
  PRICE_UPDATE_INTERVAL: '1000',
  PRICE_VOLATILITY: '0.02',
  EVENTS_INTERVAL: '5000',
  WS_MAX_CONNECTIONS: '10000',
  LOG_LEVEL: 'warn',
  DEMO_ACCOUNTS: 'true',
  DEMO_FAULTS: 'true',
  DEMO_HISTORY: 'true',
};

function setValues(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
}

/** Prints a line every few seconds until the undo is called. */
function printPrices(app: FastifyInstance): () => void {
  let cancel: () => void = () => undefined;
  const again = (): void => {
    cancel = systemClock.after(secondsBetweenLines * 1_000, () => {
      const line = app.realtime.lastPrices().then(
        (messages) => priceLine(messages, systemClock.now(), app.connections.size),
        () => 'No prices: the engine is away; /readyz says more.',
      );
      void line.then((text) => {
        shared.print(text);
        again();
      });
    });
  };
  again();
  return () => cancel();
}

process.exitCode = await startServer({
  ...shared,
  environment: { ...friendlier, ...setValues(shared.environment) },
  usage:
    'The Tickwire demo: the reference server with the dashboard. PORT=3002 moves it.\nUnless you set them, PRICE_UPDATE_INTERVAL is 1000, PRICE_VOLATILITY 0.02, EVENTS_INTERVAL 5000, WS_MAX_CONNECTIONS 10000, LOG_LEVEL warn,\nand DEMO_ACCOUNTS, DEMO_FAULTS and DEMO_HISTORY are true.',
  onListening: (app: FastifyInstance, config: ServerConfig) => {
    const address = app.server.address();
    shared.print(placesToLook(config, typeof address === 'object' ? (address?.port ?? config.port) : config.port));
    return printPrices(app);
  },
});
