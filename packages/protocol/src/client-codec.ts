/** Client text to message; a room of its own, so that a client does not carry it. */
import type { ClientMessage } from './client-messages.js';
import { clientJudge } from './client-judges.js';
import {
  bad,
  isTyped,
  known,
  parse,
  refusalOf,
  unknown,
  untyped,
  type DecodeLimits,
  type DecodeResult,
} from './codec-frame.js';
import { expected, isJsonObject, type Fault, type JsonObject } from './fault.js';

const clientFrameLength = 16_384;

/**
 * Decodes a frame that a client sent. Never throws.
 *
 * @param text the frame; anything but a string is `BAD_JSON`
 */
export function decodeClientMessage(text: string, limits?: DecodeLimits): DecodeResult<ClientMessage> {
  const maxLength = limits?.maxLength ?? clientFrameLength;
  const message = parse(text, maxLength);
  if (message === undefined) return refusalOf(text, maxLength);
  if (!isTyped(message)) return untyped(message);
  const judge = clientJudge(message.type);
  if (judge === undefined) return unknown(message);
  const fault = channelsFault(message, limits?.maxChannels) ?? judge(message);
  return fault === undefined ? known<ClientMessage>(message) : bad(fault);
}

function channelsFault(message: JsonObject, maxChannels: number | undefined): Fault | undefined {
  if (maxChannels === undefined || !isJsonObject(message['data'])) return undefined;
  const { channels } = message['data'];
  if (!Array.isArray(channels) || channels.length <= maxChannels) return undefined;
  return expected(`at most ${maxChannels} channels`, 'data.channels');
}
