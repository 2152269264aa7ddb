/** Who the user is, on one connection after the other: a feature that a dialect may bring. The kernel knows no token. */
import type { DialectHost, DialectLink, WireId } from '../kernel/dialect.js';
import { PriceStreamError } from '../kernel/errors.js';
import { hintMs } from '../kernel/verdicts.js';
import type { Credential, TokenReason, TokenSource } from './tokens.js';

/** How long a server may take to accept or refuse; then public subscriptions go out without. */
const answerDeadlineMs = 5_000;
/** Refused twice in a row, the same token is not tried a third time. */
const rejectionsUntilFailed = 2;
/** Renewals are at least this far apart, and at most half of what is left of the credential. */
const leastRenewalMs = 5_000;
const mostRenewalMs = 30_000;
/** Calls of `authenticate` that may wait. */
const mostWaiting = 100;

/** More is asked than may wait at a time. */
export function tooMany(): PriceStreamError {
  return new PriceStreamError('RATE_LIMITED', 'Too many requests wait for an answer.', { retryable: true });
}

/** A message is not answered in time. */
export function unanswered(type: string): PriceStreamError {
  return new PriceStreamError('REQUEST_TIMEOUT', `The server did not answer ${type} in time.`, { retryable: true });
}

/** The authentication of one stream. */
export type Authentication = ReturnType<typeof authenticationOf>;

/**
 * The authentication of one stream. Credentials pass through here on their way out and are kept nowhere else.
 *
 * @param takes whether a dialect has a use for credentials, and whether its requests carry ids
 */
export function authenticationOf(
  host: DialectHost,
  tokens: TokenSource,
  takes: (link: DialectLink) => 'none' | 'plain' | 'with ids',
) {
  const { clock, timers } = host;
  let link: DialectLink | undefined;
  let status: 'none' | 'fetching' | 'ready' | 'sent' | 'accepted' | 'refused' = 'none';
  let held = false;
  /** What goes out next; dropped once sent. Never logged. */
  let next: Credential | undefined;
  let request: string | undefined;
  let reason: TokenReason = 'initial';
  /** Times in a row that none could be had, or that the server had no time for it. */
  let failures = 0;
  /** Whether the timer runs that asks for the next one. */
  let waits = false;
  /** By the server's clock, epoch ms. */
  let expiresAt: number | null = null;
  let everOpened = false;
  /** Whether the last connection was closed for the credential. */
  let closedForIt = false;
  let rejections = 0;
  /** Monotonic instant of the last renewal, and whether the user knows that tokens end too soon. */
  let renewedAt = -Infinity;
  let told = false;
  let waiting: { readonly resolve: () => void; readonly reject: (error: PriceStreamError) => void }[] = [];

  const isBusy = (): boolean => status === 'fetching' || status === 'ready' || status === 'sent';

  const release = (error?: PriceStreamError): void => {
    const released = waiting;
    waiting = [];
    for (const { resolve, reject } of released) {
      if (error === undefined) resolve();
      else reject(error);
    }
  };

  function settled(as: 'none' | 'accepted' | 'refused'): void {
    timers.stop('authenticate');
    status = as;
    held = false;
    request = undefined;
  }

  function forget(following?: DialectLink): void {
    tokens.cancel();
    timers.stop('token');
    settled('none');
    link = following;
    next = undefined;
    waits = false;
    failures = 0;
    expiresAt = null;
  }

  function ask(why: TokenReason): void {
    const asking = link;
    timers.stop('token');
    status = 'fetching';
    reason = why;
    waits = false;
    if (why === 'expired') renewedAt = clock.monotonic();
    tokens.fetch(why, (credential, error) =>
      host.inTurn(() => {
        if (asking !== link || status !== 'fetching') return;
        if (credential !== null) {
          status = 'ready';
          next = credential;
        } else {
          // The connection goes on unauthenticated.
          held = false;
          status = 'none';
          if (error !== undefined) {
            askAgain(0);
            host.report(error);
          }
        }
        link?.pump();
      }),
    );
  }

  function askIn(delayMs: number): void {
    waits = true;
    timers.start('token', delayMs, () => host.inTurn(() => ask(reason)));
  }

  /** None could be had, or the server had no time for it: asked again with a back-off, on the living connection. */
  function askAgain(waitMs: number): void {
    const { state } = host;
    // What was accepted before counts until the server says otherwise.
    status = state.status === 'connected' && state.authenticated ? 'accepted' : 'refused';
    askIn(Math.max(waitMs, host.backoffMs(failures)));
    failures += 1;
  }

  /**
   * The server refused, or did not answer in time. Public subscriptions go out all the same.
   *
   * @param counts whether it is about the credential; otherwise it is brought again, after `waitMs` at least
   */
  function refused(error: PriceStreamError, counts: boolean, waitMs?: unknown): void {
    settled('refused');
    if (counts) {
      link?.show({ authenticated: false });
      rejections += 1;
    } else askAgain(hintMs(waitMs) ?? 0);
    release(error);
    if (rejections >= rejectionsUntilFailed) {
      const message = 'The server refused the token twice in a row. Check what the token option returns.';
      host.fail(new PriceStreamError('TOKEN_REJECTED', message, { cause: error }));
      return;
    }
    host.report(error);
    link?.pump();
  }

  /** How far apart renewals are: often enough for credentials that end soon, and never a storm. */
  function floorMs(on: DialectLink): number {
    if (expiresAt === null) return mostRenewalMs;
    const leftMs = expiresAt - clock.now() - (on.clockOffsetMs ?? 0);
    return Math.min(mostRenewalMs, Math.max(leastRenewalMs, leftMs / 2));
  }

  return {
    isBusy,
    refused,
    /** Subscriptions wait for it. */
    isHolding: () => held,
    /** Whether the server knows who the user is. */
    isAccepted: () => status === 'accepted',

    /** A connection is up: a credential is asked for where the dialect has a use for one; subscriptions are held until it is settled. */
    opened(on: DialectLink): void {
      if (on !== link) forget(on);
      if (tokens.kind() !== 'none' && takes(on) !== 'none' && status === 'none') {
        held = true;
        ask(rejections > 0 || closedForIt ? 'rejected' : everOpened ? 'reconnect' : 'initial');
      }
      everOpened = true;
    },

    /** The user brings a credential: it replaces the one in use. @throws PriceStreamError what the server says */
    give(credential: Credential): Promise<void> {
      tokens.replace(credential);
      return new Promise((resolve, reject) => {
        host.inTurn(() => {
          const error = host.ending ?? (waiting.length >= mostWaiting ? tooMany() : undefined);
          if (error !== undefined) {
            reject(error);
            return;
          }
          waiting.push({ resolve, reject });
          if (host.link?.up === true && takes(host.link) !== 'none') {
            timers.stop('token');
            waits = false;
            status = 'ready';
            next = credential;
          }
          host.need();
        });
      });
    },

    /** The `authenticate` frame that is owed; afterwards the credential is forgotten. */
    frame: (on: DialectLink): unknown => {
      const credential = next;
      if (status !== 'ready' || credential === undefined) return undefined;
      next = undefined;
      request = host.request();
      status = 'sent';
      timers.start('authenticate', answerDeadlineMs, () => {
        host.inTurn(() => refused(unanswered('authenticate'), false));
      });
      const withId = takes(on) === 'with ids' ? { id: request } : {};
      const data = typeof credential === 'string' ? { token: credential } : { apiKey: credential.apiKey };
      return { type: 'authenticate', ...withId, data };
    },

    /** Whether an answer with this request id belongs to the `authenticate` that is out. Older servers send no id. */
    isAnswer: (id?: WireId): boolean => status === 'sent' && String(id ?? request) === request,

    /** The server accepted. @param until by its clock, epoch ms */
    accepted(on: DialectLink, until: number | null = null): void {
      settled('accepted');
      failures = 0;
      expiresAt = until;
      rejections = 0;
      closedForIt = false;
      on.show({ authenticated: true });
      release();
      on.pump();
    },

    /** The server says that the token ends soon: it is renewed on the living connection. */
    renew(on: DialectLink): void {
      if (tokens.kind() === 'none' || waits || isBusy()) return;
      const waitMs = renewedAt + floorMs(on) - clock.monotonic();
      if (waitMs <= 0) {
        ask('expired');
        return;
      }
      reason = 'expired';
      failures = 0;
      askIn(waitMs);
      if (told) return;
      told = true;
      const message =
        'The new token ends as soon as the old one. Let the token option give a fresh one, of more than a minute.';
      host.report(new PriceStreamError('TOKEN_EXPIRING', message, { retryable: true }));
    },

    /** Something woke up, which ends the back-off after a failure. */
    woke: (): void => {
      if (waits && failures > 0) ask(reason);
    },

    /** A connection was closed for the credential. @returns whether it is known that it is refused, and how often it may happen */
    closed(): { readonly told: boolean; readonly maxInARow: number } {
      closedForIt = true;
      // A server that refuses a token says so first and closes then: one refusal, one error.
      return { told: status === 'refused', maxInARow: tokens.kind() === 'provider' ? 1 : 0 };
    },

    /** The connection has lasted. */
    lost(on: DialectLink): void {
      if (on === link) forget();
    },

    /** The user connects again after an end. */
    restarted: (): void => {
      rejections = 0;
      closedForIt = false;
      renewedAt = -Infinity;
      told = false;
    },

    /** The stream is closed, or has failed. */
    ended: release,
  };
}
