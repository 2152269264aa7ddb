/** How the API refuses over HTTP: the same codes as on the wire, in the same shape for every route. */
import { ErrorCode, errorTexts } from '@tickwire/protocol';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isAway } from '../engine/engine.js';

const statusOf: ReadonlyMap<ErrorCode, number> = new Map<ErrorCode, number>([
  [ErrorCode.UNKNOWN_CHANNEL, 404],
  [ErrorCode.CONFLICT, 409],
  [ErrorCode.TOO_MANY_ITEMS, 409],
  [ErrorCode.RATE_LIMITED, 429],
  [ErrorCode.SERVER_BUSY, 503],
  [ErrorCode.TOO_MANY_CHANNELS, 503],
  [ErrorCode.INTERNAL, 500],
]);

/** Answers with an error of the contract; `retryAfterMs` stands in `Retry-After`. */
export function refuse(reply: FastifyReply, code: ErrorCode, message?: string, retryAfterMs?: number): FastifyReply {
  if (retryAfterMs !== undefined) void reply.header('Retry-After', String(Math.ceil(retryAfterMs / 1_000)));
  return reply.code(statusOf.get(code) ?? 400).send({ error: message ?? errorTexts.get(code)?.message ?? code, code });
}

/** Makes bodies that are no JSON, too big or of another type answer in the same shape, for routes below `app`; and an engine that is away. */
export function refuseInOneShape(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    if (isAway(error)) return refuse(reply, ErrorCode.SERVER_BUSY, undefined, error.retryAfterMs);
    const status = error.statusCode ?? 500;
    if (status >= 500) app.log.error({ err: error }, 'a request failed');
    const code = status >= 500 ? ErrorCode.INTERNAL : status === 400 ? ErrorCode.BAD_JSON : ErrorCode.BAD_MESSAGE;
    // The framework's own words may quote the body.
    return reply.code(status).send({ error: errorTexts.get(code)?.message ?? code, code });
  });
}

/** Answers an address that cannot be read, which no hook and no route gets to see. The framework's own words repeat it. */
export function refuseAddress(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const { socket } = request.raw;
  // The connection of an upgrade is nobody's by then.
  reply.raw.once('finish', () => socket.destroySoon());
  void reply
    .code(error.statusCode ?? 400)
    .header('Connection', 'close')
    .send({ error: 'The address cannot be read', code: ErrorCode.BAD_MESSAGE });
}

/** Answers 415 to bodies that are compressed: no route unpacks them. */
export function refuseEncodedBodies(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding === 'identity') done();
    else
      void reply
        .code(415)
        .header('Accept-Encoding', 'identity')
        .send({ error: 'Send the body as it is', code: ErrorCode.BAD_MESSAGE });
  });
}
