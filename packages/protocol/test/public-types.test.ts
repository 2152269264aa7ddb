import { expect, it } from 'vitest';
import { decodeClientMessage, decodeServerMessage, type DecodeLimits } from '../src/codec.js';

it('F22: every bound of decoding may be undefined, and is the default then', () => {
  // As a record of all names: one that is added has to be here, and to take `undefined`.
  const unset: Record<keyof DecodeLimits, undefined> = { maxLength: undefined, maxChannels: undefined };
  expect(decodeServerMessage('{"type":"pong"}', unset)).toMatchObject({ ok: true });
  expect(decodeClientMessage('{"type":"ping"}', unset)).toMatchObject({ ok: true });
  expect(decodeClientMessage(`{"type":"ping","more":"${'x'.repeat(20_000)}"}`, unset)).toMatchObject({ ok: false });
});
