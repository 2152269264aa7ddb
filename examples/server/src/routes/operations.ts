/** What an operator asks: is it ready, what are its figures. Keep `/metrics` away from the public. */
import type { FastifyInstance } from 'fastify';
import { countOne, type Counters } from '../counters.js';
import type { Engine } from '../engine/engine.js';
import type { Metrics } from '../services/metrics.js';
import type { PriceFeed } from '../services/price-feed.js';

/** What the routes answer from. */
export interface OperationsOptions {
  readonly metrics: Metrics;
  readonly feed: PriceFeed;
  readonly engine: Pick<Engine, 'status'>;
}

const wellStates: readonly string[] = ['running', 'connecting', 'standby'];

/** Why the server should be sent nobody; `undefined` when it may. */
function unreadiness(
  app: FastifyInstance,
  { feed, engine }: Pick<OperationsOptions, 'feed' | 'engine'>,
): string | undefined {
  if (app.connections.isDraining) return 'draining';
  const { problem } = engine.status();
  if (problem !== undefined) return problem;
  const dead = feed.status().find(({ state }) => !wellStates.includes(state));
  return dead === undefined ? undefined : `source ${dead.name} is ${dead.state}`;
}

/** Adds `/readyz` and `/metrics`. */
export function addOperations(app: FastifyInstance, { metrics, feed, engine }: OperationsOptions): void {
  app.get('/readyz', (_request, reply) => {
    const reason = unreadiness(app, { feed, engine });
    void reply.header('Cache-Control', 'no-store').code(reason === undefined ? 200 : 503);
    return reason === undefined ? { status: 'ready' } : { status: 'not ready', reason };
  });

  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));

  app.addHook('onReady', (done) => {
    metrics.start();
    done();
  });
  app.addHook('onClose', (_app, done) => {
    metrics.stop();
    done();
  });
}

/** Counts the upgrades that were answered in HTTP; of the whole server, so it stands outside of any plugin. */
export function countRefusedUpgrades(app: FastifyInstance, counters: Counters): void {
  app.addHook('onResponse', (request, reply, done) => {
    if (request.ws) countOne(counters.refusedUpgrades, reply.statusCode);
    done();
  });
}
