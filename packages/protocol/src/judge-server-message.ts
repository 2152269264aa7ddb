/** Judges a parsed message of a server: whole, with what the containers carry. */
import { bad, isTyped, known, unknown, untyped, type DecodeResult, type Typed } from './codec-frame.js';
import { expected, type Fault } from './fault.js';
import { serverShapes } from './generated/server-shapes.js';
import { coinFault } from './judge-coin-message.js';
import { metalsFault } from './judge-metal-prices.js';
import { Reports, resultOf } from './reports.js';
import type { ServerMessage } from './server-messages.js';
import { shapesOf, type Shape } from './shape.js';

const shapeOf = /* @__PURE__ */ shapesOf(serverShapes);

/** The shape of a message of the connection itself: no channel carries it. */
const controlShapeOf = (type: string): Shape | undefined => shapeOf(`-${type}`);

/** The fault that costs a message, with its path in it; `null` where its `type` is unknown. Parts that fail are reported. */
function faultOf(message: Typed, prefix: string, reports: Reports): Fault | undefined | null {
  const { type, op } = message;
  if (type === 'price_update') return coinFault(message);
  if (type === 'priceUpdate') return metalsFault(message, prefix, reports);
  const shape =
    (type === 'ack' && typeof op === 'string' ? shapeOf(`ack.${op}`) : undefined) ??
    shapeOf(`.${type}`) ??
    controlShapeOf(type);
  if (shape === undefined) return null;
  const fault = shape.faultOf(message);
  if (fault !== undefined) return fault;
  if (type === 'batch') return batchFault(message['messages'] as readonly unknown[], prefix, reports);
  if (type === 'snapshot') {
    const { items } = message['data'] as { items: readonly { message: unknown }[] };
    for (const [index, item] of items.entries()) {
      judgeItem(item.message, `${prefix}data.items.${index}`, '.message', true, reports);
    }
  } else if (type === 'ack' && op === 'history') {
    const { messages } = message['data'] as { messages: readonly unknown[] };
    for (const [index, item] of messages.entries()) {
      judgeItem(item, `${prefix}data.messages.${index}`, '', true, reports);
    }
  }
  return undefined;
}

function batchFault(items: readonly unknown[], prefix: string, reports: Reports): Fault | undefined {
  const nested = items.findIndex((item) => isTyped(item) && item.type === 'batch');
  if (nested >= 0) return expected('a message that is no batch', `messages.${nested}`);
  for (const [index, item] of items.entries()) judgeItem(item, `${prefix}messages.${index}`, '', false, reports);
  return undefined;
}

/** An item that fails is reported under its path and left out, with all that was reported within it. */
function judgeItem(item: unknown, path: string, within: string, isOfAChannel: boolean, reports: Reports): void {
  const before = reports.items?.length ?? 0;
  let fault: Fault | undefined | null;
  if (!isTyped(item)) fault = expected('a message');
  else if (isOfAChannel && controlShapeOf(item.type) !== undefined) fault = expected('a message of a channel');
  else fault = faultOf(item, `${path}${within}.`, reports);
  if (fault === undefined || fault === null) return;
  if (reports.items !== undefined) reports.items.length = before;
  reports.add(path, fault);
}

/**
 * Judges a message that is already parsed: what `decodeServerMessage` says of its text, but for what it says of texts. For those who
 * have called `JSON.parse` themselves. Never throws for what `JSON.parse` gives.
 *
 * @param message what `JSON.parse` gave; anything but an object with a `type` is `BAD_MESSAGE`
 * @returns the object itself as `message`; parts to be left out (a bad metal, a bad item) in `reported`
 */
export function judgeServerMessage(message: unknown): DecodeResult<ServerMessage> {
  if (!isTyped(message)) return untyped(message);
  // Nearly every frame is one of these; nothing has to be walked for it.
  if (message.type === 'price_update') {
    const fault = coinFault(message);
    return fault === undefined ? known<ServerMessage>(message) : bad(fault);
  }
  const reports = new Reports();
  const fault = faultOf(message, '', reports);
  return fault === null ? unknown(message) : resultOf(message, fault, reports);
}
