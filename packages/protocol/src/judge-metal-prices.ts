/** Judges `priceUpdate` and nothing else; a room of its own, so that who follows metals alone carries no other shapes. */
import type { MetalPricesMessage } from './channel-messages.js';
import { isTyped, unknown, untyped, type DecodeResult } from './codec-frame.js';
import { expected, isJsonObject, type Fault, type JsonObject } from './fault.js';
import { metalPricesFault, metalQuoteFault } from './generated/metal-checks.js';
import { Reports, resultOf } from './reports.js';

const metalsPerUpdate = 1_000;
const longestName = 64;

/** What is wrong with one entry of a map of metals, its name included. */
function entryFault(name: string, entry: unknown): Fault | undefined {
  if (name.length > longestName || name === '__proto__' || name === 'constructor' || name === 'prototype') {
    return expected('the name of a metal');
  }
  return metalQuoteFault(entry);
}

/**
 * The fault that costs a `priceUpdate`; entries that fail are reported, and the rest of the frame stays.
 *
 * @param prefix where the message stands in its frame: `messages.3.`
 */
export function metalsFault(message: JsonObject, prefix: string, reports: Reports): Fault | undefined {
  const fault = metalPricesFault(message);
  if (fault !== undefined) return fault;
  const { data } = message;
  const isList = Array.isArray(data);
  if (!isList && !isJsonObject(data)) return expected('a map of metals or an array of such maps', 'data');
  const maps: readonly unknown[] = isList ? data : [data];
  if (maps.length > metalsPerUpdate) return expected(`at most ${metalsPerUpdate} maps`, 'data');
  let count = 0;
  for (const [index, map] of maps.entries()) {
    const path = isList ? `data.${index}` : 'data';
    if (!isJsonObject(map)) return expected('a map of metals', path);
    for (const name in map) {
      count += 1;
      if (count > metalsPerUpdate) return expected(`at most ${metalsPerUpdate} metals`, path);
      const found = entryFault(name, map[name]);
      if (found === undefined) continue;
      reports.add(`${prefix}${path}.${name}`, found);
      if (reports.fault !== undefined) return reports.fault;
    }
  }
  return undefined;
}

/**
 * Judges a message that is already parsed as `judgeServerMessage` does, where nothing but metals is expected: every `type` but
 * `priceUpdate` is unknown to it. For bundles that are to carry no other shapes.
 *
 * @param message what `JSON.parse` gave
 */
export function judgeMetalPrices(message: unknown): DecodeResult<MetalPricesMessage> {
  if (!isTyped(message)) return untyped(message);
  if (message.type !== 'priceUpdate') return unknown(message);
  const reports = new Reports();
  return resultOf(message, metalsFault(message, '', reports), reports);
}
