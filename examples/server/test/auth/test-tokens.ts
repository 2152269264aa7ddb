/** Tokens for tests, good ones unless told otherwise. */
import { SignJWT } from 'jose';

export const testSecret = 'a secret that only these tests know';

/** Signs claims with HS256; `iat` is now and `exp` in ten minutes unless they are given; `undefined` leaves one out. */
export async function signToken(
  claims: Readonly<Record<string, unknown>>,
  { secret = testSecret, header = {}, now = Date.now() }: { secret?: string; header?: object; now?: number } = {},
): Promise<string> {
  const iat = Math.floor(now / 1_000);
  return new SignJWT({ iat, exp: iat + 600, ...claims })
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(new TextEncoder().encode(secret));
}
