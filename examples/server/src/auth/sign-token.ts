/** Signs tokens for trying the server out. Whoever has the secret can be anybody: a production has its own issuer. */
import { SignJWT } from 'jose';

/** What stands in the token. */
export interface TokenRequest {
  readonly secret: string;
  readonly userId: string;
  readonly lifetimeMs: number;
  readonly scopes: readonly string[];
  readonly issuer?: string;
  readonly audience?: string;
  /** Epoch ms. */
  readonly now: number;
}

/** Signs with HS256. */
export async function signToken({ secret, userId, lifetimeMs, scopes, issuer, audience, now }: TokenRequest) {
  const issuedAt = Math.floor(now / 1_000);
  const token = new SignJWT(scopes.length === 0 ? {} : { scope: scopes.join(' ') })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + Math.floor(lifetimeMs / 1_000));
  if (issuer !== undefined) token.setIssuer(issuer);
  if (audience !== undefined) token.setAudience(audience);
  return token.sign(new TextEncoder().encode(secret));
}
