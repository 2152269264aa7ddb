/** Verifies JSON Web Tokens. Algorithms, claims and lifetime are checked against what is written here, never the token. */
import { ErrorCode } from '@tickwire/protocol';
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';
import type { Limits } from '../limits.js';
import { apiKeyUserPrefix, isUserId, ownScopes, type Proof } from './identity.js';
import { createKeySet } from './key-set.js';

/** What tokens are verified with. */
export interface TokenOptions {
  /** Shared secret of HS256. */
  readonly secret?: string;
  /** Address of the public keys of RS256 and ES256. */
  readonly jwksUrl?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly limits: Pick<Limits, 'maxTokenBytes' | 'tokenLifetimeMs' | 'tokenSkewMs'>;
  /** Epoch ms: tokens say when they end. */
  readonly now: () => number;
  /** Measures spans, in ms: how long public keys are kept. @default `now` */
  readonly elapsed?: () => number;
}

/** Never throws and never rejects. */
export type TokenVerifier = (token: string) => Promise<Proof>;

const mostScopes = 100;
const refused: Proof = { ok: false, code: ErrorCode.AUTH_FAILED };

/** `scope` as OAuth writes it (RFC 8693 section 4.2), or a list `scopes`; a token with neither is not narrowed. */
function scopesOf({ scope, scopes }: JWTPayload): readonly string[] {
  if (scope === undefined && scopes === undefined) return ownScopes;
  const list: unknown[] = typeof scope === 'string' ? scope.split(' ') : Array.isArray(scopes) ? scopes : [];
  // `*` stands for everything, which only the operator's API keys may have.
  const named = list.filter((item): item is string => typeof item === 'string' && /^[\w.:-]{1,64}$/.test(item));
  return named.slice(0, mostScopes);
}

/** Whether the span that the token was made for, or what is left of it, is longer than allowed. */
function livesTooLong({ exp = Infinity, iat }: JWTPayload, { limits, now }: TokenOptions): boolean {
  const { tokenLifetimeMs, tokenSkewMs } = limits;
  if (exp * 1_000 - now() > tokenLifetimeMs + tokenSkewMs) return true;
  return iat !== undefined && (exp - iat) * 1_000 > tokenLifetimeMs;
}

function proofOf(payload: JWTPayload, options: TokenOptions): Proof {
  const { sub, exp, iat } = payload;
  if (!isUserId(sub) || sub.startsWith(apiKeyUserPrefix) || exp === undefined) return refused;
  const { limits, now } = options;
  const isOfFuture = iat !== undefined && iat * 1_000 > now() + limits.tokenSkewMs;
  if (isOfFuture || livesTooLong(payload, options)) return refused;
  return {
    ok: true,
    identity: {
      userId: sub,
      by: 'token',
      scopes: scopesOf(payload),
      expiresAt: exp * 1_000,
      ...(iat === undefined ? {} : { issuedAt: iat * 1_000 }),
    },
  };
}

/** What a client is told. That the keys cannot be had is the server's fault, not the token's. */
function failureOf(error: unknown): Proof {
  if (error instanceof errors.JWTExpired) return { ok: false, code: ErrorCode.TOKEN_EXPIRED };
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) {
    return { ok: false, code: ErrorCode.SERVER_BUSY };
  }
  if (error instanceof errors.JOSEError && error.code !== 'ERR_JOSE_GENERIC') return refused;
  return { ok: false, code: ErrorCode.SERVER_BUSY };
}

type Check = (token: string, options: JWTVerifyOptions) => Promise<{ payload: JWTPayload }>;

/** A check for each algorithm; an algorithm never meets a key that was not made for it. */
function checksOf({ secret, jwksUrl, now, elapsed = now }: TokenOptions): ReadonlyMap<string, Check> {
  const checks = new Map<string, Check>();
  if (secret !== undefined) {
    // Imported once: with the bare bytes each token would pay for it again.
    const key = crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(secret),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['verify'],
    );
    key.catch(() => undefined);
    checks.set('HS256', async (token, options) => jwtVerify(token, await key, { ...options, algorithms: ['HS256'] }));
  }
  if (jwksUrl !== undefined) {
    const keys = createKeySet(jwksUrl, elapsed);
    for (const algorithm of ['RS256', 'ES256']) {
      checks.set(algorithm, (token, options) => jwtVerify(token, keys, { ...options, algorithms: [algorithm] }));
    }
  }
  return checks;
}

/** The algorithm that a token names; `undefined` for a text that is no token. */
export function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg;
  } catch {
    return undefined;
  }
}

/** Makes the verifier. Without a secret and without public keys it refuses every token. */
export function createTokenVerifier(options: TokenOptions): TokenVerifier {
  const { issuer, audience, limits, now } = options;
  const checks = checksOf(options);
  return async (token) => {
    if (Buffer.byteLength(token) > limits.maxTokenBytes) return refused;
    const check = checks.get(algorithmOf(token) ?? '');
    if (check === undefined) return refused;
    try {
      const { payload } = await check(token, {
        requiredClaims: ['exp', 'sub'],
        clockTolerance: limits.tokenSkewMs / 1_000,
        currentDate: new Date(now()),
        ...(issuer === undefined ? {} : { issuer }),
        ...(audience === undefined ? {} : { audience }),
      });
      return proofOf(payload, options);
    } catch (error) {
      return failureOf(error);
    }
  };
}
