/** What the server says over HTTP: health, last prices, status, and the pages. */
import cors, { type FastifyCorsOptionsDelegateCallback } from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import type { Catalog } from '../catalog.js';
import type { Clock } from '../clock.js';
import type { PublishedMessage } from '../engine/engine.js';
import { isOriginAllowed, type OriginPolicy } from '../plugins/origin.js';
import type { Audience } from '../services/audience.js';
import { wholeSnapshot } from '../services/frames.js';
import type { PriceFeed } from '../services/price-feed.js';

/** What the routes answer from. */
export interface HttpRouteOptions {
  readonly catalog: Catalog;
  readonly audience: Audience;
  readonly feed: PriceFeed;
  readonly clock: Clock;
  readonly startedAt: number;
  /** Which pages may read prices: those that may open a socket. */
  readonly origins: OriginPolicy;
  /** Whether strangers get no prices. */
  readonly isAuthRequired: boolean;
}

/**
 * The last values as JSON: a `snapshot` of the wire contract, so that a client which polls reads it with the decoder that
 * it has, with the server's time and the catalog's revision beside it.
 */
function pricesBody(messages: readonly PublishedMessage[], revision: string, serverTime: number): string {
  const extras = JSON.stringify({ timestamp: new Date(serverTime).toISOString(), serverTime, revision }).slice(1);
  return `${wholeSnapshot(messages).slice(0, -1)},${extras}`;
}

/** Adds the routes. */
export function addHttpRoutes(
  app: FastifyInstance,
  { catalog, audience, feed, clock, startedAt, origins, isAuthRequired }: HttpRouteOptions,
): void {
  app.get('/healthz', () => ({ status: 'ok' }));

  // A door that the socket keeps shut must not stand open beside it.
  const prices = isAuthRequired ? { onRequest: app.requireSomebody } : {};
  const letPageRead: FastifyCorsOptionsDelegateCallback = (request, answer) => {
    const { origin } = request.headers;
    const isAllowed = origin !== undefined && isOriginAllowed(origin, request.host, origins);
    answer(null, { origin: isAllowed && origin, methods: 'GET', allowedHeaders: 'Authorization' });
  };
  // A scope of its own: no other route answers pages from elsewhere, or their preflights.
  void app.register(
    (own, _options, done) => {
      void own.register(cors, { delegator: letPageRead });
      own.get('', prices, async (_request, reply) => {
        const messages = await app.realtime.lastPrices();
        return reply
          .type('application/json; charset=utf-8')
          .header('Cache-Control', 'no-store')
          .send(pricesBody(messages, catalog.revision, clock.now()));
      });
      done();
    },
    { prefix: '/api/prices' },
  );

  app.get('/api/status', (_request, reply) => {
    void reply.header('Cache-Control', 'no-store');
    return {
      uptimeMs: Math.round(clock.monotonic() - startedAt),
      connections: {
        open: app.connections.size,
        total: app.connections.total,
        byDialect: app.connections.countByDialect(),
      },
      subscriptions: audience.count(),
      catalogRevision: catalog.revision,
      instruments: catalog.items.length,
      sources: feed.status(),
    };
  });
}
