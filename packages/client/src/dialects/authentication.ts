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

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: PriceStreamError) => void;
}

/** The authentication of one stream. Credentials pass through here on their way out and are kept nowhere else. */
export class Authentication {
  /** Where the current connection stands. */
  status: 'none' | 'fetching' | 'ready' | 'sent' | 'accepted' | 'refused' = 'none';
  /** Subscriptions wait for it. */
  held = false;
  readonly #host: DialectHost;
  readonly #tokens: TokenSource;
  /** Whether a dialect has a use for credentials, and whether its requests carry ids. */
  readonly #takes: (link: DialectLink) => 'none' | 'plain' | 'with ids';
  #link: DialectLink | undefined;
  /** What goes out next; dropped once sent. Never logged. */
  #credential: Credential | undefined;
  #request: string | undefined;
  #reason: TokenReason = 'initial';
  /** Times in a row that none could be had, or that the server had no time for it. */
  #failures = 0;
  /** Whether the timer runs that asks for the next one. */
  #waits = false;
  #expiresAt: number | null = null;
  #everOpened = false;
  /** Whether the last connection was closed for the credential. */
  #closedForIt = false;
  #rejections = 0;
  /** Monotonic instant of the last renewal, and whether the user knows that tokens end too soon. */
  #renewedAt = -Infinity;
  #told = false;
  #waiting: Waiting[] = [];

  constructor(host: DialectHost, tokens: TokenSource, takes: (link: DialectLink) => 'none' | 'plain' | 'with ids') {
    this.#host = host;
    this.#tokens = tokens;
    this.#takes = takes;
  }

  get kind(): 'none' | 'fixed' | 'provider' {
    return this.#tokens.kind;
  }

  /** Whether an answer is still out, or a frame. */
  get busy(): boolean {
    return this.status === 'fetching' || this.status === 'ready' || this.status === 'sent';
  }

  /** A connection is up: a credential is asked for where the dialect has a use for one; subscriptions are held until it is settled. */
  opened(link: DialectLink): void {
    if (link !== this.#link) this.#forget(link);
    if (this.#tokens.kind !== 'none' && this.#takes(link) !== 'none' && this.status === 'none') {
      this.held = true;
      const isRejected = this.#rejections > 0 || this.#closedForIt;
      this.#ask(isRejected ? 'rejected' : this.#everOpened ? 'reconnect' : 'initial');
    }
    this.#everOpened = true;
  }

  /** The user brings a credential: it replaces the one in use. @throws PriceStreamError what the server says */
  give(credential: Credential): Promise<void> {
    this.#tokens.replace(credential);
    return new Promise((resolve, reject) => {
      this.#host.inTurn(() => {
        const { ending } = this.#host;
        const error = ending ?? (this.#waiting.length >= mostWaiting ? tooMany() : undefined);
        if (error !== undefined) {
          reject(error);
          return;
        }
        this.#waiting.push({ resolve, reject });
        const { link } = this.#host;
        if (link?.up === true && this.#takes(link) !== 'none') {
          this.#host.timers.stop('token');
          this.#waits = false;
          this.status = 'ready';
          this.#credential = credential;
        }
        this.#host.need();
      });
    });
  }

  /** The `authenticate` frame that is owed; afterwards the credential is forgotten. */
  frame(link: DialectLink): unknown {
    if (this.status !== 'ready' || this.#credential === undefined) return undefined;
    const credential = this.#credential;
    this.#credential = undefined;
    this.#request = this.#host.request();
    this.status = 'sent';
    this.#host.timers.start('authenticate', answerDeadlineMs, () => {
      this.#host.inTurn(() => this.refused(unanswered('authenticate'), false));
    });
    const withId = this.#takes(link) === 'with ids' ? { id: this.#request } : {};
    const data = typeof credential === 'string' ? { token: credential } : { apiKey: credential.apiKey };
    return { type: 'authenticate', ...withId, data };
  }

  /** Whether an answer with this request id belongs to the `authenticate` that is out. Older servers send no id. */
  isAnswer(id: WireId): boolean {
    return this.status === 'sent' && (id === undefined || id === null || String(id) === this.#request);
  }

  /** The server accepted. @param expiresAt until when, by its clock, epoch ms */
  accepted(link: DialectLink, expiresAt: number | null = null): void {
    this.#settled('accepted');
    this.#failures = 0;
    this.#expiresAt = expiresAt;
    this.#rejections = 0;
    this.#closedForIt = false;
    link.show({ authenticated: true });
    for (const { resolve } of this.#waiting.splice(0)) resolve();
    link.pump();
  }

  /**
   * The server refused, or did not answer in time. Public subscriptions go out all the same.
   *
   * @param counts whether it is about the credential; otherwise it is brought again, after `waitMs` at least
   */
  refused(error: PriceStreamError, counts: boolean, waitMs?: unknown): void {
    this.#settled('refused');
    if (counts) this.#link?.show({ authenticated: false });
    else this.#askAgain(hintMs(waitMs) ?? 0);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    this.#rejections += counts ? 1 : 0;
    if (this.#rejections >= rejectionsUntilFailed) {
      const message = 'The server refused the token twice in a row. Check what the token option returns.';
      this.#host.fail(new PriceStreamError('TOKEN_REJECTED', message, { cause: error }));
      return;
    }
    this.#host.report(error);
    this.#link?.pump();
  }

  /** The server says that the token ends soon: it is renewed on the living connection. */
  renew(link: DialectLink): void {
    if (this.#tokens.kind === 'none' || this.#waits || this.busy) return;
    const waitMs = this.#renewedAt + this.#floorMs(link) - this.#host.clock.monotonic();
    if (waitMs <= 0) {
      this.#ask('expired');
      return;
    }
    this.#reason = 'expired';
    this.#failures = 0;
    this.#askIn(waitMs);
    if (this.#told) return;
    this.#told = true;
    const message =
      'The new token ends as soon as the old one. Let the token option give a fresh one, of more than a minute.';
    this.#host.report(new PriceStreamError('TOKEN_EXPIRING', message, { retryable: true }));
  }

  /** Something woke up, which ends the back-off after a failure. */
  woke(): void {
    if (this.#waits && this.#failures > 0) this.#ask(this.#reason);
  }

  /** A connection was closed for the credential. @returns whether it is known that it is refused, and how often it may happen */
  closed(): { readonly told: boolean; readonly maxInARow: number } {
    this.#closedForIt = true;
    // A server that refuses a token says so first and closes then: one refusal, one error.
    return { told: this.status === 'refused', maxInARow: this.#tokens.kind === 'provider' ? 1 : 0 };
  }

  /** The connection has lasted. */
  lost(link: DialectLink): void {
    if (link === this.#link) this.#forget(undefined);
  }

  /** The user connects again after an end. */
  restarted(): void {
    this.#rejections = 0;
    this.#closedForIt = false;
    this.#renewedAt = -Infinity;
    this.#told = false;
  }

  /** The stream is closed, or has failed. */
  ended(error: PriceStreamError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #forget(link: DialectLink | undefined): void {
    this.#tokens.cancel();
    this.#host.timers.stop('token');
    this.#host.timers.stop('authenticate');
    this.#link = link;
    this.status = 'none';
    this.held = false;
    this.#credential = undefined;
    this.#request = undefined;
    this.#waits = false;
    this.#failures = 0;
    this.#expiresAt = null;
  }

  #settled(status: 'accepted' | 'refused'): void {
    this.#host.timers.stop('authenticate');
    this.status = status;
    this.held = false;
    this.#request = undefined;
  }

  #ask(reason: TokenReason): void {
    const link = this.#link;
    this.#host.timers.stop('token');
    this.status = 'fetching';
    this.#reason = reason;
    this.#waits = false;
    if (reason === 'expired') this.#renewedAt = this.#host.clock.monotonic();
    this.#tokens.fetch(reason, (credential, error) => {
      this.#host.inTurn(() => {
        if (link !== this.#link || this.status !== 'fetching') return;
        this.#resolved(credential, error);
        link?.pump();
      });
    });
  }

  /** The provider answered. Without a credential the connection goes on unauthenticated. */
  #resolved(credential: Credential | null, error: PriceStreamError | undefined): void {
    if (error !== undefined) {
      this.held = false;
      this.#askAgain(0);
      this.#host.report(error);
    } else if (credential === null) {
      this.status = 'none';
      this.held = false;
    } else {
      this.status = 'ready';
      this.#credential = credential;
    }
  }

  /** None could be had, or the server had no time for it: asked again with a back-off, on the living connection. */
  #askAgain(waitMs: number): void {
    // What was accepted before counts until the server says otherwise.
    this.status = this.#stands ? 'accepted' : 'refused';
    this.#askIn(Math.max(waitMs, this.#host.backoffMs(this.#failures)));
    this.#failures += 1;
  }

  get #stands(): boolean {
    const { state } = this.#host;
    return state.status === 'connected' && state.authenticated;
  }

  #askIn(delayMs: number): void {
    this.#waits = true;
    this.#host.timers.start('token', delayMs, () => this.#host.inTurn(() => this.#ask(this.#reason)));
  }

  /** How far apart renewals are: often enough for credentials that end soon, and never a storm. */
  #floorMs(link: DialectLink): number {
    if (this.#expiresAt === null) return mostRenewalMs;
    const leftMs = this.#expiresAt - this.#host.clock.now() - (link.clockOffsetMs ?? 0);
    return Math.min(mostRenewalMs, Math.max(leastRenewalMs, leftMs / 2));
  }
}
