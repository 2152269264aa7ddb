/** Server text to message; a room of its own, so that a client is not given what only a server decodes. */
import {
  bad,
  isTyped,
  known,
  parse,
  refusalOf,
  type DecodeLimits,
  type DecodeResult,
  type ReportedItem,
  type Typed,
} from './codec-frame.js';
import { isPrice } from './generated/price-checks.js';
import { metalFault, serverJudges, type Judge } from './server-judges.js';
import type { ServerMessage } from './server-messages.js';
import { isJsonObject, type Fault, type JsonObject } from './shape.js';

const serverFrameLength = 1_048_576;
const metalsPerUpdate = 1_000;
/** A frame with more parts to leave out than this is worth nothing, and its words would cost more than it. */
const mostReports = 1_000;

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
