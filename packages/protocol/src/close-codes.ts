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
  return Number.isFinite(hint) ? Math.min(hintRangeMs.max, Math.max(hintRangeMs.min, hint as number)) : undefined;
}

/** What a close means, and how it differs from a retry at once. */
type Row = readonly [meaning: string, rest?: Partial<CloseAction> & { hintIsFloor?: true }];

const unknownMeaning = 'a reason that this version does not know';
const fewInARow = { maxInARow: 5 };
const aMinute = { minDelayMs: 60_000, hintIsFloor: true } as const;

/** What RFC 6455 says. */
const standardRows: ReadonlyMap<number, Row> = /* @__PURE__ */ new Map<number, Row>([
  [1000, ['normal closure', { action: 'stop' }]],
  [1001, ['the server is going away']],
  [1002, ['framing error', fewInARow]],
  [1003, ['binary data is not supported', fewInARow]],
  [1005, ['closed without a code']],
  [1006, ['the connection broke off']],
  [1007, ['invalid UTF-8', fewInARow]],
  [1008, ['policy violation']],
  [1009, ['a frame was too big']],
  [1011, ['internal server error']],
  [1012, ['the server restarts']],
  [1013, ['the server is overloaded', { minDelayMs: 5_000 }]],
]);

/** What is the contract's own. */
const ownRows: ReadonlyMap<number, Row> = /* @__PURE__ */ new Map<number, Row>([
  [4000, ['the client starts a new connection']],
  [4400, ['too many bad messages', { action: 'fail' }]],
  [4401, ['not authenticated', { renewToken: true }]],
  [4403, ['forbidden', { action: 'fail' }]],
  [4406, ['the protocol version is not supported', { action: 'fail' }]],
  [4408, ['authentication or idle timeout', { maxInARow: 3 }]],
  [4409, ['replaced by a newer connection', { action: 'stop' }]],
  [4413, ['quota used up', aMinute]],
  [4429, ['rate limited', { minDelayMs: 30_000 }]],
]);

function hintOf(reason: string, name: 'ra' | 'sp'): number | undefined {
  const digits = new RegExp(`(?:^|;)${name}=(-?\\d+(?:\\.\\d+)?)(?:;|$)`).exec(reason)?.[1];
  return digits === undefined ? undefined : clampHintMs(Number(digits));
}

/** What stands behind a code: the older metals backend says it in the reason of a 1008 (section 11 of PROTOCOL.md). */
function meantBy(code: number, reason: string): number {
  if (code !== 1008) return code;
  return /^unauthorized/i.test(reason) ? 4401 : /^server at capacity/i.test(reason) ? 1013 : 1008;
}

/** What the contract says of a close, and what RFC 6455 says where the contract does not. */
function rowOf(code: number, reason: string): Row | undefined {
  if (code === 1008 && /^rate limit exceeded/i.test(reason)) return ['rate limited', aMinute];
  return ownRows.get(code) ?? (code >= 4400 && code <= 4499 ? [unknownMeaning, { action: 'fail' }] : undefined);
}

/**
 * As `closeAction`, for who knows already what RFC 6455 says.
 *
 * @param standard what the RFC says of a code, as far as it differs from a retry at once
 */
export function closeActionWith(
  standard: (code: number) => Partial<CloseAction>,
  code: number,
  reason = '',
): CloseAction {
  const meant = meantBy(code, reason);
  const row = rowOf(meant, reason);
  const said: NonNullable<Row[1]> = row === undefined ? standard(meant) : { ...row[1], meaning: row[0] };
  const { hintIsFloor, minDelayMs: floorMs = 0, ...rest } = said;
  const hintMs = hintOf(reason, 'ra');
  return {
    ...{ action: 'retry', renewToken: false, maxInARow: Infinity, meaning: unknownMeaning },
    ...rest,
    minDelayMs: hintIsFloor === true ? Math.max(floorMs, hintMs ?? 0) : (hintMs ?? floorMs),
    spreadMs: hintOf(reason, 'sp') ?? 0,
  };
}

/**
 * What a client does after a close with this code and reason. Hints in the reason (`restart;ra=2000;sp=60000`: retry
 * after and spread, in ms) are clamped to 250 ms … 5 min; ill-formed ones are ignored.
 *
 * @param code the close event's code; 1005 and 1006 as the platform reports them
 * @param reason the close event's reason @default ''
 */
export function closeAction(code: number, reason = ''): CloseAction {
  const standard = (each: number): Partial<CloseAction> => {
    const [meaning = unknownMeaning, rest] = standardRows.get(each) ?? [];
    return { ...rest, meaning };
  };
  return closeActionWith(standard, code, reason);
}
