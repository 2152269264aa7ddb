/** What routes use to know who asks: hooks that let a request in with a token or an API key, and answer it otherwise. */
import { ErrorCode, errorTexts } from '@tickwire/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Authenticator } from '../auth/authenticator.js';
import { hasScope, type Credentials, type Identity, type ownScopes } from '../auth/identity.js';
import { algorithmOf } from '../auth/tokens.js';
import { addressKey } from './address.js';

/** An `onRequest` hook: it answers the request itself, or lets it through with `request.identity`. */
export type AccessHook = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

declare module 'fastify' {
  interface FastifyInstance {
    /** Lets in who shows an API key with this scope, as `Authorization: Bearer <kid>.<secret>`, `ApiKey …` or `X-API-Key`. */
    requireApiKey(scope: string): AccessHook;
    /** Lets in who shows a token, as `Authorization: Bearer <jwt>`. */
    requireUser: AccessHook;
    /** Lets in whoever is somebody: who shows a token, or an API key whatever its scopes. */
    requireSomebody: AccessHook;
    /** To be used behind `requireUser`: lets in whose token has this scope, or names none. */
    requireScope(scope: (typeof ownScopes)[number]): AccessHook;
  }
  interface FastifyRequest {
    /** Who asks; only behind one of these hooks, and an upgrade that showed a token. */
    identity: Identity | undefined;
  }
}

const statusOf: ReadonlyMap<ErrorCode, number> = new Map<ErrorCode, number>([
  [ErrorCode.AUTH_RATE_LIMITED, 429],
  [ErrorCode.SERVER_BUSY, 503],
]);

/** Answers a request that is not let in; the body is that of an `error` frame. */
export function refuseRequest(reply: FastifyReply, code: ErrorCode, retryAfterMs?: number): FastifyReply {
  const status = statusOf.get(code) ?? 401;
  if (status === 401) void reply.header('WWW-Authenticate', 'Bearer');
  if (retryAfterMs !== undefined) void reply.header('Retry-After', String(Math.ceil(retryAfterMs / 1_000)));
  return reply.code(status).send({ error: errorTexts.get(code)?.message ?? code, code });
}

/** The token of `Authorization: Bearer …`, if there is one. */
function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S.*)$/i.exec(request.headers.authorization ?? '')?.[1];
}

function apiKeyOf(request: FastifyRequest): string | undefined {
  const header = request.headers['x-api-key'];
  if (typeof header === 'string') return header;
  return /^ApiKey +(\S.*)$/i.exec(request.headers.authorization ?? '')?.[1] ?? bearerOf(request);
}

/** What a request shows, whichever it is. A token says in its first part how it is signed; a key's secret may have dots as well. */
export function credentialsOf(request: FastifyRequest): Credentials | undefined {
  const apiKey = apiKeyOf(request);
  if (apiKey === undefined) return undefined;
  return apiKey === bearerOf(request) && algorithmOf(apiKey) !== undefined ? { token: apiKey } : { apiKey };
}

/** The plugin; decorates the instance with these hooks. */
export const authenticationPlugin = fp<{ authenticator: Authenticator }>(
  (app, { authenticator }, done) => {
    async function admit(
      request: FastifyRequest,
      reply: FastifyReply,
      credentials: Credentials | undefined,
    ): Promise<Identity | undefined> {
      if (credentials === undefined) {
        refuseRequest(reply, ErrorCode.UNAUTHENTICATED);
        return undefined;
      }
      const proof = await authenticator.prove(credentials, addressKey(request.ip));
      if (proof.ok) request.identity = proof.identity;
      else refuseRequest(reply, proof.code, proof.retryAfterMs);
      return request.identity;
    }

    app.decorateRequest('identity', undefined);
    app.decorate('requireUser', async (request, reply) => {
      const token = bearerOf(request);
      const identity = await admit(request, reply, token === undefined ? undefined : { token });
      return identity === undefined ? reply : undefined;
    });
    app.decorate('requireSomebody', async (request, reply) => {
      const identity = await admit(request, reply, credentialsOf(request));
      return identity === undefined ? reply : undefined;
    });
    app.decorate('requireScope', (scope) => async (request, reply) => {
      if (request.identity !== undefined && hasScope(request.identity, scope)) return undefined;
      return reply.code(403).send({ error: `The scope of this token is without ${scope}`, code: 'FORBIDDEN' });
    });
    app.decorate('requireApiKey', (scope) => async (request, reply) => {
      const apiKey = apiKeyOf(request);
      const identity = await admit(request, reply, apiKey === undefined ? undefined : { apiKey });
      if (identity === undefined) return reply;
      if (hasScope(identity, scope)) return undefined;
      return reply.code(403).send({ error: `This key may not ${scope}`, code: 'FORBIDDEN' });
    });
    done();
  },
  { name: 'tickwire-authentication', fastify: '5.x' },
);
