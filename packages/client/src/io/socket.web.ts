/** Which WebSocket browsers, React Native and workers take: the platform's own, and nothing of Node. */
import type { UpgradeSink, WebSocketConstructor, WebSocketLike } from './web-socket-like.js';

/** Whether upgrade headers can be sent without `options.WebSocket`: no platform lets a page do that. */
export const takesHeaders: boolean = false;

/** The constructor to connect with, looked up at each attempt; `undefined` where there is none. */
export function resolveWebSocket(_needsHeaders: boolean): WebSocketConstructor | undefined {
  const platform: unknown = Reflect.get(globalThis, 'WebSocket');
  return typeof platform === 'function' ? (platform as WebSocketConstructor) : undefined;
}

/** Pages are not told how a server refused the upgrade. */
export function followUpgrade(_socket: WebSocketLike, _sink: UpgradeSink): void {}
