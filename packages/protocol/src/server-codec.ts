/** Server text to message; a room of its own, so that a client is not given what only a server decodes. */
import { parse, refusalOf, type DecodeLimits, type DecodeResult } from './codec-frame.js';
import { judgeServerMessage } from './judge-server-message.js';
import type { ServerMessage } from './server-messages.js';

const serverFrameLength = 1_048_576;

/**
 * Decodes a frame that a server sent. Never throws.
 *
 * @param text the frame; anything but a string is `BAD_JSON`
 * @returns the parsed object itself as `message`; parts to be left out (a bad metal, a bad item) in `reported`
 */
export function decodeServerMessage(text: string, limits?: DecodeLimits): DecodeResult<ServerMessage> {
  const maxLength = limits?.maxLength ?? serverFrameLength;
  const message = parse(text, maxLength);
  return message === undefined ? refusalOf(text, maxLength) : judgeServerMessage(message);
}
