/** What decoding the two directions has in common: the result, the bounds, and from text to an object with a type. */
import type { UnknownMessage } from './client-messages.js';
import { expected, isJsonObject, type Fault, type JsonObject } from './fault.js';

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

/** The refusal of a frame for a fault. */
export const bad = (fault: Fault): Refusal => ({ ok: false, code: 'BAD_MESSAGE', ...fault });

/** The value that a text of JSON stands for, `undefined` for any other: JSON has no such value. */
export function parse(text: string, maxLength: number): unknown {
  if (typeof text !== 'string' || text.length > maxLength) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Why `parse` gave nothing. */
export function refusalOf(text: string, maxLength: number): Refusal {
  if (typeof text === 'string' && text.length > maxLength) return bad(expected(`at most ${maxLength} characters`));
  return {
    ok: false,
    code: 'BAD_JSON',
    path: '',
    reason: typeof text === 'string' ? 'expected JSON' : 'expected text',
  };
}

const inherited = Object.prototype as unknown as JsonObject;

/** Whether a value is what every message is: an object with a `type` of its own that is a string. */
export function isTyped(value: unknown): value is Typed {
  if (!isJsonObject(value) || typeof value['type'] !== 'string') return false;
  // What JSON gives inherits from nothing else; asking each object whether it owns a key costs a tenth of judging a price.
  return inherited['type'] === undefined || Object.hasOwn(value, 'type');
}

/** The refusal of a value that is not. */
export function untyped(value: unknown): Refusal {
  return bad(isJsonObject(value) ? expected('a string', 'type') : expected('an object'));
}

/** The result for a `type` that the contract does not have: not an error. */
export function unknown(message: Typed): Extract<DecodeResult<never>, { kind: 'unknown' }> {
  return { ok: true, kind: 'unknown', message };
}

/** The judges have established the shape that the message's type claims. */
export function known<Message>(message: Typed): Extract<DecodeResult<Message>, { kind: 'known' }> {
  return { ok: true, kind: 'known', message: message as unknown as Message };
}
