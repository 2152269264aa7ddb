/** Tokens and API keys: what users and their providers give is looked at, and copied, before it is used. */
import { wrong } from './option-checks.js';

/** A token, or an API key of the `tickwire` dialect. */
export type Credential = string | { readonly apiKey: string };
/** Why a token is asked for. */
export type TokenReason = 'initial' | 'reconnect' | 'expired' | 'rejected';
/** Gives a credential each time one is needed; `null` connects without. */
export type TokenProvider = (request: { reason: TokenReason }) => Credential | null | Promise<Credential | null>;
/** Servers take tokens of 4 KB in frames of 16 KiB; a longer frame would end every connection. */
const longestCredential = 8_192;

/** A credential, read once; `undefined` for what is none. */
export function credentialOf(value: unknown): Credential | undefined {
  try {
    const isKey = typeof value === 'object' && value !== null && 'apiKey' in value;
    const text = isKey ? value.apiKey : value;
    if (typeof text !== 'string' || text === '' || text.length > longestCredential) return undefined;
    return isKey ? { apiKey: text } : text;
  } catch {
    return undefined;
  }
}

/** The credential of a call. */
export function checkedCredential(given: unknown): Credential {
  const credential = credentialOf(given);
  if (credential === undefined) throw wrong('The credential', 'a text or { apiKey }, of 8,192 characters at most');
  return credential;
}

/** The option `token`. */
export function checkedToken(token: Credential | TokenProvider | undefined): Credential | TokenProvider | undefined {
  if (token === undefined || typeof token === 'function') return token;
  const credential = credentialOf(token);
  if (credential === undefined) throw wrong('token', 'a text, { apiKey }, or a function that gives one of them');
  return credential;
}
