/** Tokens and API keys: where the credentials of one stream come from. It keeps none that it did not start with. */
import type { Clock } from '../io/clock.js';
import { PriceStreamError } from '../kernel/errors.js';
import { Timers } from '../kernel/timers.js';

/** A token, or an API key of the `tickwire` dialect. */
export type Credential = string | { readonly apiKey: string };
/** Why a token is asked for. */
export type TokenReason = 'initial' | 'reconnect' | 'expired' | 'rejected';
/** Gives a credential each time one is needed; `null` connects without. */
export type TokenProvider = (request: { reason: TokenReason }) => Credential | null | Promise<Credential | null>;

/** Servers take tokens of 4 KB in frames of 16 KiB; a longer frame would end every connection. */
const longestCredential = 8_192;
const providerTimeoutMs = 10_000;

/** A credential, read once; `undefined` for what is none. */
function credentialOf(value: unknown): Credential | undefined {
  try {
    const isKey = typeof value === 'object' && value !== null && 'apiKey' in value;
    const text = isKey ? value.apiKey : value;
    if (typeof text !== 'string' || text === '' || text.length > longestCredential) return undefined;
    return isKey ? { apiKey: text } : text;
  } catch {
    return undefined;
  }
}

function wrong(name: string, needed: string): PriceStreamError {
  return new PriceStreamError('CONFIGURATION', `${name} must be ${needed}.`);
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

/** Takes a credential, or why there is none; `null` alone where the user wants none. */
type Resolved = (credential: Credential | null, error?: PriceStreamError) => void;

/** Where the credentials of one stream come from. */
export type TokenSource = ReturnType<typeof tokensOf>;

/** Asks the user for credentials: one call in flight, with a deadline. */
export function tokensOf(clock: Clock, given: Credential | TokenProvider | undefined) {
  const timers = new Timers<'token'>(clock);
  let token = given;
  let last = 0;

  /** Nobody waits any more. */
  const cancel = (): void => {
    last += 1;
    timers.stopAll();
  };

  return {
    cancel,

    kind: (): 'none' | 'fixed' | 'provider' =>
      token === undefined ? 'none' : typeof token === 'function' ? 'provider' : 'fixed',

    /** Takes another fixed credential; a provider stays, it knows better. */
    replace(credential: Credential): void {
      if (typeof token !== 'function') token = credential;
    },

    /** Asks for a credential; only the last call counts, and it answers exactly once. */
    fetch(reason: TokenReason, resolved: Resolved): void {
      last += 1;
      const call = last;
      const settle: Resolved = (credential, error) => {
        if (call !== last) return;
        cancel();
        resolved(credential, error);
      };
      if (typeof token !== 'function') {
        settle(token ?? null);
        return;
      }
      const fails = (what: string, cause?: unknown): void => {
        const message = `The token provider ${what}.`;
        settle(null, new PriceStreamError('TOKEN_PROVIDER_FAILED', message, { retryable: true, cause }));
      };
      const threw = (cause: unknown): void => fails('failed', cause);
      timers.start('token', providerTimeoutMs, () => fails('did not answer in time'));
      try {
        Promise.resolve(token({ reason })).then((value) => {
          const credential = value === null ? null : credentialOf(value);
          if (credential === undefined) fails('must give a text, { apiKey } or null, of 8,192 characters at most');
          else settle(credential);
        }, threw);
      } catch (cause) {
        threw(cause);
      }
    },
  };
}
