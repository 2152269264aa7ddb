/** Proves who shows a token or a key: how often one may try, the proof itself, and what was revoked. */
import { ErrorCode } from '@tickwire/protocol';
import type { Clock } from '../clock.js';
import type { Limits } from '../limits.js';
import { Attempts } from './attempts.js';
import { createApiKeyVerifier, type ApiKeyVerifier } from './api-keys.js';
import type { AuthSettings } from './auth-settings.js';
import { apiKeyUserPrefix, type Credentials, type Identity, type Proof } from './identity.js';
import { Revocations } from './revocations.js';
import { createTokenVerifier } from './tokens.js';

/** What an authenticator is made of. */
export interface AuthenticatorOptions {
  readonly settings: AuthSettings;
  readonly limits: Limits;
  readonly clock: Clock;
}

/** The one place that decides whose a connection or a request is. */
export interface Authenticator {
  /**
   * Whose the token or the key is. Never rejects. Proofs that succeed are not counted: a client that signs in too often is
   * bounded by its messages and connections, and must not lock its user's other devices out.
   *
   * @param address what `addressKey` makes of the peer's; only failures are counted against it
   */
  prove(credentials: Credentials, address: string): Promise<Proof>;
  /** How long this address has to wait before it may try again, in ms; 0: it may. */
  waitOf(address: string): number;
  /** Whether the identity was revoked, possibly since it was proven. */
  isRevoked(identity: Identity): boolean;
  /** Whether there is room to revoke the user. */
  canRevoke(userId: string): boolean;
  /** Refuses the user's tokens from before this moment, for as long as they could be valid; `false` when there is no room. */
  revoke(userId: string): boolean;
}

function proofOfKey(verify: ApiKeyVerifier, text: string): Proof {
  const key = verify(text);
  if (key === undefined) return { ok: false, code: ErrorCode.AUTH_FAILED };
  return { ok: true, identity: { userId: apiKeyUserPrefix + key.kid, by: 'api_key', scopes: key.scopes } };
}

/** Makes the authenticator. */
export function createAuthenticator({ settings, limits, clock }: AuthenticatorOptions): Authenticator {
  const now = () => clock.now();
  const elapsed = () => clock.monotonic();
  const verifyKey = createApiKeyVerifier(settings.apiKeys);
  const verifyToken = createTokenVerifier({ ...settings, limits, now, elapsed });
  const revocations = new Revocations({
    keepMs: limits.tokenLifetimeMs + 2 * limits.tokenSkewMs,
    maxUsers: limits.maxRevocations,
    now,
    elapsed,
  });
  const attempts = new Attempts({ limits, now: elapsed });

  const isRevoked = ({ by, userId, issuedAt }: Identity): boolean =>
    by === 'token' && revocations.covers(userId, issuedAt);

  const withoutRevoked = (proof: Proof): Proof =>
    proof.ok && isRevoked(proof.identity) ? { ok: false, code: ErrorCode.TOKEN_REVOKED } : proof;

  async function verified(credentials: Credentials): Promise<Proof> {
    return withoutRevoked(
      'token' in credentials ? await verifyToken(credentials.token) : proofOfKey(verifyKey, credentials.apiKey),
    );
  }

  return {
    prove: (credentials, address) => attempts.run(address, () => verified(credentials)),
    isRevoked,
    waitOf: (address) => attempts.waitOf(address),
    canRevoke: (userId) => revocations.hasRoomFor(userId),
    revoke: (userId) => revocations.add(userId),
  };
}
