/** Holdings over HTTP, for the user whose token the request shows; their worth goes out on the channel `portfolio`. */
import { ErrorCode, requestedCoinSchema } from '@tickwire/protocol';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { Catalog } from '../catalog.js';
import type { Limits } from '../limits.js';
import type { Holding } from '../portfolio/portfolio-value.js';
import type { Portfolios } from '../portfolio/portfolios.js';
import { refuse, refuseInOneShape } from './answers.js';

/** What the routes are made of. */
export interface PortfolioRouteOptions {
  readonly portfolios: Portfolios;
  readonly catalog: Pick<Catalog, 'coinIdOf'>;
  readonly limits: Pick<Limits, 'holdingsPerUser'>;
}

const most = 1e15;

/** Adds `GET` and `PUT /api/portfolio`; the body is `{"holdings":[{"coinId":"bitcoin","amount":0.5,"averagePrice":30000}]}`. */
export function addPortfolioRoutes(app: FastifyInstance, { portfolios, catalog, limits }: PortfolioRouteOptions): void {
  const bodySchema = z.object({
    holdings: z
      .array(
        z.object({
          coinId: requestedCoinSchema,
          amount: z.number().gt(0).max(most),
          averagePrice: z.number().min(0).max(most).optional(),
        }),
      )
      .max(limits.holdingsPerUser),
  });

  void app.register((routes, _options, done) => {
    refuseInOneShape(routes);
    routes.addHook('onRequest', (request, reply) => app.requireUser(request, reply));

    routes.get('/api/portfolio', (request) => ({ holdings: portfolios.of(request.identity?.userId ?? '') }));

    routes.put(
      '/api/portfolio',
      { bodyLimit: 32_768, onRequest: app.requireScope('portfolio:write') },
      (request, reply) => {
        const body = bodySchema.safeParse(request.body);
        if (!body.success) return refuse(reply, ErrorCode.BAD_MESSAGE);
        const holdings: Holding[] = [];
        for (const { coinId, amount, averagePrice } of body.data.holdings) {
          const id = catalog.coinIdOf(coinId);
          if (id === undefined) return refuse(reply, ErrorCode.UNKNOWN_CHANNEL, 'No such coin');
          holdings.push({ coinId: id, amount, ...(averagePrice === undefined ? {} : { averagePrice }) });
        }
        return portfolios.replace(request.identity?.userId ?? '', holdings)
          ? { holdings }
          : refuse(reply, ErrorCode.SERVER_BUSY);
      },
    );
    done();
  });
}
