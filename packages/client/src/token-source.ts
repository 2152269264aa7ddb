/** Asks the user for credentials: one call in flight, with a deadline. It keeps none that it did not start with. */
import type { Fault } from './core/session-state.js';
import type { Clock } from './io/clock.js';
import { credentialOf, type Credential, type TokenProvider, type TokenReason } from './credentials.js';
import { Timers } from './timers.js';

const providerTimeoutMs = 10_000;

type Resolved = (credential: Credential | null, fault?: Fault) => void;

function providerFault(message: string, cause?: unknown): Fault {
  return { code: 'TOKEN_PROVIDER_FAILED', message, retryable: true, cause };
}

/** Where the credentials of one client come from. */
export class TokenSource {
  readonly #timers: Timers<'token'>;
  #token: Credential | TokenProvider | undefined;
  #call = 0;

  constructor(clock: Clock, token: Credential | TokenProvider | undefined) {
    this.#timers = new Timers(clock);
    this.#token = token;
  }

  get kind(): 'none' | 'fixed' | 'provider' {
    if (this.#token === undefined) return 'none';
    return typeof this.#token === 'function' ? 'provider' : 'fixed';
  }

  /** Takes another fixed credential; a provider stays, it knows better. */
  replace(credential: Credential): void {
    if (typeof this.#token !== 'function') this.#token = credential;
  }

  /** Asks for a credential; only the last call counts, and it answers exactly once. */
  fetch(reason: TokenReason, resolved: Resolved): void {
    this.#call += 1;
    const call = this.#call;
    const settle: Resolved = (credential, fault) => {
      if (call !== this.#call) return;
      this.cancel();
      resolved(credential, fault);
    };
    const token = this.#token;
    if (typeof token !== 'function') {
      settle(token ?? null);
      return;
    }
    this.#timers.start('token', providerTimeoutMs, () => {
      settle(null, providerFault('The token provider did not answer in time.'));
    });
    const failed = (cause: unknown): void => settle(null, providerFault('The token provider failed.', cause));
    try {
      const given: unknown = token({ reason });
      Promise.resolve(given).then((value) => {
        const credential = value === null ? null : credentialOf(value);
        if (credential !== undefined) settle(credential);
        else
          settle(
            null,
            providerFault('The token provider must give a text, { apiKey } or null, of 8,192 characters at most.'),
          );
      }, failed);
    } catch (cause) {
      failed(cause);
    }
  }

  /** Nobody waits any more. */
  cancel(): void {
    this.#call += 1;
    this.#timers.stopAll();
  }
}
