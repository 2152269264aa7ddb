/** Decides over an upgrade before it happens, and answers those that are refused in HTTP. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../auth/authenticator.js';
import { addressKey } from './address.js';
import { credentialsOf, refuseRequest } from './authentication.js';
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
  /** Told of each upgrade that is refused here. */
  readonly onRefused: (reason: RefusalReason, origin?: string) => void;
  /** Told once, when a proxy's header comes that the server was not told to believe. */
  readonly onUnbelievedProxy: () => void;
  /** Whether X-Forwarded-* is believed. */
  readonly isProxyTrusted: boolean;
}

/** Which guard refused an upgrade. */
export type RefusalReason =
  | 'path'
  | 'version'
  | 'origin'
  | 'draining'
  | 'full'
  | 'overloaded'
  | 'address_connections'
  | 'address_rate'
  | 'server_rate'
  | 'authentication';

interface Refusal {
  readonly reason: RefusalReason;
  readonly status: number;
  readonly error: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const fullWaitMs = 5_000;

function later(reason: RefusalReason, status: 429 | 503, error: string, retryAfterMs: number): Refusal {
  return { reason, status, error, headers: { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) } };
}

/** What is wrong with the request itself. */
function faultOf(request: FastifyRequest, { origins, paths }: UpgradeGuardOptions): Refusal | undefined {
  const { headers, raw } = request;
  const path = request.url.split('?', 1)[0] ?? '';
  if (!paths.includes(path)) return { reason: 'path', status: 404, error: 'No WebSocket here; use /ws' };
  if (raw.httpVersion !== '1.1') return { reason: 'version', status: 400, error: 'Use HTTP/1.1' };
  // Version 8 names its origin in another header, which would slip past the check below.
  if (headers['sec-websocket-version'] !== '13') {
    const wanted = { 'Sec-WebSocket-Version': '13' };
    return { reason: 'version', status: 400, error: 'Use WebSocket version 13', headers: wanted };
  }
  return isOriginAllowed(headers.origin, request.host, origins)
    ? undefined
    : { reason: 'origin', status: 403, error: 'This origin may not connect: see ALLOWED_ORIGINS' };
}

function capacityRefusalOf({ registry, isOverloaded }: UpgradeGuardOptions): Refusal | undefined {
  const { returnAfterMs } = registry;
  if (returnAfterMs !== undefined) return later('draining', 503, 'The server is stopping', returnAfterMs);
  if (registry.isFull) return later('full', 503, 'The server is at capacity', fullWaitMs);
  return isOverloaded()
    ? later('overloaded', 503, 'The server is too busy for more connections', fullWaitMs)
    : undefined;
}

const manyOfAddress = 'Too many connections from this address';

function limitRefusalOf(address: string, { upgrades }: UpgradeGuardOptions): Refusal | undefined {
  const refusal = upgrades.refusalOf(address);
  if (refusal === undefined) return undefined;
  const { reason, retryAfterMs } = refusal;
  return reason === 'server_rate'
    ? later(reason, 503, 'Too many connect at once', retryAfterMs)
    : later(reason, 429, manyOfAddress, retryAfterMs);
}

/** What has to hold at the moment of the upgrade as well: others may have come in while a token was checked. */
function crowdRefusalOf(address: string, options: UpgradeGuardOptions): Refusal | undefined {
  const isCrowded = options.upgrades.isFull(address);
  const refusal = isCrowded ? later('address_connections', 429, manyOfAddress, fullWaitMs) : undefined;
  return capacityRefusalOf(options) ?? refusal;
}

/** The `onRequest` hook of upgrades; a proven identity stands in `request.identity`. */
export function createUpgradeGuard(
  options: UpgradeGuardOptions,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const { authenticator, onRefused, onUnbelievedProxy, isProxyTrusted } = options;
  let isProxyKnown = isProxyTrusted;

  async function refuse(reply: FastifyReply, { reason, status, error, headers = {} }: Refusal): Promise<void> {
    onRefused(reason, reply.request.headers.origin);
    await reply.code(status).headers(headers).send({ error });
  }

  return async (request, reply) => {
    if (!isProxyKnown && request.headers['x-forwarded-for'] !== undefined) {
      isProxyKnown = true;
      onUnbelievedProxy();
    }
    const address = addressKey(request.ip);
    const refusal = faultOf(request, options) ?? capacityRefusalOf(options) ?? limitRefusalOf(address, options);
    if (refusal !== undefined) return refuse(reply, refusal);
    const credentials = credentialsOf(request);
    if (credentials === undefined) return;
    const proof = await authenticator.prove(credentials, address);
    if (!proof.ok) {
      onRefused('authentication');
      await refuseRequest(reply, proof.code, proof.retryAfterMs);
      return;
    }
    request.identity = proof.identity;
    const crowd = crowdRefusalOf(address, options);
    if (crowd !== undefined) await refuse(reply, crowd);
  };
}
