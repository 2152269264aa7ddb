/** The public keys that tokens are signed with: fetched when they are needed, kept for a while, and asked for anew for a key that is not among them. */
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { createKeysFetch } from './keys-fetch.js';

const timeoutMs = 5_000;
const keepMs = 600_000;
/** A stranger's tokens may name any key: they make nobody ask more often than this. */
const askAgainMs = 30_000;

/**
 * Makes the key set of an address.
 *
 * @param elapsed by the monotonic clock, in ms
 */
export function createKeySet(url: string, elapsed: () => number): JWTVerifyGetKey {
  // The library measures spans with the machine's clock, which somebody may set: both of its own are left out.
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: timeoutMs,
    cacheMaxAge: Infinity,
    cooldownDuration: Infinity,
    [customFetch]: createKeysFetch(elapsed),
  });
  let loadedAt = -Infinity;
  const load = async (): Promise<void> => {
    await keys.reload();
    loadedAt = elapsed();
  };
  return async (header, token) => {
    if (elapsed() - loadedAt >= keepMs) await load();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || elapsed() - loadedAt < askAgainMs) throw error;
    }
    await load();
    return keys(header, token);
  };
}
