/**
 * Text to message and back. Decoding is total: whatever the bytes, it returns a result and never throws, and the message
 * it returns is the parsed object itself, untouched. No schema type stands in a signature here, so that the engine that
 * judges (`./faults.js`) can change without its users knowing.
 */
import type { ClientMessage, UnknownMessage } from './client-messages.js';
import type { ServerMessage } from './server-messages.js';

/** A part of a valid frame that is left out: where it stands and what is wrong with it. */
export interface ReportedItem {
  /** Keys and indexes joined by dots: `data.gold`, `messages.3`. */
  path: string;
  reason: string;
}

/** What decoding gives. `reported` is there when items of a valid frame have to be left out by whoever reads it. */
export type DecodeResult<Message> =
  | { ok: true; kind: 'known'; message: Message; reported?: ReportedItem[] }
  | { ok: true; kind: 'unknown'; message: UnknownMessage; reported?: ReportedItem[] }
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
  maxLength?: number;
  /** Channels in one `subscribe` or `unsubscribe`. @default 200 */
  maxChannels?: number;
}

export declare function decodeServerMessage(text: string, limits?: DecodeLimits): DecodeResult<ServerMessage>;
export declare function decodeClientMessage(text: string, limits?: DecodeLimits): DecodeResult<ClientMessage>;
