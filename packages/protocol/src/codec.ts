/**
 * Text to message and back. Decoding is total: whatever the bytes, it returns a result and never throws, and the message
 * it returns is the parsed object itself, untouched. No schema type stands in a signature here, so that the engine that
 * judges (`./shape.js` and what is generated for it) can change without its users knowing.
 */
import type { ClientMessage, UnknownMessage } from './client-messages.js';
import { clientJudges } from './client-judges.js';
import { isPrice } from './generated/price-checks.js';
import { metalFault, serverJudges, type Judge } from './server-judges.js';
import type { ServerMessage } from './server-messages.js';
import { isJsonObject, type Fault, type JsonObject } from './shape.js';

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
/** A frame with more parts to leave out than this is worth nothing, and its words would cost more than it. */
const mostReports = 1_000;

type Refusal = Extract<DecodeResult<never>, { ok: false }>;
type Typed = JsonObject & { type: string };

const bad = (path: string, reason: string): Refusal => ({ ok: false, code: 'BAD_MESSAGE', path, reason });

/** The parsed frame when it is what every message is: an object with an own `type` that is a string. */
function parse(text: string, maxLength: number): Typed | undefined {
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
function refusalOf(text: string, maxLength: number): Refusal {
  if (typeof text !== 'string') return { ok: false, code: 'BAD_JSON', path: '', reason: 'expected text' };
  if (text.length > maxLength) return bad('', `expected at most ${maxLength} characters`);
  try {
    return isJsonObject(JSON.parse(text)) ? bad('type', 'expected a string') : bad('', 'expected an object');
  } catch {
    return { ok: false, code: 'BAD_JSON', path: '', reason: 'expected JSON' };
  }
}

function isTyped(value: JsonObject): value is Typed {
  return typeof value['type'] === 'string' && Object.hasOwn(value, 'type');
}

const tooManyFaults: Fault = { path: '', reason: `expected at most ${mostReports} parts to leave out` };

/**
 * Walks one server message: the fault that costs it is returned, the parts that are merely left out are collected. One walk a
 * frame; `reports` stays undefined for the frames that have none.
 */
class Walk {
  reports: ReportedItem[] | undefined;
  hasTooMany = false;

  #report(path: string, reason: string): void {
    this.reports ??= [];
    if (this.reports.length < mostReports) this.reports.push({ path, reason });
    else this.hasTooMany = true;
  }

  /** Metals of the message at hand so far, over all its maps. */
  #metalCount = 0;

  /** Reports the entries of one map of metals that fail; the rest of the frame stays. */
  #map(map: JsonObject, path: string): Fault | undefined {
    for (const name in map) {
      this.#metalCount += 1;
      if (this.#metalCount > metalsPerUpdate) return { path, reason: `expected at most ${metalsPerUpdate} metals` };
      const fault = metalFault(name, map[name]);
      if (fault !== undefined) this.#report(`${path}.${name}`, fault.reason);
      if (this.hasTooMany) return tooManyFaults;
    }
    return undefined;
  }

  #metals(data: unknown, path: string): Fault | undefined {
    this.#metalCount = 0;
    if (isJsonObject(data)) return this.#map(data, path);
    if (!Array.isArray(data)) return { path, reason: 'expected a map of metals or an array of such maps' };
    if (data.length > metalsPerUpdate) return { path, reason: `expected at most ${metalsPerUpdate} maps` };
    for (const [index, map] of data.entries()) {
      const fault = isJsonObject(map)
        ? this.#map(map, `${path}.${index}`)
        : { path: `${path}.${index}`, reason: 'expected a map of metals' };
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** An item that fails is reported under `itemPath` and left out, with all that was reported within it. */
  #item(item: unknown, path: string, itemPath: string, ofAChannel: boolean): void {
    const before = this.reports?.length ?? 0;
    let fault: Fault | undefined;
    if (!isJsonObject(item) || !isTyped(item)) fault = { path, reason: 'expected a message' };
    else if (ofAChannel && notOfAChannel.has(item.type)) fault = { path, reason: 'expected a message of a channel' };
    else fault = this.fault(item, serverJudges.get(item.type), `${path}.`);
    if (fault === undefined) return;
    if (this.reports !== undefined) this.reports.length = before;
    this.#report(itemPath, fault.reason);
  }

  /** The fault that costs a message; one without a judge is of an unknown type and has none. */
  fault(message: Typed, judge: Judge | undefined, prefix: string): Fault | undefined {
    const fault = judge?.(message);
    if (fault !== undefined) return { path: `${prefix}${fault.path}`, reason: fault.reason };
    switch (message.type) {
      case 'priceUpdate':
        return this.#metals(message['data'], `${prefix}data`);
      case 'batch':
        return this.#batch(message['messages'] as readonly unknown[], `${prefix}messages`);
      case 'snapshot': {
        const { items } = message['data'] as { items: readonly { message: unknown }[] };
        for (const [index, item] of items.entries()) {
          const path = `${prefix}data.items.${index}`;
          this.#item(item.message, `${path}.message`, path, true);
        }
        return undefined;
      }
      case 'ack': {
        if (message['op'] !== 'history') return undefined;
        const { messages } = message['data'] as { messages: readonly unknown[] };
        for (const [index, item] of messages.entries()) {
          const path = `${prefix}data.messages.${index}`;
          this.#item(item, path, path, true);
        }
        return undefined;
      }
      default:
        return undefined;
    }
  }

  #batch(items: readonly unknown[], path: string): Fault | undefined {
    const nested = items.findIndex((item) => isJsonObject(item) && isTyped(item) && item.type === 'batch');
    if (nested >= 0) return { path: `${path}.${nested}`, reason: 'expected a message that is no batch' };
    for (const [index, item] of items.entries()) this.#item(item, `${path}.${index}`, `${path}.${index}`, false);
    return undefined;
  }
}

/** Types that do not stand where a channel's messages stand: in a snapshot and in a history. */
const notOfAChannel: ReadonlySet<string> = /* @__PURE__ */ new Set([
  ...['welcome', 'subscribed', 'unsubscribed', 'authenticated', 'error', 'pong', 'hello'],
  ...['ack', 'snapshot', 'heartbeat', 'gap', 'batch', 'going_away'],
]);

/**
 * Decodes a frame that a server sent. Never throws.
 *
 * @param text the frame; anything but a string is `BAD_JSON`
 * @returns the parsed object itself as `message`; parts to be left out (a bad metal, a bad item) in `reported`
 */
export function decodeServerMessage(text: string, limits?: DecodeLimits): DecodeResult<ServerMessage> {
  const maxLength = limits?.maxLength ?? serverFrameLength;
  const message = parse(text, maxLength);
  if (message === undefined) return refusalOf(text, maxLength);
  // Nearly every frame is one of these; nothing else has to be looked up for it.
  if (message.type === 'price_update' && isPrice(message)) return known<ServerMessage>(message);
  const judge = serverJudges.get(message.type);
  if (judge === undefined) return { ok: true, kind: 'unknown', message };
  const walk = new Walk();
  const fault = walk.fault(message, judge, '') ?? (walk.hasTooMany ? tooManyFaults : undefined);
  if (fault !== undefined) return bad(fault.path, fault.reason);
  const result = known<ServerMessage>(message);
  if (walk.reports !== undefined) result.reported = walk.reports;
  return result;
}

/** The judges have established the shape that the message's type claims. */
function known<Message>(message: Typed): Extract<DecodeResult<Message>, { kind: 'known' }> {
  return { ok: true, kind: 'known', message: message as unknown as Message };
}

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

/** The text of a message: JSON, without validation. Throws what `JSON.stringify` throws (a circle, a bigint). */
export function encodeMessage(message: ServerMessage | ClientMessage | UnknownMessage): string {
  return JSON.stringify(message);
}
