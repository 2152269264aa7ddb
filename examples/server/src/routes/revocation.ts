/** `POST /api/users/:userId/revoke`: for whoever ends sessions, such as the log-out of an application. */
import type { FastifyInstance } from 'fastify';
import { isUserId } from '../auth/identity.js';

/** Adds the route; it needs an API key with the scope `revoke`. */
export function addRevocationRoute(app: FastifyInstance): void {
  app.post<{ Params: { userId: string } }>(
    '/api/users/:userId/revoke',
    { onRequest: app.requireApiKey('revoke') },
    async (request, reply) => {
      const { userId } = request.params;
      if (!isUserId(userId)) return reply.code(400).send({ error: 'This is no user id', code: 'BAD_MESSAGE' });
      await app.realtime.revokeUser(userId);
      return reply.code(204).send();
    },
  );
}
