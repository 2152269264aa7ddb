/** One WebSocket at a time, of whatever make, behind three callbacks. It knows nothing of what it carries. */
import { property } from './property.js';
import { followUpgrade, resolveWebSocket } from './socket.js';
import type { UpgradeVerdict, WebSocketConstructor, WebSocketLike } from './web-socket-like.js';

/** What a socket reports. After `drop` it reports nothing more. */
export interface SocketSink {
  opened(): void;
  received(data: unknown): void;
  /** `upgrade`: what follows from the server's answer instead of taking the upgrade, where that can be seen. */
  closed(code: number, reason: string, cause: unknown, upgrade?: UpgradeVerdict): void;
}

/** An open or opening socket. */
export interface Socket {
  /** `false` when the socket is no longer open; the text is lost, and `closed` follows or has been. */
  send(text: string): boolean;
  /**
   * Lets go: no callback comes after this returns. Closes the socket in whatever state it is.
   *
   * @param gone called once when the other side has closed as well
   */
  drop(code: number, reason: string, gone: () => void): void;
  /** Ends what did not close in time. */
  destroy(): void;
}

const openState = 1;
const abnormal = 1006;

const firstOf = (error: unknown): unknown => property(property(error, 'errors'), '0');

/** What a platform says of a failure, without the address: it may carry a query that is nobody's business. */
function causeOf(event: unknown): unknown {
  const error = property(event, 'error');
  const beneath = property(error, 'cause');
  // A name with several addresses fails with an error for each, under one that has no words.
  const texts = [firstOf(beneath), beneath, firstOf(error), error, event].flatMap((each) => [
    property(each, 'message'),
    property(each, 'code'),
  ]);
  const text = texts.find((each) => typeof each === 'string' && each !== '') as string | undefined;
  return text?.replace(/\b(?:wss?|https?):\/\/\S+/gi, 'the server');
}

/** What has to be waited for until its bytes are there: a `Blob`. */
function bytesLater(data: unknown): Promise<ArrayBuffer> | undefined {
  const blob = data as { arrayBuffer?: unknown } | null | undefined;
  if (typeof blob !== 'object' || typeof blob?.arrayBuffer !== 'function') return undefined;
  return (blob as { arrayBuffer(): Promise<ArrayBuffer> }).arrayBuffer();
}

/** How to open a socket. */
export interface SocketSettings {
  /** @default what the platform has at this moment, else the `ws` package in Node */
  readonly WebSocket?: WebSocketConstructor | undefined;
  readonly protocols?: string[] | undefined;
  readonly headers?: Record<string, string> | undefined;
  /** Epoch milliseconds. */
  readonly wallNow: () => number;
}

/**
 * Opens a socket; `undefined` where there is no WebSocket.
 *
 * @throws whatever the constructor throws, for an address or a subprotocol that it does not take
 */
export function openSocket(url: string, settings: SocketSettings, sink: SocketSink): Socket | undefined {
  const { protocols, headers } = settings;
  const WebSocket = settings.WebSocket ?? resolveWebSocket(headers !== undefined);
  if (WebSocket === undefined) return undefined;
  const socket =
    headers === undefined
      ? new WebSocket(url, protocols)
      : new WebSocket(url, protocols ?? [], { headers: { ...headers } });
  let cause: unknown;
  let upgrade: UpgradeVerdict | undefined;
  followUpgrade(socket, { wallNow: settings.wallNow, refused: (verdict) => (upgrade = verdict) });
  const ignore = (): void => undefined;
  const detach = (): void => {
    socket.onopen = ignore;
    socket.onmessage = ignore;
    // The ws package raises an error when it is closed while connecting; somebody has to take it.
    socket.onerror = ignore;
    socket.onclose = ignore;
  };
  // Else bytes come as blobs in browsers, which are read later than they come.
  Reflect.set(socket, 'binaryType', 'arraybuffer');
  let opened = false;
  socket.onopen = () => {
    opened = true;
    sink.opened();
  };
  let ended = false;
  /** Bytes that have to be waited for; what comes after them waits as well. */
  let reading: Promise<void> | undefined;
  const inTurn = (take: () => void): void => {
    if (reading === undefined) take();
    else reading = reading.then(take);
  };
  socket.onmessage = (event: unknown) => {
    const data = property(event, 'data');
    const later = typeof data === 'string' ? undefined : bytesLater(data);
    if (later === undefined) inTurn(() => ended || sink.received(data));
    else {
      const before = reading;
      reading = later
        .catch(() => undefined)
        .then(async (bytes) => {
          await before;
          if (!ended) sink.received(bytes);
        });
    }
  };
  const end = (code: number, reason: string): void => {
    if (ended) return;
    ended = true;
    detach();
    sink.closed(code, reason, cause, upgrade);
  };
  socket.onerror = (event: unknown) => {
    if (upgrade === undefined) cause ??= causeOf(event);
    // Elsewhere a close follows at once. Node 22 leaves a dial that failed at the error, and `readyState` at 0.
    if (!opened) queueMicrotask(() => end(abnormal, ''));
  };
  socket.onclose = (event: unknown) => {
    const code = property(event, 'code');
    const reason = property(event, 'reason');
    // Deno says 0 where others say 1006.
    const known = typeof code === 'number' && code > 0 ? code : abnormal;
    inTurn(() => end(known, typeof reason === 'string' ? reason : ''));
  };
  return {
    send(text) {
      if (socket.readyState !== openState) return false;
      try {
        socket.send(text);
        return true;
      } catch {
        return false;
      }
    },
    drop(code, reason, gone) {
      ended = true;
      detach();
      let left = false;
      const leave = (): void => {
        if (left) return;
        left = true;
        detach();
        gone();
      };
      socket.onclose = leave;
      // There, a close while connecting ends with an error as well.
      if (!opened) socket.onerror = leave;
      // An open that comes too late still leaves a session on the server.
      socket.onopen = () => {
        closeQuietly(socket, code, reason);
      };
      closeQuietly(socket, code, reason);
      if (socket.readyState === closedState) leave();
    },
    destroy() {
      const terminate = property(socket, 'terminate');
      if (typeof terminate !== 'function') return;
      try {
        (terminate as () => void).call(socket);
      } catch {
        // It is gone already.
      }
    },
  };
}
const closedState = 3;

/** Codes that a client may use are 1000 and 3000 to 4999; anything else would throw. */
function closeQuietly(socket: WebSocketLike, code: number, reason: string): void {
  try {
    socket.close(code === 1000 || (code >= 3000 && code <= 4999) ? code : 1000, reason);
  } catch {
    // A socket that cannot be closed has nothing left to close.
  }
}
