/**
 * What comes out of Redis, read without trust: another program may have written there. Pure; what is not ours is `undefined`, and
 * whoever asked counts it.
 */
import type { Position, PublishedMessage } from './engine.js';

/** A message with the id that its publisher gave it: the same number may be used twice by a Redis that lost its last writes. */
export interface IdentifiedMessage extends PublishedMessage {
  readonly id: string;
}

/** Where a channel's counter stands, and the id of the message there; empty before the first. */
export interface IdentifiedPosition extends Position {
  readonly id: string;
}

/** A part of a log as it was read at one moment. */
export interface LogView extends IdentifiedPosition {
  /** The first seq of this epoch. */
  readonly first: number;
  /** In order, without what is not ours. */
  readonly messages: readonly IdentifiedMessage[];
  /** Entries that are not ours. */
  readonly foreign: number;
}

const payloadHead = /^1 ([\w-]{1,64}) (\d{1,16}) (\d{1,16}) ([\w-]{1,32})$/;
/** Longer than any head of a payload. */
const longestHead = 140;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function wholeNumber(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A message as it was published: `1 <epoch> <seq> <ms> <id>`, a line break, and the body. */
export function parsePayload(channel: string, payload: unknown, maxBytes: number): IdentifiedMessage | undefined {
  if (typeof payload !== 'string' || payload.length > maxBytes + longestHead) return undefined;
  const end = payload.indexOf('\n');
  if (end < 0 || end > longestHead) return undefined;
  const [, epoch, seqText, time, id] = payloadHead.exec(payload.slice(0, end)) ?? [];
  const seq = wholeNumber(seqText);
  const publishedAt = wholeNumber(time);
  const body = payload.slice(end + 1);
  if (epoch === undefined || id === undefined || seq === undefined || seq < 1 || publishedAt === undefined)
    return undefined;
  return isJson(body) ? { channel, epoch, seq, body, publishedAt, id } : undefined;
}

function parseEntry(channel: string, epoch: string, entry: unknown): IdentifiedMessage | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [name, list] = entry as readonly unknown[];
  const seq = typeof name === 'string' && name.endsWith('-0') ? wholeNumber(name.slice(0, -2)) : undefined;
  if (seq === undefined || !Array.isArray(list)) return undefined;
  const fields = new Map<unknown, unknown>();
  for (let index = 0; index + 1 < list.length; index += 2) fields.set(list[index], list[index + 1]);
  const body = fields.get('b');
  const id = fields.get('i');
  const publishedAt = wholeNumber(fields.get('t'));
  if (typeof body !== 'string' || typeof id !== 'string' || publishedAt === undefined || !isJson(body))
    return undefined;
  return { channel, epoch, seq, body, publishedAt, id };
}

/** The answer of the script that reads a log. Throws when it is none: then the script is not ours. */
export function parseLog(channel: string, answer: unknown): LogView {
  const [epoch, seqText, id, firstText, entries] = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
  const seq = wholeNumber(seqText);
  const first = wholeNumber(firstText) ?? 1;
  if (typeof epoch !== 'string' || seq === undefined || typeof id !== 'string' || !Array.isArray(entries)) {
    throw new TypeError('Redis answered a script in a shape that it does not have');
  }
  const messages = entries.flatMap((entry) => parseEntry(channel, epoch, entry) ?? []);
  messages.sort((a, b) => a.seq - b.seq);
  return { epoch, seq, id, first, messages, foreign: entries.length - messages.length };
}

/** The answer of the script that reads heads, in the order of the channels. */
export function parseHeads(
  channels: readonly string[],
  answer: unknown,
): [channel: string, head: IdentifiedPosition][] {
  const texts = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
  return channels.map((channel, index) => {
    const [epoch, seqText, id] = texts.slice(index * 3);
    const seq = wholeNumber(seqText);
    if (typeof epoch !== 'string' || seq === undefined || typeof id !== 'string') {
      throw new TypeError('Redis answered a script in a shape that it does not have');
    }
    return [channel, { epoch, seq, id }];
  });
}
