/** Error codes as data: stable strings that stand in `error.data.code` and `ack.data.rejected`. Section 9 of PROTOCOL.md. */

/** The error codes of the contract; each is its own name. */
export const ErrorCode = {
  BAD_JSON: 'BAD_JSON',
  BAD_MESSAGE: 'BAD_MESSAGE',
  UNKNOWN_TYPE: 'UNKNOWN_TYPE',
  UNSUPPORTED_VERSION: 'UNSUPPORTED_VERSION',
  UNKNOWN_CHANNEL: 'UNKNOWN_CHANNEL',
  FORBIDDEN_CHANNEL: 'FORBIDDEN_CHANNEL',
  TOO_MANY_SUBSCRIPTIONS: 'TOO_MANY_SUBSCRIPTIONS',
  TOO_MANY_ITEMS: 'TOO_MANY_ITEMS',
  BAD_FILTER: 'BAD_FILTER',
  UNAUTHENTICATED: 'UNAUTHENTICATED',
  AUTH_FAILED: 'AUTH_FAILED',
  TOKEN_EXPIRED: 'TOKEN_EXPIRED',
  TOKEN_EXPIRING: 'TOKEN_EXPIRING',
  TOKEN_REVOKED: 'TOKEN_REVOKED',
  AUTH_RATE_LIMITED: 'AUTH_RATE_LIMITED',
  RATE_LIMITED: 'RATE_LIMITED',
  SLOW_CONSUMER: 'SLOW_CONSUMER',
  SERVER_BUSY: 'SERVER_BUSY',
  TOO_MANY_CHANNELS: 'TOO_MANY_CHANNELS',
  SHUTTING_DOWN: 'SHUTTING_DOWN',
  CONFLICT: 'CONFLICT',
  INTERNAL: 'INTERNAL',
} as const;
/** One of the names of `ErrorCode`. */
export type ErrorCode = keyof typeof ErrorCode;

/** What each code says to a person, at most 256 bytes, and whether the same request may succeed later. */
export const errorTexts: ReadonlyMap<ErrorCode, { message: string; retryable: boolean }> = new Map<
  ErrorCode,
  { message: string; retryable: boolean }
>([
  ['BAD_JSON', { message: 'The message is not JSON', retryable: false }],
  ['BAD_MESSAGE', { message: 'The message does not have the expected shape', retryable: false }],
  ['UNKNOWN_TYPE', { message: 'Unknown message type', retryable: false }],
  ['UNSUPPORTED_VERSION', { message: 'This protocol version is not supported', retryable: false }],
  ['UNKNOWN_CHANNEL', { message: 'Unknown channel', retryable: false }],
  ['FORBIDDEN_CHANNEL', { message: 'This channel is not open to you', retryable: false }],
  ['TOO_MANY_SUBSCRIPTIONS', { message: 'Too many subscriptions', retryable: false }],
  ['TOO_MANY_ITEMS', { message: 'Too many items in one message', retryable: false }],
  ['BAD_FILTER', { message: 'The filter is not valid', retryable: false }],
  ['UNAUTHENTICATED', { message: 'Authenticate first', retryable: false }],
  ['AUTH_FAILED', { message: 'Authentication failed', retryable: false }],
  ['TOKEN_EXPIRED', { message: 'The token has expired', retryable: false }],
  ['TOKEN_EXPIRING', { message: 'The token expires soon', retryable: true }],
  ['TOKEN_REVOKED', { message: 'The token was revoked', retryable: false }],
  ['AUTH_RATE_LIMITED', { message: 'Too many attempts', retryable: true }],
  ['RATE_LIMITED', { message: 'Rate limit exceeded', retryable: true }],
  ['SLOW_CONSUMER', { message: 'The connection reads too slowly', retryable: true }],
  ['SERVER_BUSY', { message: 'The server is busy', retryable: true }],
  ['TOO_MANY_CHANNELS', { message: 'There is no room for another channel', retryable: true }],
  ['SHUTTING_DOWN', { message: 'The server is shutting down', retryable: true }],
  ['CONFLICT', { message: 'The same clientRef stands for another alert', retryable: false }],
  ['INTERNAL', { message: 'Internal error', retryable: true }],
]);
