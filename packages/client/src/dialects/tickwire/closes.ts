/** What the closes of the contract mean. Section 8 of PROTOCOL.md. */
import { closeActionWith, type ErrorCode } from '@tickwire/protocol/rules';
import { verdictOf, type Verdict } from '../../kernel/verdicts.js';
import type { Authentication } from '../authentication.js';

/** Refusals for good by close code: what they are called, and what the reader can do about them. */
const refusals: ReadonlyMap<number, readonly [code: ErrorCode, advice: string]> = /* @__PURE__ */ new Map([
  [4400, ['BAD_MESSAGE', ' Does the server speak what the dialect option says?']],
  [4403, ['FORBIDDEN_CHANNEL', ' Check the rights of the token and the origins that the server allows.']],
  [4406, ['UNSUPPORTED_VERSION', ' Update @tickwire/client.']],
]);

/** The table of close codes, with what is known of the credential. */
export function contractVerdict(code: number, reason: string, authentication: Authentication): Verdict {
  const { renewToken, ...rest } = closeActionWith(verdictOf, code, reason);
  const [name, advice] = refusals.get(code) ?? [];
  if (renewToken) return { ...rest, code: 'TOKEN_REJECTED', ...authentication.closed() };
  return name === undefined || advice === undefined ? rest : { ...rest, code: name, advice };
}
