/** F31: what reads a frame of either side takes a time that grows with its length, whatever stands in it. */
import { readFileSync } from 'node:fs';
import { classifyPriceUpdate, closeAction, coinQuote, decimalToNumber, metalQuotes } from '@tickwire/protocol';
import { decodeClientMessage, decodeServerMessage } from '@tickwire/protocol/codec';
import { describe, expect, it, vi } from 'vitest';
import { defaultLimits } from '../src/limits.js';
import { refusalOf } from '../src/routes/refusals.js';
import { superLinear } from './growth.js';

// Many texts, each more than once.
vi.setConfig({ testTimeout: 60_000 });

const length = 65_536;
const maxLength = 1_048_576;

/** One frame of each type that a side may send. */
function framesOf(side: 'client' | 'server'): [type: string, frame: unknown][] {
  const file = new URL(`../../../packages/protocol/vectors/valid-${side}.json`, import.meta.url);
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as { frame: string; kind: string }[];
  const byType = new Map<string, unknown>();
  // The longest of each type says the most; those beyond show their length alone.
  const telling = vectors.filter(({ frame }) => frame.length <= 1_000);
  for (const { frame, kind } of telling.toSorted((a, b) => a.frame.length - b.frame.length)) {
    const parsed = JSON.parse(frame) as { type: string };
    if (kind === 'known') byType.set(parsed.type, parsed);
  }
  return [...byType];
}

/** The frame with the text at the place of each string and each key, one after the other; lists are given it as well. */
function* poisoned(value: unknown, text: string): Generator {
  if (typeof value === 'string') yield text;
  if (typeof value !== 'object' || value === null) return;
  const isList = Array.isArray(value);
  yield isList ? [...(value as unknown[]), text] : { ...value, [text]: text };
  for (const [key, part] of Object.entries(value)) {
    for (const bad of poisoned(part, text)) {
      yield isList ? (value as unknown[]).with(Number(key), bad) : { ...value, [key]: bad };
    }
  }
}

function decodeByClient(text: string): void {
  const decoded = decodeServerMessage(text);
  if (!decoded.ok || decoded.kind === 'unknown') return;
  const { message, reported = [] } = decoded;
  if (message.type === 'price_update') {
    classifyPriceUpdate(message);
    coinQuote(message, ['bitcoin']);
  }
  if (message.type === 'priceUpdate') metalQuotes(message, reported);
}

function decodeByServer(text: string): void {
  const decoded = decodeClientMessage(text, { maxLength });
  if (!decoded.ok) refusalOf(text, decoded, { ...defaultLimits, maxFrameBytes: maxLength });
}

describe('F31: reading takes linear time', () => {
  it.each(framesOf('server'))('a client reads %s', async (_type, frame) => {
    const work = (text: string) => {
      for (const bad of poisoned(frame, text)) decodeByClient(JSON.stringify(bad));
    };
    // There are many places in a frame, and each has the text.
    expect(await superLinear(work, length / 4)).toEqual([]);
  });

  it.each(framesOf('client'))('the server reads %s', async (_type, frame) => {
    const work = (text: string) => {
      for (const bad of poisoned(frame, text)) decodeByServer(JSON.stringify(bad));
    };
    expect(await superLinear(work, length / 4)).toEqual([]);
  });

  it.each([
    ['a frame of a server that is no JSON', decodeByClient],
    ['a frame of a client that is no JSON', decodeByServer],
    ['a decimal', (text: string) => decimalToNumber(text)],
    ['a time', (text: string) => decodeByClient(JSON.stringify({ type: 'pong', timestamp: `2026-${text}` }))],
    ['a reason of a close', (text: string) => closeAction(1013, text)],
    ['a decimal in the reason of a close', (text: string) => closeAction(1013, `ra=1.${text}`)],
  ])('%s is read', async (_what, work) => {
    expect(await superLinear(work, length)).toEqual([]);
  });
});
