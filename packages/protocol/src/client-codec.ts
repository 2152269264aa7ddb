/** Client text to message; a room of its own, so that a client does not carry it. */
import type { ClientMessage } from './client-messages.js';
import { clientJudges } from './client-judges.js';
import { bad, known, parse, refusalOf, type DecodeLimits, type DecodeResult } from './codec-frame.js';
import { isJsonObject, type Fault, type JsonObject } from './shape.js';

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
  const judge = clientJudges.get(message.type);
  if (judge === undefined) return { ok: true, kind: 'unknown', message };
  const fault = channelsFault(message, limits?.maxChannels) ?? judge(message);
  return fault === undefined ? known<ClientMessage>(message) : bad(fault.path, fault.reason);
}

function channelsFault(message: JsonObject, maxChannels: number | undefined): Fault | undefined {
  if (maxChannels === undefined || !isJsonObject(message['data'])) return undefined;
  const { channels } = message['data'];
  if (!Array.isArray(channels) || channels.length <= maxChannels) return undefined;
  return { path: 'data.channels', reason: `expected at most ${maxChannels} channels` };
}
