/** `POST /api/users/:userId/revoke`: for whoever ends sessions, such as the log-out of an application. */
import { ErrorCode } from '@tickwire/protocol';
import type { FastifyInstance } from 'fastify';
import { isUserId } from '../auth/identity.js';
import { RevocationsFullError } from '../services/revocation-channel.js';
import { refuse } from './answers.js';

/** Room comes as tokens end. */
const fullWaitMs = 60_000;

/** Adds the route; it needs an API key with the scope `revoke`. */
export function addRevocationRoute(app: FastifyInstance): void {
  app.post<{ Params: { userId: string } }>(
    '/api/users/:userId/revoke',
    { onRequest: app.requireApiKey('revoke') },
    async (request, reply) => {
      const { userId } = request.params;
      if (!isUserId(userId)) return reply.code(400).send({ error: 'This is no user id', code: 'BAD_MESSAGE' });
      try {
        await app.realtime.revokeUser(userId);
      } catch (error) {
        if (error instanceof RevocationsFullError) {
          return refuse(reply, ErrorCode.SERVER_BUSY, error.message, fullWaitMs);
        }
        throw error;
      }
      return reply.code(204).send();
    },
  );
}
