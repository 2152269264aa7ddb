/** Alert rules over HTTP, for the user whose token the request shows; the same rules as over the socket. */
import { alertCreateSchema, ErrorCode } from '@tickwire/protocol';
import type { FastifyInstance } from 'fastify';
import type { AlertBook } from '../alerts/alert-book.js';
import { refuse, refuseInOneShape } from './answers.js';

const bodySchema = alertCreateSchema.shape.data;

/** Adds `GET`, `POST` and `DELETE /api/alerts`; `POST` takes the `data` of `alert_create`. */
export function addAlertRoutes(app: FastifyInstance, book: AlertBook): void {
  void app.register((routes, _options, done) => {
    refuseInOneShape(routes);
    routes.addHook('onRequest', (request, reply) => app.requireUser(request, reply));

    const onRequest = app.requireScope('alerts:write');

    routes.get('/api/alerts', (request) => ({ items: book.list(request.identity?.userId ?? '') }));

    routes.post('/api/alerts', { bodyLimit: 16_384, onRequest }, (request, reply) => {
      const wish = bodySchema.safeParse(request.body);
      if (!wish.success) return refuse(reply, ErrorCode.BAD_MESSAGE);
      const outcome = book.create(request.identity?.userId ?? '', wish.data);
      if (!outcome.ok) return refuse(reply, outcome.code, outcome.message);
      const { alertId, created } = outcome;
      return reply.code(created ? 201 : 200).send({ alertId, created });
    });

    routes.delete<{ Params: { id: string } }>('/api/alerts/:id', { onRequest }, (request, reply) =>
      book.delete(request.identity?.userId ?? '', request.params.id)
        ? reply.code(204).send()
        : reply.code(404).send({ error: 'No such alert', code: ErrorCode.BAD_MESSAGE }),
    );
    done();
  });
}
