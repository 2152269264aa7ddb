/** Whose a credential is, as far as a page can tell. It is for sharing sockets, never for trust: only a server can check. */
import type { Credential } from '@tickwire/client';

/** Who a credential stands for. */
export interface Owner {
  /** The same for credentials of the same user. */
  readonly key: string;
  /** Whether the credential names its user; otherwise each text stands for itself. */
  readonly named: boolean;
}

function claimsOf(token: string): Record<string, unknown> | undefined {
  const [, payload, signature, ...rest] = token.split('.');
  if (payload === undefined || signature === undefined || rest.length > 0) return undefined;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The owner of no credential. */
export const nobody = 'nobody';

/** The owner of a credential: by issuer and subject where it is a JWT that has them, else by its text. */
export function ownerOf(credential: Credential | null | undefined): Owner {
  if (credential === null || credential === undefined) return { key: nobody, named: false };
  if (typeof credential !== 'string') return { key: `key ${credential.apiKey}`, named: false };
  const claims = claimsOf(credential);
  if (typeof claims?.['sub'] !== 'string') return { key: `text ${credential}`, named: false };
  return { key: `user ${JSON.stringify([claims['iss'] ?? null, claims['sub']])}`, named: true };
}

/** Whether two credentials are known to be of two users: a socket that served the one must not serve the other. */
export function areTwoUsers(a: Owner, b: Owner): boolean {
  return a.named && b.named && a.key !== b.key;
}
