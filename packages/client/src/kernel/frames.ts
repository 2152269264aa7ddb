/** From what a socket brings to a message, or to what is said of a frame that is none. */
import type { Fault } from './dialect.js';

/** A frame that did not decode and was dropped. */
export interface InvalidEvent extends Fault {
  readonly code: 'BAD_JSON' | 'BAD_MESSAGE';
  /** At most 200 characters of the frame; empty for a frame that speaks of authentication. */
  readonly sample: string;
}

const longestSample = 200;
const longestFrame = 1_048_576;
const byteOrderMark = 0xfeff;
/** What speaks of credentials is not shown, not even in part. */
const secretive = /authenticat|token|api_?key|secret|password/i;

/** The bytes of a frame, whatever holds them; `undefined` for what holds none. */
function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // A buffer of another realm, as test environments have it.
  return Object.prototype.toString.call(data) === '[object ArrayBuffer]'
    ? new Uint8Array(data as ArrayBuffer)
    : undefined;
}

/** The text that bytes are in UTF-8; `undefined` where they are none, or nobody here can tell. */
function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The first bytes, for people: `1f 8b 08 00`. */
function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** The text of a frame; `undefined` for one that is none. */
export function textOf(data: unknown): string | undefined {
  const bytes = typeof data === 'string' ? undefined : bytesOf(data);
  const text = bytes === undefined ? data : utf8Of(bytes);
  if (typeof text !== 'string') return undefined;
  // JSON has no mark in front; relays put one there all the same.
  return text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text;
}

/** A message out of a text of at most 1 MiB; `undefined` for what is no JSON. */
export function parsed(text: string): unknown {
  if (text.length > longestFrame) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A few characters of a frame, for people. */
export function sampleOf(text: string): string {
  return secretive.test(text) ? '' : text.slice(0, longestSample);
}

/** Why a frame was no message. */
export function invalidFrame(data: unknown, text: string | undefined): InvalidEvent {
  const bytes = typeof data === 'string' ? undefined : bytesOf(data);
  // Bytes may read as text by chance.
  if (text === undefined || bytes !== undefined) {
    const sample = bytes === undefined ? '' : hexOf(bytes);
    const isPacked = /^(1f 8b|78 (01|5e|9c|da)|28 b5 2f fd)/.test(sample);
    const reason = `expected a text frame, got ${isPacked ? 'what looks compressed' : 'bytes'}; the server has to send JSON as text`;
    return { code: 'BAD_MESSAGE', path: '', reason, sample };
  }
  const sample = sampleOf(text);
  return text.length > longestFrame
    ? { code: 'BAD_MESSAGE', path: '', reason: `expected at most ${longestFrame} characters`, sample }
    : { code: 'BAD_JSON', path: '', reason: 'expected JSON', sample };
}

/** What kind of message it is, in a word, for people. */
export function kindOf(message: unknown): string {
  const type = typeof message === 'object' && message !== null ? (message as { type?: unknown }).type : undefined;
  return typeof type === 'string' ? type.slice(0, 40) : 'a message without a type';
}
