/** `POST /api/publish`: a message of the contract from a publisher with an API key; its type says who is told. */
import { createHash } from 'node:crypto';
import { ErrorCode, type ServerMessage } from '@tickwire/protocol';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import type { FastifyInstance } from 'fastify';
import type { PublishOptions } from '../engine/engine.js';
import type { Limits } from '../limits.js';
import type { PublishOnce } from '../services/publish-once.js';
import { PublishError } from '../services/publishable.js';
import type { Realtime } from '../services/realtime.js';
import { refuse, refuseInOneShape } from './answers.js';

/** What the route is made of. */
export interface PublishRouteOptions {
  readonly once: PublishOnce;
  readonly limits: Pick<Limits, 'maxPublishBytes'>;
}

const keyPattern = /^[\x21-\x7e]{1,128}$/;

/** Who is told of a message; `undefined` for one that no channel carries, or that does not say whose it is. */
function publishing(
  realtime: Realtime,
  message: ServerMessage,
  options: PublishOptions,
): (() => Promise<void>) | undefined {
  switch (message.type) {
    case 'price_update':
    case 'whale_movement':
    case 'social_spike': {
      const { coinId } = message.data;
      return coinId === undefined || coinId === null
        ? undefined
        : () => realtime.broadcastToCoin(String(coinId), message, options);
    }
    case 'priceUpdate': {
      const { data } = message;
      if (Array.isArray(data) || Object.keys(data).length === 0) return undefined;
      return () => realtime.broadcastMetals(data, options);
    }
    case 'announcement':
      return () => realtime.broadcastGlobal(message, options);
    case 'alert_triggered':
    case 'portfolio_update':
    case 'portfolio_value_update':
    case 'wallet_integration_complete': {
      const { userId } = message;
      return userId === undefined || userId === null
        ? undefined
        : () => realtime.broadcastToUser(userId, message, options);
    }
    default:
      return undefined;
  }
}

/** Adds the route. An `Idempotency-Key` makes a repeated request publish nothing for ten minutes. */
export function addPublishRoute(app: FastifyInstance, { once, limits }: PublishRouteOptions): void {
  void app.register((routes, _options, done) => {
    refuseInOneShape(routes);
    // The text itself is judged by the decoder of the contract: one parse, one judge.
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    routes.post(
      '/api/publish',
      {
        bodyLimit: limits.maxPublishBytes,
        onRequest: (request, reply) => app.requireApiKey('publish')(request, reply),
      },
      async (request, reply) => {
        const text = typeof request.body === 'string' ? request.body : '';
        const decoded = decodeServerMessage(text);
        if (!decoded.ok) return refuse(reply, decoded.code, `${decoded.path}: ${decoded.reason}`);
        if (decoded.kind === 'unknown') return refuse(reply, ErrorCode.UNKNOWN_TYPE);
        const account = request.identity?.userId ?? '';
        const publish = publishing(app.realtime, decoded.message, { account });
        if (publish === undefined) {
          return refuse(reply, ErrorCode.BAD_MESSAGE, 'The message does not say which coin, metals or user it is for');
        }
        const key = request.headers['idempotency-key'];
        if (key !== undefined && !(typeof key === 'string' && keyPattern.test(key))) {
          return refuse(reply, ErrorCode.BAD_MESSAGE, 'Idempotency-Key: expected 1 to 128 visible characters');
        }
        try {
          if (key === undefined) {
            await publish();
            return await reply.code(202).send({ outcome: 'published' });
          }
          const content = createHash('sha256').update(text).digest('base64url');
          const outcome = await once.run(account, key, content, publish);
          if (outcome === 'conflict') {
            return await refuse(reply, ErrorCode.CONFLICT, 'This Idempotency-Key stands for another message');
          }
          return await reply.code(outcome === 'published' ? 202 : 200).send({ outcome });
        } catch (error) {
          if (error instanceof PublishError) return refuse(reply, error.code, error.message, error.retryAfterMs);
          throw error;
        }
      },
    );
    done();
  });
}
