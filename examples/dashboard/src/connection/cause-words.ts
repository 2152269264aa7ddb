/** Why a connection was lost, in the words of a person; pure. */
import type { PriceStreamError } from '@tickwire/client';

/** What a code means to whoever looks at the page. */
const byCode: ReadonlyMap<string, string> = new Map([
  ['HEARTBEAT_TIMEOUT', 'the server stopped answering'],
  ['CONNECT_TIMEOUT', 'nobody answered in time'],
  ['TOKEN_REJECTED', 'the server does not accept the sign-in'],
  ['TOKEN_PROVIDER_FAILED', 'no new sign-in could be had'],
  ['UNAVAILABLE', 'this browser has no WebSocket'],
]);

/** The closes that people meet; the others say what the SDK says. */
const byClose: ReadonlyMap<number, string> = new Map([
  [1001, 'the server went away'],
  [1006, 'the link broke off'],
  [1011, 'the server ran into an error of its own'],
  [1012, 'the server restarts'],
  [1013, 'the server is overloaded'],
  [4408, 'the server heard nothing of this page for too long'],
]);

/** `the link broke off`; in the SDK's words where there are no shorter ones, and `undefined` where nothing is known. */
export function causeWords(cause: PriceStreamError | null): string | undefined {
  if (cause === null) return undefined;
  const known = byCode.get(cause.code) ?? (cause.closeCode === undefined ? undefined : byClose.get(cause.closeCode));
  return known ?? cause.message.replace(/\.$/, '');
}
