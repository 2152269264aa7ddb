/** What decoding the two directions has in common: the result, the bounds, and from text to an object with a type. */
import type { UnknownMessage } from './client-messages.js';
import { isJsonObject, type JsonObject } from './shape.js';

/** A part of a valid frame that is left out: where it stands and what is wrong with it. */
export interface ReportedItem {
  /** Keys and indexes joined by dots: `data.gold`, `messages.3`. */
  path: string;
  reason: string;
}

/** What decoding gives. `reported` is there when items of a valid frame have to be left out by whoever reads it. */
export type DecodeResult<Message> =
  | { ok: true; kind: 'known'; message: Message; reported?: ReportedItem[] }
  | { ok: true; kind: 'unknown'; message: UnknownMessage; reported?: never }
  | {
      ok: false;
      /** `BAD_JSON` when `JSON.parse` refuses the text, `BAD_MESSAGE` otherwise. */
      code: 'BAD_JSON' | 'BAD_MESSAGE';
      /** The value at fault: keys and indexes joined by dots; `""` is the whole frame. */
      path: string;
      reason: string;
    };

/** Bounds that are checked while decoding. */
export interface DecodeLimits {
  /** UTF-16 units of the text, checked before parsing. @default 1,048,576 from a server, 16,384 from a client */
  maxLength?: number | undefined;
  /** Channels in one `subscribe` or `unsubscribe` of a client; at most 200. @default 200 */
  maxChannels?: number | undefined;
}

/** A frame that is refused. */
type Refusal = Extract<DecodeResult<never>, { ok: false }>;
/** What every message is: an object with a type. */
export type Typed = JsonObject & { type: string };

/** The refusal of a frame whose value at `path` is not what was expected. */
export const bad = (path: string, reason: string): Refusal => ({ ok: false, code: 'BAD_MESSAGE', path, reason });

/** The parsed frame when it is what every message is: an object with an own `type` that is a string. */
export function parse(text: string, maxLength: number): Typed | undefined {
  if (typeof text !== 'string' || text.length > maxLength) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isJsonObject(value) && isTyped(value) ? value : undefined;
}

/** Why `parse` gave nothing. Parses again: a good frame should not pay for the words of a bad one. */
export function refusalOf(text: string, maxLength: number): Refusal {
  if (typeof text !== 'string') return { ok: false, code: 'BAD_JSON', path: '', reason: 'expected text' };
  if (text.length > maxLength) return bad('', `expected at most ${maxLength} characters`);
  try {
    return isJsonObject(JSON.parse(text)) ? bad('type', 'expected a string') : bad('', 'expected an object');
  } catch {
    return { ok: false, code: 'BAD_JSON', path: '', reason: 'expected JSON' };
  }
}

/** Whether an object has an own `type` that is a string. */
export function isTyped(value: JsonObject): value is Typed {
  return typeof value['type'] === 'string' && Object.hasOwn(value, 'type');
}

/** The judges have established the shape that the message's type claims. */
export function known<Message>(message: Typed): Extract<DecodeResult<Message>, { kind: 'known' }> {
  return { ok: true, kind: 'known', message: message as unknown as Message };
}
