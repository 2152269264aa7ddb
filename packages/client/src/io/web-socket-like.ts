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

/** What follows when a server answers the upgrade in HTTP instead of taking it. */
export interface UpgradeVerdict {
  readonly action: 'retry';
  readonly meaning: string;
  /** The next attempt starts no sooner. */
  readonly minDelayMs: number;
  /** After so many in a row the connection has failed. */
  readonly maxInARow: number;
  /** What the error is called. */
  readonly code: string;
  readonly httpStatus: number;
}

/** How to tell of such an answer. */
export interface UpgradeSink {
  wallNow(): number;
  refused(verdict: UpgradeVerdict): void;
}

/** A WebSocket's constructor. Only the `ws` package takes `headers` and `maxPayload`, in bytes. */
export type WebSocketConstructor = new (
  url: string,
  protocols?: string | string[],
  options?: { headers?: Record<string, string>; maxPayload?: number },
) => WebSocketLike;
