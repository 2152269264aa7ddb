/**
 * Text to message and back. Decoding is total: whatever the bytes, it returns a result and never throws, and the message
 * it returns is the parsed object itself, untouched. No schema type stands in a signature here, so that the engine that
 * judges (`./faults.js`) can change without its users knowing.
 */
import type { ClientMessage, UnknownMessage } from './client-messages.js';
import { clientJudges, isJsonObject, metalFault, serverJudges, type Fault, type JsonObject } from './faults.js';
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
  maxLength?: number;
  /** Channels in one `subscribe` or `unsubscribe` of a client; at most 200. @default 200 */
  maxChannels?: number;
}

const serverFrameLength = 1_048_576;
const clientFrameLength = 16_384;
const metalsPerUpdate = 1_000;

type Refusal = Extract<DecodeResult<never>, { ok: false }>;
type Reports = ReportedItem[];

const bad = (path: string, reason: string): Refusal => ({ ok: false, code: 'BAD_MESSAGE', path, reason });

/** Parses and checks what every message has: an object with an own `type` that is a string. */
function parse(text: string, maxLength: number): Refusal | { ok: true; message: JsonObject & { type: string } } {
  if (typeof text !== 'string') return { ok: false, code: 'BAD_JSON', path: '', reason: 'expected text' };
  if (text.length > maxLength) return bad('', `expected at most ${maxLength} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, code: 'BAD_JSON', path: '', reason: 'expected JSON' };
  }
  if (!isJsonObject(value)) return bad('', 'expected an object');
  if (!isTyped(value)) return bad('type', 'expected a string');
  return { ok: true, message: value };
}

function isTyped(value: JsonObject): value is JsonObject & { type: string } {
  return Object.hasOwn(value, 'type') && typeof value['type'] === 'string';
}

/** Reports the entries of one map of metals that fail; the rest of the frame stays. */
function reportMetals(map: JsonObject, path: string, reports: Reports): Fault | undefined {
  const names = Object.keys(map);
  if (names.length > metalsPerUpdate) return { path, reason: `expected at most ${metalsPerUpdate} metals` };
  for (const name of names) {
    const fault = metalFault(name, map[name]);
    if (fault !== undefined) reports.push({ path: `${path}.${name}`, reason: fault.reason });
  }
  return undefined;
}

function metalsFault(data: unknown, path: string, reports: Reports): Fault | undefined {
  if (isJsonObject(data)) return reportMetals(data, path, reports);
  if (!Array.isArray(data)) return { path, reason: 'expected a map of metals or an array of such maps' };
  if (data.length > metalsPerUpdate) return { path, reason: `expected at most ${metalsPerUpdate} maps` };
  for (const [index, map] of data.entries()) {
    const fault = isJsonObject(map)
      ? reportMetals(map, `${path}.${index}`, reports)
      : { path: `${path}.${index}`, reason: 'expected a map of metals' };
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Types that may stand where a channel's messages stand: in a snapshot and in a history. */
const notOfAChannel: ReadonlySet<string> = new Set([
  'welcome',
  'subscribed',
  'unsubscribed',
  'authenticated',
  'error',
  'pong',
  'hello',
  'ack',
  'snapshot',
  'heartbeat',
  'gap',
  'batch',
  'going_away',
]);

/** Judges an item; one that fails is reported under `itemPath` and left out. */
function reportItem(item: unknown, path: string, itemPath: string, reports: Reports, ofAChannel: boolean): void {
  const found: Reports = [];
  const fault =
    isJsonObject(item) && isTyped(item)
      ? ofAChannel && notOfAChannel.has(item.type)
        ? { path, reason: 'expected a message of a channel' }
        : messageFault(item, `${path}.`, found)
      : { path, reason: 'expected a message' };
  if (fault === undefined) reports.push(...found);
  else reports.push({ path: itemPath, reason: fault.reason });
}

/** The fault that costs a known server message; parts that are merely left out go to `reports`. */
function messageFault(message: JsonObject & { type: string }, prefix: string, reports: Reports): Fault | undefined {
  const judge = serverJudges.get(message.type);
  if (judge === undefined) return undefined;
  const fault = judge(message);
  if (fault !== undefined) return { path: `${prefix}${fault.path}`, reason: fault.reason };
  switch (message.type) {
    case 'priceUpdate':
      return metalsFault(message['data'], `${prefix}data`, reports);
    case 'batch': {
      const items = message['messages'] as readonly unknown[];
      const nested = items.findIndex(
        (item) => isJsonObject(item) && Object.hasOwn(item, 'type') && item['type'] === 'batch',
      );
      if (nested >= 0) return { path: `${prefix}messages.${nested}`, reason: 'expected a message that is no batch' };
      for (const [index, item] of items.entries()) {
        const path = `${prefix}messages.${index}`;
        reportItem(item, path, path, reports, false);
      }
      return undefined;
    }
    case 'snapshot': {
      const { items } = message['data'] as { items: readonly { message: unknown }[] };
      for (const [index, item] of items.entries()) {
        const path = `${prefix}data.items.${index}`;
        reportItem(item.message, `${path}.message`, path, reports, true);
      }
      return undefined;
    }
    case 'ack': {
      if (message['op'] !== 'history') return undefined;
      const { messages } = message['data'] as { messages: readonly unknown[] };
      for (const [index, item] of messages.entries()) {
        const path = `${prefix}data.messages.${index}`;
        reportItem(item, path, path, reports, true);
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

/**
 * Decodes a frame that a server sent. Never throws.
 *
 * @param text the frame; anything but a string is `BAD_JSON`
 * @returns the parsed object itself as `message`; parts to be left out (a bad metal, a bad item) in `reported`
 */
export function decodeServerMessage(text: string, limits: DecodeLimits = {}): DecodeResult<ServerMessage> {
  const parsed = parse(text, limits.maxLength ?? serverFrameLength);
  if (!parsed.ok) return parsed;
  const { message } = parsed;
  if (!serverJudges.has(message.type)) return { ok: true, kind: 'unknown', message };
  const reported: Reports = [];
  const fault = messageFault(message, '', reported);
  if (fault !== undefined) return bad(fault.path, fault.reason);
  // The judges have established the shape that the type claims.
  const known = message as unknown as ServerMessage;
  return reported.length === 0
    ? { ok: true, kind: 'known', message: known }
    : { ok: true, kind: 'known', message: known, reported };
}

/**
 * Decodes a frame that a client sent. Never throws.
 *
 * @param text the frame; anything but a string is `BAD_JSON`
 */
export function decodeClientMessage(text: string, limits: DecodeLimits = {}): DecodeResult<ClientMessage> {
  const parsed = parse(text, limits.maxLength ?? clientFrameLength);
  if (!parsed.ok) return parsed;
  const { message } = parsed;
  const judge = clientJudges.get(message.type);
  if (judge === undefined) return { ok: true, kind: 'unknown', message };
  const tooMany = channelsFault(message, limits.maxChannels);
  const fault = tooMany ?? judge(message);
  if (fault !== undefined) return bad(fault.path, fault.reason);
  return { ok: true, kind: 'known', message: message as unknown as ClientMessage };
}

function channelsFault(message: JsonObject, maxChannels: number | undefined): Fault | undefined {
  if (maxChannels === undefined || !isJsonObject(message['data'])) return undefined;
  const { channels } = message['data'];
  if (!Array.isArray(channels) || channels.length <= maxChannels) return undefined;
  return { path: 'data.channels', reason: `expected at most ${maxChannels} channels` };
}

/** The text of a message: JSON, without validation. Throws what `JSON.stringify` throws (a circle, a bigint). */
export function encodeMessage(message: ServerMessage | ClientMessage | UnknownMessage): string {
  return JSON.stringify(message);
}
