/** Which WebSocket Node takes: the one given, the platform's, else the `ws` package. The web build swaps this room. */
import * as isomorphicWs from 'isomorphic-ws';
import type { WebSocketConstructor } from './web-socket-like.js';

/** Whether upgrade headers can be sent without `options.WebSocket`. */
export const takesHeaders: boolean = true;

/** The package is a function in one module system, a namespace with defaults within defaults in the other. */
function unwrapped(): WebSocketConstructor | undefined {
  let value: unknown = isomorphicWs;
  while (typeof value === 'object' && value !== null && 'default' in value) value = value.default;
  return typeof value === 'function' ? (value as WebSocketConstructor) : undefined;
}

/** The constructor to connect with, looked up at each attempt; `undefined` where there is none. */
export function resolveWebSocket(needsHeaders: boolean): WebSocketConstructor | undefined {
  const platform: unknown = Reflect.get(globalThis, 'WebSocket');
  // The platform's WebSocket cannot send headers; the package can.
  return typeof platform === 'function' && !needsHeaders ? (platform as WebSocketConstructor) : unwrapped();
}
