/** Decides over an upgrade before it happens, and answers those that are refused in HTTP. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../auth/authenticator.js';
import type { Credentials } from '../auth/identity.js';
import { addressKey } from './address.js';
import { bearerOf, refuseRequest } from './authentication.js';
import type { ConnectionRegistry } from './connection-registry.js';
import { isOriginAllowed, type OriginPolicy } from './origin.js';
import type { UpgradeLimits } from './upgrade-limits.js';

/** What the guard decides by. */
export interface UpgradeGuardOptions {
  readonly registry: ConnectionRegistry;
  readonly origins: OriginPolicy;
  /** Paths that may be upgraded. */
  readonly paths: readonly string[];
  readonly authenticator: Authenticator;
  readonly upgrades: UpgradeLimits;
  /** Whether the process has so much to do that nobody should be taken in. */
  readonly isOverloaded: () => boolean;
}

interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const fullWaitMs = 5_000;

function later(status: 429 | 503, error: string, retryAfterMs: number): Refusal {
  return { status, error, headers: { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) } };
}

/** What is wrong with the request itself. */
function faultOf(request: FastifyRequest, { origins, paths }: UpgradeGuardOptions): Refusal | undefined {
  const { headers } = request;
  const path = request.url.split('?', 1)[0] ?? '';
  if (!paths.includes(path)) return { status: 404, error: 'No WebSocket here; use /ws' };
  // Version 8 names its origin in another header, which would slip past the check below.
  if (headers['sec-websocket-version'] !== '13') {
    return { status: 400, error: 'Use WebSocket version 13', headers: { 'Sec-WebSocket-Version': '13' } };
  }
  return isOriginAllowed(headers.origin, headers.host, origins)
    ? undefined
    : { status: 403, error: 'This origin may not connect' };
}

function capacityRefusalOf({ registry, isOverloaded }: UpgradeGuardOptions): Refusal | undefined {
  const { returnAfterMs } = registry;
  if (returnAfterMs !== undefined) return later(503, 'The server is stopping', returnAfterMs);
  return registry.isFull || isOverloaded() ? later(503, 'The server is at capacity', fullWaitMs) : undefined;
}

function limitRefusalOf(address: string, { upgrades }: UpgradeGuardOptions): Refusal | undefined {
  const refusal = upgrades.refusalOf(address);
  if (refusal === undefined) return undefined;
  return refusal.by === 'address'
    ? later(429, 'Too many connections from this address', refusal.retryAfterMs)
    : later(503, 'The server is at capacity', refusal.retryAfterMs);
}

/** What a client without a first message shows: a token, or a key, which has no three parts. */
function credentialsOf(request: FastifyRequest): Credentials | undefined {
  const text = bearerOf(request);
  if (text === undefined) return undefined;
  return text.split('.').length === 3 ? { token: text } : { apiKey: text };
}

async function refuse(reply: FastifyReply, { status, error, headers = {} }: Refusal): Promise<void> {
  await reply.code(status).headers(headers).send({ error });
}

/** The `onRequest` hook of upgrades; a proven identity stands in `request.identity`. */
export function createUpgradeGuard(
  options: UpgradeGuardOptions,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const { authenticator } = options;
  return async (request, reply) => {
    const address = addressKey(request.ip);
    const refusal = faultOf(request, options) ?? capacityRefusalOf(options) ?? limitRefusalOf(address, options);
    if (refusal !== undefined) return refuse(reply, refusal);
    const credentials = credentialsOf(request);
    if (credentials === undefined) return;
    const proof = await authenticator.authenticate(credentials, address);
    if (!proof.ok) {
      await refuseRequest(reply, proof.code, proof.retryAfterMs);
      return;
    }
    request.identity = proof.identity;
    // Others may have come in meanwhile.
    const full = capacityRefusalOf(options);
    if (full !== undefined) await refuse(reply, full);
  };
}
