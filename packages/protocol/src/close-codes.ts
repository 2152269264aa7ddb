/** Close codes as data: what each means, who sends it, and what a client does about it. Section 8 of PROTOCOL.md. */

/** The close codes of the contract by name. RFC 6455 section 7.4 and our own from 4000. */
export const CloseCode = {
  NORMAL: 1000,
  GOING_AWAY: 1001,
  PROTOCOL_ERROR: 1002,
  UNSUPPORTED_DATA: 1003,
  NO_STATUS: 1005,
  ABNORMAL: 1006,
  INVALID_PAYLOAD: 1007,
  POLICY_VIOLATION: 1008,
  MESSAGE_TOO_BIG: 1009,
  INTERNAL_ERROR: 1011,
  SERVICE_RESTART: 1012,
  TRY_AGAIN_LATER: 1013,
  RECONNECT: 4000,
  BAD_MESSAGES: 4400,
  UNAUTHENTICATED: 4401,
  FORBIDDEN: 4403,
  UNSUPPORTED_VERSION: 4406,
  TIMEOUT: 4408,
  REPLACED: 4409,
  QUOTA: 4413,
  RATE_LIMITED: 4429,
} as const;
/** One of the numbers of `CloseCode`. */
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/** What a client does after a close. */
export interface CloseAction {
  /** `retry`: reconnect with back-off · `stop`: stay closed · `fail`: stay closed and say that it is for good. */
  action: 'retry' | 'stop' | 'fail';
  /** Wait at least this long before the next attempt, whatever the back-off says; ms. */
  minDelayMs: number;
  /** Spread the next attempt over this span on top, as the server asked; ms, 0 when it did not. */
  spreadMs: number;
  /** Ask the token provider again before the next attempt; a second rejection in a row is final. */
  renewToken: boolean;
  /** After this many closes of this kind in a row the connection has failed. */
  maxInARow: number;
  /** What the code means, in words. */
  meaning: string;
}

/** Hints of servers are clamped to this range, in ms: 250 ms to 5 min. */
export const hintRangeMs = { min: 250, max: 300_000 } as const;

/** A hint in ms, clamped to 250 ms … 5 min; `undefined` for what is no finite number (it is ignored, never an error). */
export function clampHintMs(hint: unknown): number | undefined {
  if (typeof hint !== 'number' || !Number.isFinite(hint)) return undefined;
  return Math.min(hintRangeMs.max, Math.max(hintRangeMs.min, hint));
}

type Row = Pick<CloseAction, 'action' | 'meaning'> & Partial<CloseAction> & { hintIsFloor?: true };

const rows: ReadonlyMap<number, Row> = new Map<number, Row>([
  [1000, { action: 'stop', meaning: 'normal closure' }],
  [1001, { action: 'retry', meaning: 'the server is going away' }],
  [1002, { action: 'retry', meaning: 'framing error', maxInARow: 5 }],
  [1003, { action: 'retry', meaning: 'binary data is not supported', maxInARow: 5 }],
  [1005, { action: 'retry', meaning: 'closed without a code' }],
  [1006, { action: 'retry', meaning: 'the connection broke off' }],
  [1007, { action: 'retry', meaning: 'invalid UTF-8', maxInARow: 5 }],
  [1009, { action: 'retry', meaning: 'a frame was too big' }],
  [1011, { action: 'retry', meaning: 'internal server error' }],
  [1012, { action: 'retry', meaning: 'the server restarts' }],
  [1013, { action: 'retry', meaning: 'the server is overloaded', minDelayMs: 5_000 }],
  [4000, { action: 'retry', meaning: 'the client starts a new connection' }],
  [4400, { action: 'fail', meaning: 'too many bad messages' }],
  [4401, { action: 'retry', meaning: 'not authenticated, or no longer', renewToken: true }],
  [4403, { action: 'fail', meaning: 'forbidden' }],
  [4406, { action: 'fail', meaning: 'the protocol version is not supported' }],
  [4408, { action: 'retry', meaning: 'authentication or idle timeout', maxInARow: 3 }],
  [4409, { action: 'stop', meaning: 'replaced by a newer connection' }],
  [4413, { action: 'retry', meaning: 'quota used up', minDelayMs: 60_000, hintIsFloor: true }],
  [4429, { action: 'retry', meaning: 'rate limited', minDelayMs: 30_000 }],
]);

/** What the older metals backend means by 1008, by reason; section 11 of PROTOCOL.md. */
const policyRows: readonly { reason: RegExp; row: Row }[] = [
  { reason: /^unauthorized/i, row: { action: 'retry', meaning: 'not authenticated', renewToken: true } },
  {
    reason: /^rate limit exceeded/i,
    row: { action: 'retry', meaning: 'rate limited', minDelayMs: 60_000, hintIsFloor: true },
  },
  { reason: /^server at capacity/i, row: { action: 'retry', meaning: 'the server is full', minDelayMs: 5_000 } },
];

function rowOf(code: number, reason: string): Row {
  if (code === 1008) {
    return (
      policyRows.find((policy) => policy.reason.test(reason))?.row ?? { action: 'retry', meaning: 'policy violation' }
    );
  }
  const row = rows.get(code);
  if (row !== undefined) return row;
  return code >= 4400 && code <= 4499
    ? { action: 'fail', meaning: 'refused for a reason that this version does not know' }
    : { action: 'retry', meaning: 'closed for a reason that this version does not know' };
}

function hintOf(reason: string, name: 'ra' | 'sp'): number | undefined {
  const found = reason.split(';').find((part) => part.startsWith(`${name}=`));
  const digits = found?.slice(name.length + 1) ?? '';
  return /^-?\d+(?:\.\d+)?$/.test(digits) ? clampHintMs(Number(digits)) : undefined;
}

/**
 * What a client does after a close with this code and reason. Hints in the reason (`restart;ra=2000;sp=60000`: retry
 * after and spread, in ms) are clamped to 250 ms … 5 min; ill-formed ones are ignored.
 *
 * @param code the close event's code; 1005 and 1006 as the platform reports them
 * @param reason the close event's reason @default ''
 */
export function closeAction(code: number, reason = ''): CloseAction {
  const { hintIsFloor, ...row } = rowOf(code, reason);
  const floorMs = row.minDelayMs ?? 0;
  const hintMs = hintOf(reason, 'ra');
  const minDelayMs = hintMs === undefined ? floorMs : hintIsFloor ? Math.max(floorMs, hintMs) : hintMs;
  return {
    action: row.action,
    meaning: row.meaning,
    minDelayMs,
    spreadMs: hintOf(reason, 'sp') ?? 0,
    renewToken: row.renewToken ?? false,
    maxInARow: row.maxInARow ?? Infinity,
  };
}
