/** The platforms' own WebSockets as they were recorded (Node 22.23, Node 24.21, Bun 1.x, Deno 2.x), in the order of their events. */
import { describe, expect, it } from 'vitest';
import { FakeClock, FakeSocket, FakeSockets, settle } from '@tickwire/testing';
import { PriceWebSocketClient, type WebSocketConstructor } from '@tickwire/client';
import { openSocket } from '../../src/io/web-socket.js';
import { LeavingSockets } from '../../src/kernel/leaving-sockets.js';

type Handler = (event: unknown) => void;

/** How one platform's socket ends when its dial fails, and when it is closed while it dials. */
interface Recorded {
  /** `readyState` while the events of the end are fired. */
  readonly state: 0 | 3;
  readonly message: string;
  /** The code of the close that follows; `undefined`: none ever does. */
  readonly code: number | undefined;
}

const recorded: Readonly<Record<string, Recorded>> = {
  'Node 22': { state: 0, message: 'Received network error or non-101 status code.', code: undefined },
  'Node 24': { state: 3, message: '', code: 1006 },
  Bun: { state: 3, message: "WebSocket connection to 'ws://a/?secret=1' failed: Failed to connect", code: 1006 },
  Deno: { state: 3, message: 'NetworkError: failed to connect to WebSocket: tcp connect error', code: 0 },
};
const platforms = Object.entries(recorded);

/** Sockets of a platform; those that dial can be refused. */
class PlatformSockets {
  readonly all: FakeSocket[] = [];
  readonly refuse: (socket: FakeSocket) => void;
  readonly WebSocket: WebSocketConstructor;

  constructor({ state, message, code }: Recorded) {
    const { all } = this;
    const fail = (socket: FakeSocket, text: string, after: 0 | 2 | 3): void => {
      socket.readyState = after;
      (socket.onerror as Handler)({ message: text, error: new Error(text) });
      if (code !== undefined) (socket.onclose as Handler)({ code, reason: '' });
    };
    this.refuse = (socket) => fail(socket, message, state);
    this.WebSocket = class extends FakeSocket {
      constructor(url: string) {
        super(url);
        all.push(this);
      }

      override close(given?: number, reason?: string): void {
        if (this.readyState !== 0) super.close(given, reason);
        // Node 22 says so within the call and stays at CLOSING; the others say it with their close.
        else if (code === undefined) fail(this, 'Connection was closed before it was established.', 2);
        else queueMicrotask(() => fail(this, 'closed', 3));
      }
    };
  }

  get last(): FakeSocket {
    const socket = this.all.at(-1);
    if (socket === undefined) throw new Error('No socket has been opened.');
    return socket;
  }
}

describe.each(platforms)('the WebSocket of %s', (_name, platform) => {
  const open = (sink: Partial<Parameters<typeof openSocket>[2]> = {}) => {
    const sockets = new PlatformSockets(platform);
    const nothing = { opened: () => undefined, received: () => undefined, closed: () => undefined };
    const socket = openSocket(
      'ws://a/?secret=1',
      { WebSocket: sockets.WebSocket, wallNow: () => 0 },
      { ...nothing, ...sink },
    );
    return { sockets, socket };
  };

  it('F3: ends an attempt that is refused, once, with 1006 and what the platform said', async () => {
    const closes: unknown[][] = [];
    const { sockets } = open({ closed: (...how) => closes.push(how) });
    sockets.refuse(sockets.last);
    await settle();
    expect(closes.map(([code, reason]) => [code, reason])).toEqual([[1006, '']]);
    expect(JSON.stringify(closes)).not.toContain('secret');
  });

  it('F3: is gone when it is closed while it dials, and says nothing after', async () => {
    const closes: unknown[][] = [];
    const { sockets, socket } = open({ closed: (...how) => closes.push(how) });
    let gone = 0;
    socket?.drop(1000, '', () => (gone += 1));
    await settle();
    sockets.refuse(sockets.last);
    await settle();
    expect({ gone, closes }).toEqual({ gone: 1, closes: [] });
  });

  it('F3: an attempt that is refused and dropped in the same moment reports nothing', async () => {
    const closes: unknown[][] = [];
    const { sockets, socket } = open({
      closed: (...how) => closes.push(how),
    });
    (sockets.last.onerror as Handler)({ message: 'refused' });
    socket?.drop(1000, '', () => undefined);
    await settle();
    expect(closes).toEqual([]);
  });

  it('F3: lets a client wait for its back-off alone between refused dials, and close at once', async () => {
    const sockets = new PlatformSockets(platform);
    const clock = new FakeClock();
    const client = new PriceWebSocketClient('ws://a', { WebSocket: sockets.WebSocket, clock, random: () => 0 });
    void client.connect().catch(() => undefined);
    for (let dials = 1; dials <= 5; dials += 1) {
      expect(sockets.all).toHaveLength(dials);
      sockets.refuse(sockets.last);
      await settle();
      expect(client.connection.get()).toMatchObject({ status: 'reconnecting', cause: { code: 'CONNECT_FAILED' } });
      await clock.advance(250);
    }
    // While it dials; no time passes.
    await client.close();
    expect(clock.pending).toBe(0);
  });
});

describe('a close that nobody answers', () => {
  it('F3: keeps the process alive until it has settled', async () => {
    const timers: unknown[] = [];
    const clock = new (class extends FakeClock {
      override setTimeout(callback: () => void, ms: number, options?: unknown): number {
        timers.push([ms, options]);
        return super.setTimeout(callback, ms);
      }
    })();
    const sockets = new FakeSockets();
    sockets.answersClose = false;
    const leaving = new LeavingSockets(clock);
    const sink = { opened: () => undefined, received: () => undefined, closed: () => undefined };
    const socket = openSocket('ws://a', { WebSocket: sockets.WebSocket, wallNow: () => 0 }, sink);
    sockets.last.open();
    if (socket !== undefined) leaving.add(socket, 1000, '');
    expect(timers).toEqual([[3_000, { keepAlive: true }]]);
    const gone = leaving.gone();
    await clock.advance(3_000);
    await gone;
  });
});
