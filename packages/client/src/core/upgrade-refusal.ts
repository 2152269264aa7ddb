/** What follows when a server answers the upgrade in HTTP instead of taking it. Only Node's `ws` package lets one see that. */
import { clampHintMs, type CloseAction } from '@tickwire/protocol/rules';

/** Such an answer; nothing else of it is looked at. */
export interface UpgradeRefusal {
  readonly status: number;
  /** What its `Retry-After` asks for; `NaN` without one. */
  readonly retryAfterMs: number;
}

const rateLimitedMs = 30_000;
const mostForbidden = 2;

/** Reads like a close code: the third 401 or 403 in a row is for good; others are retried, after `Retry-After` where it stands. */
export function refusalAction({ status, retryAfterMs }: UpgradeRefusal): CloseAction {
  const forbidden = status === 401 || status === 403;
  return {
    action: 'retry',
    meaning: forbidden ? 'the server refuses this client' : 'the server did not take it',
    minDelayMs: clampHintMs(retryAfterMs) ?? (status === 429 ? rateLimitedMs : 0),
    spreadMs: 0,
    renewToken: false,
    maxInARow: forbidden ? mostForbidden : Infinity,
  };
}
