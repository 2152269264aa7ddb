/** Text to routed message: decodes each frame, drops what does not decode and says so. Nothing inbound throws out of here. */
import { decodeServerMessage } from '@tickwire/protocol/codec';
import type { InvalidEvent } from './events.js';
import { bytesOf, hexOf, utf8Of } from './io/frame-data.js';
import { isListed } from './message-kinds.js';
import type { MessageRouter } from './message-router.js';
import type { Counters } from './statistics.js';

const longestSample = 200;
const byteOrderMark = 0xfeff;
/** What speaks of credentials is not shown, not even in part. */
const secretive = /authenticat|token|api_?key|secret|password/i;

interface FramesHost {
  readonly router: MessageRouter;
  readonly counters: Counters;
  /** Frames that decoded. */
  good: number;
  emit(event: 'invalid', payload: InvalidEvent): void;
  /** A part of a frame is left out, and the rest used. */
  partLeftOut(event: InvalidEvent): void;
  /** A frame did not decode; what a new connection may cure ends this one. */
  refused(socketId: number, event: InvalidEvent, good: number): void;
  /** Before routing: the session looks at what may tell the dialect. */
  looked(type: string, known: boolean, socketId: number): void;
}

/** Takes one frame as the socket delivered it. */
export function takeFrame(host: FramesHost, data: unknown, socketId: number): void {
  const { counters } = host;
  counters.messages += 1;
  const bytes = typeof data === 'string' ? undefined : bytesOf(data);
  const text = bytes === undefined ? data : utf8Of(bytes);
  if (typeof text !== 'string') {
    refuse(host, socketId, binaryFault(bytes));
    return;
  }
  counters.bytes += text.length;
  // The contract has no mark in front; relays put one there all the same.
  const result = decodeServerMessage(text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text);
  const sample = (): string => (secretive.test(text) ? '' : text.slice(0, longestSample));
  if (!result.ok) {
    const { code, path, reason } = result;
    // Bytes may read as text by chance.
    refuse(
      host,
      socketId,
      bytes !== undefined && code === 'BAD_JSON' ? binaryFault(bytes) : { code, path, reason, sample: sample() },
    );
    return;
  }
  host.good += 1;
  const { message, reported } = result;
  host.looked(message.type, isListed(message), socketId);
  const [first, ...others] = reported ?? [];
  if (first !== undefined) {
    const more = others.length === 0 ? '' : ` (and ${others.length} more parts)`;
    host.partLeftOut({ code: 'BAD_MESSAGE', path: first.path, reason: first.reason + more, sample: sample() });
  }
  host.router.route(message, reported, socketId);
}

/** A frame that is no text; its first bytes say what it is to people who know such things, and the reason what to do. */
function binaryFault(bytes: Uint8Array | undefined): InvalidEvent {
  const sample = bytes === undefined ? '' : hexOf(bytes);
  const isPacked = /^(1f 8b|78 (01|5e|9c|da)|28 b5 2f fd)/.test(sample);
  const reason = `expected a text frame, got ${isPacked ? 'what looks compressed' : 'bytes'}; the server has to send JSON as text`;
  return { code: 'BAD_MESSAGE', path: '', reason, sample };
}

function refuse(host: FramesHost, socketId: number, event: InvalidEvent): void {
  host.emit('invalid', event);
  host.refused(socketId, event, host.good);
}
