/** API keys: the server knows the SHA-256 of each secret only, and compares in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** A key as the configuration names it. */
export interface ApiKey {
  readonly kid: string;
  /** SHA-256 of the secret: 32 bytes. */
  readonly digest: Buffer;
  /** What the key may do; `*` when the configuration names nothing. */
  readonly scopes: readonly string[];
}

/** Who shows a key, and what it may do. */
export type VerifiedApiKey = Pick<ApiKey, 'kid' | 'scopes'>;

/** Looks at what a client shows, `<kid>.<secret>`; `undefined` when it is no key of this server. */
export type ApiKeyVerifier = (text: string) => VerifiedApiKey | undefined;

const entryPattern = /^([\w-]{1,32}):([0-9a-f]{64})(?::([\w.:-]{1,64}(?:\+[\w.:-]{1,64}){0,15}))?$/i;
const longestKey = 512;

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}

/**
 * Reads `kid:sha256hex[:scope+scope]`, comma-separated.
 *
 * @returns the keys, and what is wrong, in words that repeat no part of an entry
 */
export function parseApiKeys(text: string): { keys: ApiKey[]; problems: string[] } {
  const keys: ApiKey[] = [];
  const problems: string[] = [];
  for (const [index, entry] of text.split(',').entries()) {
    const [, kid, hex, scopes] = entryPattern.exec(entry.trim()) ?? [];
    if (kid === undefined || hex === undefined) {
      problems.push(`entry ${index + 1} is not kid:sha256hex or kid:sha256hex:scope+scope`);
    } else if (keys.some((key) => key.kid === kid)) {
      problems.push(`entry ${index + 1} has the kid of an earlier one`);
    } else {
      keys.push({ kid, digest: Buffer.from(hex, 'hex'), scopes: scopes?.split('+') ?? ['*'] });
    }
  }
  return { keys, problems };
}

/** Makes the verifier of these keys. */
export function createApiKeyVerifier(keys: readonly ApiKey[]): ApiKeyVerifier {
  const byKid = new Map(keys.map((key) => [key.kid, key]));
  const nobody = Buffer.alloc(32);
  return (text) => {
    if (text.length > longestKey) return undefined;
    const dot = text.indexOf('.');
    const key = dot < 1 ? undefined : byKid.get(text.slice(0, dot));
    // An unknown kid costs the same work, so that time does not tell which kids there are.
    const isRight = timingSafeEqual(digestOf(text.slice(dot + 1)), key?.digest ?? nobody);
    return isRight && key !== undefined ? { kid: key.kid, scopes: key.scopes } : undefined;
  };
}
