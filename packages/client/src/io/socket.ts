/** Which WebSocket Node takes: the one given, the platform's, else the `ws` package. The web build swaps this room. */
import { retryAfterMs } from './http.js';
import { upgradeVerdict } from './upgrade-verdict.js';
import type { UpgradeSink, WebSocketConstructor, WebSocketLike } from './web-socket-like.js';

/** Whether upgrade headers can be sent without `options.WebSocket`. */
export const takesHeaders: boolean = true;

/** What the package gathers of one message, unpacked; the client itself refuses texts above 1 MiB, and says so. */
const mostBytes = 16 * 1_048_576;

/** The package with a bound: by itself it gathers 100 MiB. */
function bounded(Package: WebSocketConstructor): WebSocketConstructor {
  return class extends Package {
    constructor(url: string, protocols?: string | string[], options: { headers?: Record<string, string> } = {}) {
      super(url, protocols ?? [], { ...options, maxPayload: mostBytes });
    }
  };
}

/** What Node has since 20.16. Nothing of Node is imported: a bundler may take this room for a page. */
interface NodeProcess {
  readonly argv: readonly string[];
  getBuiltinModule?(name: 'node:module'): { createRequire(from: string): (name: string) => unknown } | undefined;
}

let taken: WebSocketConstructor | undefined;

/**
 * The package, loaded when it is needed first. Bundlers do not see it: most of what they make runs where a WebSocket
 * is. It lies beside this room, or, where a bundler has moved that, beside the programme.
 */
function packaged(): WebSocketConstructor | undefined {
  const node = Reflect.get(globalThis, 'process') as NodeProcess | undefined;
  for (const from of taken === undefined ? [import.meta.url, node?.argv[1]] : []) {
    try {
      const found = node?.getBuiltinModule?.('node:module')?.createRequire(from ?? '')('ws');
      if (typeof found === 'function') taken ??= bounded(found as WebSocketConstructor);
    } catch {
      // Not there; the client says that there is no WebSocket.
    }
  }
  return taken;
}

/** The constructor to connect with, looked up at each attempt; `undefined` where there is none. */
export function resolveWebSocket(needsHeaders: boolean): WebSocketConstructor | undefined {
  const platform: unknown = Reflect.get(globalThis, 'WebSocket');
  // The platform's WebSocket cannot send headers; the package can.
  return typeof platform === 'function' && !needsHeaders ? (platform as WebSocketConstructor) : packaged();
}

/** What the package has beside the standard's shape. */
interface PackageSocket {
  on?: (
    event: 'unexpected-response',
    listener: (request: unknown, response: { statusCode: number; headers: Readonly<Record<string, unknown>> }) => void,
  ) => void;
  terminate?: () => void;
}

/** Tells how a server refused the upgrade, where the package connects. Its body is not read, a redirect is not followed. */
export function followUpgrade(socket: WebSocketLike, sink: UpgradeSink): void {
  const packaged = socket as PackageSocket;
  if (typeof packaged.on !== 'function' || typeof packaged.terminate !== 'function') return;
  packaged.on('unexpected-response', (_request, { statusCode, headers }) => {
    sink.refused(upgradeVerdict(statusCode, retryAfterMs(headers['retry-after'], sink.wallNow())));
    // Whoever listens to this has to end the attempt.
    packaged.terminate?.();
  });
}
