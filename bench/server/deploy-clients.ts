/** Whole clients in a process of their own, which take down each time that one of them dials. */
import { setTimeout as pause } from 'node:timers/promises';
import { PriceWebSocketClient } from '@tickwire/client';
import { CheapWebSocket } from './cheap-web-socket.js';
import { serveCalls } from './remote.js';

/** How the crowd is since the last `mark`. */
export interface CrowdReport {
  /** When somebody dialled, epoch ms, in order. */
  readonly dials: readonly number[];
  /** For when the back-off of each planned its next dial, epoch ms. */
  readonly due: readonly number[];
  /** When one was connected, epoch ms, in order. */
  readonly opens: readonly number[];
  /** Connected on a socket that was opened since. */
  readonly back: number;
  /** When the last of them was back, epoch ms; only while all are. */
  readonly allBackAt: number | undefined;
}

const now = (): number => performance.timeOrigin + performance.now();
const openedTogether = 50;
let dials: number[] = [];
let due: number[] = [];
let opens: number[] = [];
let markedAt = 0;

class NotedWebSocket extends CheapWebSocket {
  constructor(url: string) {
    super(url);
    dials.push(now());
  }
}

const crowd: { readonly client: PriceWebSocketClient; connectedAt: number | undefined }[] = [];

async function add(port: number): Promise<void> {
  const client = new PriceWebSocketClient(`ws://127.0.0.1:${port}/ws`, {
    dialect: 'tickwire',
    WebSocket: NotedWebSocket,
  });
  const member: (typeof crowd)[number] = { client, connectedAt: undefined };
  crowd.push(member);
  let since: number | undefined;
  client.connection.subscribe((connection) => {
    if (connection.status === 'reconnecting') due.push(connection.retryAt);
    const next = connection.status === 'connected' ? connection.since : undefined;
    if (next !== since) {
      member.connectedAt = next === undefined ? undefined : now();
      if (next !== undefined) opens.push(now());
    }
    since = next;
  });
  await client.subscribe('coin:bitcoin', () => undefined).ready();
}

serveCalls({
  async open({ port, count }: { port: number; count: number }) {
    for (let opened = 0; opened < count; opened += openedTogether) {
      await Promise.all(Array.from({ length: Math.min(openedTogether, count - opened) }, () => add(port)));
      // No faster than the server takes them.
      await pause(50);
    }
  },
  mark() {
    dials = [];
    due = [];
    opens = [];
    markedAt = now();
  },
  report(): CrowdReport {
    const times = crowd.map(({ connectedAt }) => connectedAt ?? 0).filter((at) => at > markedAt);
    const allBackAt = times.length === crowd.length ? times.reduce((last, at) => Math.max(last, at), 0) : undefined;
    return { dials, due, opens, back: times.length, allBackAt };
  },
  /** Connected now, whenever that began. */
  connected: () => crowd.filter(({ connectedAt }) => connectedAt !== undefined).length,
});
