/** Text to routed message: decodes each frame, drops what does not decode and says so. Nothing inbound throws out of here. */
import { decodeServerMessage } from '@tickwire/protocol/codec';
import type { InvalidEvent } from './events.js';
import type { MessageRouter } from './message-router.js';
import type { Counters } from './statistics.js';

const longestSample = 200;
/** What speaks of credentials is not shown, not even in part. */
const secretive = /authenticat|token|api_?key|secret|password/i;

interface FramesHost {
  readonly router: MessageRouter;
  readonly counters: Counters;
  emit(event: 'invalid', payload: InvalidEvent): void;
  /** A frame did not decode; too many of them end the connection. */
  refused(socketId: number): void;
  /** Before routing: the session looks at what may tell the dialect. */
  looked(type: string, socketId: number): void;
}

/** Takes one frame as the socket delivered it. */
export function takeFrame(host: FramesHost, data: unknown, socketId: number): void {
  const { counters } = host;
  counters.messages += 1;
  if (typeof data !== 'string') {
    refuse(host, socketId, { code: 'BAD_MESSAGE', path: '', reason: 'expected a text frame', sample: '' });
    return;
  }
  counters.bytes += data.length;
  const result = decodeServerMessage(data);
  if (!result.ok) {
    const sample = secretive.test(data) ? '' : data.slice(0, longestSample);
    refuse(host, socketId, { code: result.code, path: result.path, reason: result.reason, sample });
    return;
  }
  host.looked(result.message.type, socketId);
  host.router.route(result.message, result.reported, socketId);
}

function refuse(host: FramesHost, socketId: number, event: InvalidEvent): void {
  host.emit('invalid', event);
  host.refused(socketId);
}
