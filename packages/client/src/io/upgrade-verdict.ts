/** Reads an answer in HTTP to an upgrade like a close. Only Node's `ws` package lets one see that. */
import type { UpgradeVerdict } from './web-socket-like.js';

const rateLimitedMs = 30_000;
const mostForbidden = 2;
/** What a server asks for is kept to this range, in ms. */
const hints = { least: 250, most: 300_000 };

/**
 * The third 401 or 403 in a row is for good; others are retried, after `Retry-After` where it stands.
 *
 * @param retryAfterMs what its `Retry-After` asks for; `NaN` without one
 */
export function upgradeVerdict(status: number, retryAfterMs: number): UpgradeVerdict {
  const forbidden = status === 401 || status === 403;
  const hintMs = Number.isFinite(retryAfterMs)
    ? Math.min(hints.most, Math.max(hints.least, retryAfterMs))
    : status === 429
      ? rateLimitedMs
      : 0;
  return {
    action: 'retry',
    meaning: forbidden ? 'the server refuses this client' : 'the server did not take it',
    minDelayMs: hintMs,
    maxInARow: forbidden ? mostForbidden : Infinity,
    code: status === 401 ? 'TOKEN_REJECTED' : 'CONNECT_FAILED',
    httpStatus: status,
  };
}
