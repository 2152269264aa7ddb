/** Candles over HTTP: what a page draws before its first live price. */
import { ErrorCode } from '@tickwire/protocol';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { Catalog } from '../catalog.js';
import type { Clock } from '../clock.js';
import { candleIntervals, type CandleBook } from '../services/candles.js';
import { refuse } from './answers.js';

/** What the route is made of. */
export interface CandleRouteOptions {
  readonly book: CandleBook;
  readonly catalog: Pick<Catalog, 'items'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Candles from before were made up by the simulation when it started, epoch ms. */
  readonly startedAt: number;
  /** Whether strangers get no prices. */
  readonly isAuthRequired: boolean;
}

const mostChannels = 200;
const usualInterval = 60;

const querySchema = z.object({
  channels: z
    .string()
    .max(16_384)
    .transform((text) => [...new Set(text.split(','))])
    .pipe(z.array(z.string()).max(mostChannels)),
  interval: z.coerce
    .number()
    .refine((seconds) => candleIntervals.includes(seconds))
    .default(usualInterval),
  limit: z.coerce.number().int().min(1).optional(),
});

const hint = `Ask for ?channels=coin:bitcoin,metal:gold (${mostChannels} at most) with an interval of ${candleIntervals.join(', ')} seconds and a limit of 1 or more`;

/** Adds `GET /api/candles`; channels that the server lacks are left out. */
export function addCandleRoute(
  app: FastifyInstance,
  { book, catalog, clock, startedAt, isAuthRequired }: CandleRouteOptions,
): void {
  app.get('/api/candles', isAuthRequired ? { onRequest: app.requireSomebody } : {}, (request, reply) => {
    const query = querySchema.safeParse(request.query);
    if (!query.success) return refuse(reply, ErrorCode.BAD_MESSAGE, hint);
    const { channels, interval, limit } = query.data;
    const known = new Map(catalog.items.map((item) => [item.channel, item]));
    const items = channels.flatMap((channel) => {
      const item = known.get(channel);
      if (item === undefined) return [];
      const { source, currency } = item;
      const past = source === 'simulated' ? { madeUpBefore: startedAt } : {};
      return [{ channel, source, currency, ...past, candles: book.of(channel, interval, limit) }];
    });
    void reply.header('Cache-Control', 'no-store');
    return { interval, serverTime: clock.now(), items };
  });
}
