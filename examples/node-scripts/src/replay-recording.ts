/** Serves what `record-prices` has recorded, at its pace, so that a client sees the same prices; runs until Ctrl-C. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { parseChannel, type ServerMessage } from '@tickwire/protocol';
import { decodeClientMessage, decodeServerMessage, encodeMessage } from '@tickwire/protocol/codec';
import { WebSocketServer, type WebSocket } from 'ws';

const help = `Serves a recording over WebSocket: to each client from the start, once it has subscribed.

  replay-recording --in prices.jsonl [--port 3002] [--speed 1]

  --in      a file of record-prices
  --port    0 takes a free one; default 3002
  --speed   60 plays a minute in a second; default 1
  --help    this text`;

interface Recorded {
  readonly at: number;
  readonly message: ServerMessage;
}

/** The lines that hold a message, and how many do not. */
function parse(text: string): { recording: Recorded[]; unreadable: number } {
  const lines = text.split('\n').filter((line) => line !== '');
  const recording = lines.flatMap((line): Recorded[] => {
    try {
      const { at, frame } = JSON.parse(line) as { at: unknown; frame: unknown };
      const result = decodeServerMessage(String(frame));
      return typeof at === 'number' && result.ok && result.kind === 'known' ? [{ at, message: result.message }] : [];
    } catch {
      return [];
    }
  });
  return { recording, unreadable: lines.length - recording.length };
}

const epoch = 'replay';
const longestTimerMs = 2_147_483_647;

/** One listener of the recording: greeted, answered, and sent every message after its first subscribe. */
function play(socket: WebSocket, recording: readonly Recorded[], speed: number): void {
  const seqs = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  const send = (message: ServerMessage): void => socket.send(encodeMessage(message));

  /** A recording may pause for longer than a timer can hold. */
  const wait = (ms: number, done: () => void): void => {
    timer = setTimeout(
      () => (ms > longestTimerMs ? wait(ms - longestTimerMs, done) : done()),
      Math.min(ms, longestTimerMs),
    );
  };
  const next = (index: number): void => {
    const [item, following] = recording.slice(index, index + 2);
    if (item === undefined) return;
    const { sub } = item.message as { sub?: string | null };
    // The counters are those of this replay: a client that comes back sees no holes.
    const seq = (seqs.get(sub ?? '') ?? 0) + 1;
    seqs.set(sub ?? '', seq);
    send(typeof sub === 'string' ? { ...item.message, seq, epoch } : item.message);
    if (following !== undefined) wait(Math.max(0, following.at - item.at) / speed, () => next(index + 1));
  };

  socket.on('close', () => clearTimeout(timer));
  // Without a listener one broken frame would end the process.
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) return;
    const result = decodeClientMessage(data.toString());
    if (!result.ok || result.kind === 'unknown') return;
    const { message } = result;
    if (message.type === 'ping') {
      send({ type: 'pong', ...(message.id === undefined ? {} : { id: message.id }), ts: Date.now() });
    } else if (message.type === 'subscribe') {
      if (message.id !== undefined && message.data?.channels !== undefined) {
        const subscribed = message.data.channels.map((request) => {
          const channel = typeof request === 'string' ? request : request.channel;
          const kind = parseChannel(channel)?.kind ?? 'event';
          return { channel, kind, epoch, seq: seqs.get(channel) ?? 0, recovered: false, reason: 'new' };
        });
        send({ type: 'ack', id: message.id, op: 'subscribe', data: { subscribed, rejected: [] } });
      }
      timer ??= setTimeout(() => next(0), 0);
    }
  });
  send({
    type: 'hello',
    data: {
      protocol: 1,
      connectionId: 'replay',
      serverTime: Date.now(),
      heartbeatMs: 15_000,
      capabilities: ['ack', 'seq'],
      limits: {
        maxSubscriptions: 100,
        maxChannelsPerFrame: 50,
        maxFrameBytes: 16_384,
        messagesPerMinute: 300,
        authTimeoutMs: 5_000,
      },
    },
  });
}

const { values } = parseArgs({
  options: {
    in: { type: 'string' },
    port: { type: 'string', default: '3002' },
    speed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h' },
  },
});
const speed = Number(values.speed);

if (values.help) {
  console.log(help);
} else if (values.in === undefined || !(speed > 0)) {
  console.error(values.in === undefined ? 'Say what to play: --in prices.jsonl' : '--speed must be a number above 0.');
  process.exitCode = 1;
} else {
  const { recording, unreadable } = parse(await readFile(values.in, 'utf8'));
  const server = new WebSocketServer({ host: '127.0.0.1', port: Number(values.port), maxPayload: 16_384 });
  server.on('connection', (socket) => play(socket, recording, speed));
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  console.log(`${recording.length} messages at ws://127.0.0.1:${port} (${unreadable} lines could not be read)`);
  const stop = (): void => process.exit(0);
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}
