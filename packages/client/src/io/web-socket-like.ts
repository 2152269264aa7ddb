/** WebSockets by shape: nobody's types stand in ours. */

/** What the client needs of a WebSocket: browsers, Node, `ws`, React Native and fakes have it by shape. */
export interface WebSocketLike {
  readonly readyState: number;
  onopen: unknown;
  onmessage: unknown;
  onerror: unknown;
  onclose: unknown;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

/** How a server answered that does not take the upgrade: its status, and its `Retry-After` in ms, `NaN` without one. */
export interface UpgradeAnswer {
  readonly status: number;
  readonly retryAfterMs: number;
}

/** How to tell of such an answer. */
export interface UpgradeSink {
  wallNow(): number;
  refused(answer: UpgradeAnswer): void;
}

/** A WebSocket's constructor. Only the `ws` package takes `headers` and `maxPayload`, in bytes. */
export type WebSocketConstructor = new (
  url: string,
  protocols?: string | string[],
  options?: { headers?: Record<string, string>; maxPayload?: number },
) => WebSocketLike;
