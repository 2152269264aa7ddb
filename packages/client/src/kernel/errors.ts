/** The one error class of the SDK; whatever goes wrong reaches the user as one of these, with a code to branch on. */

/** What a `PriceStreamError` is made of. */
export interface PriceStreamErrorDetails {
  /** Whether trying again may help. @default false */
  retryable?: boolean | undefined;
  /** The WebSocket close code that led here. */
  closeCode?: number | undefined;
  /** What went wrong underneath, as it was thrown or told. */
  cause?: unknown;
}

/**
 * Anything that the client reports: `code` is a stable string, one of the protocol's `ErrorCode` or of the client's own
 * (`CONFIGURATION`, `UNAVAILABLE`, `CONNECT_TIMEOUT`, `CONNECT_FAILED`, `HEARTBEAT_TIMEOUT`, `TOKEN_PROVIDER_FAILED`,
 * `TOKEN_REJECTED`, `REQUEST_TIMEOUT`, `TOO_MANY_SUBSCRIPTIONS`, `LISTENER_FAILED`, `DIALECT_FAILED`, `CLOSED`).
 */
export class PriceStreamError extends Error {
  /** Always `PriceStreamError`, for those who cannot ask with `instanceof`. */
  override readonly name = 'PriceStreamError';
  /** What went wrong: a stable string to branch on, never a sentence. */
  readonly code: string;
  /** Whether the same may succeed later without a change; the client retries lost connections by itself. */
  readonly retryable: boolean;
  /** The WebSocket close code that led here, 1000 to 4999; missing where none did. */
  readonly closeCode?: number;
  /** What went wrong underneath; missing where nothing is known. */
  declare readonly cause?: unknown;

  constructor(code: string, message: string, details: PriceStreamErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? false;
    if (details.closeCode !== undefined) this.closeCode = details.closeCode;
  }

  /** For `JSON.stringify`, which leaves out what an error says. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, retryable, closeCode, cause } = this;
    return { name, code, message, retryable, closeCode, cause: cause instanceof Error ? String(cause) : cause };
  }
}

/** What an aborted wait rejects with: the signal's own reason. */
export function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new PriceStreamError('CLOSED', 'The wait was aborted.', { cause: reason });
}

/** The error of a wrong option: its name, and what it must be. */
export function wrong(name: string, needed: string): PriceStreamError {
  return new PriceStreamError('CONFIGURATION', `${name} must be ${needed}.`);
}

/** Says which channels a dialect does not have; of many the first three. */
export function missingError(dialect: string, channels: readonly string[]): PriceStreamError {
  const more = channels.length > 3 ? ` and ${channels.length - 3} more` : '';
  const names = channels.slice(0, 3).join(', ');
  return new PriceStreamError(
    'UNKNOWN_CHANNEL',
    `The ${dialect} dialect has no ${names}${more}. It takes another server.`,
  );
}
