/** The load: thousands of cheap sockets in a process of their own, which counts what arrives and when. */
import { setTimeout as pause } from 'node:timers/promises';
import { RawSocket, textFrame } from './raw-socket.js';
import { serveCalls } from './remote.js';

/** How to open sockets. */
export interface CrowdOrder {
  readonly port: number;
  readonly path: string;
  readonly count: number;
  /** Sent by each once it is open. */
  readonly say: readonly string[];
  /** Frames that each gets before it counts as ready. */
  readonly readyAfter: number;
  readonly perSecond?: number;
}

const sockets: RawSocket[] = [];
const seen = new Map<RawSocket, number>();
let ready = 0;
let failed = 0;
let frames = 0;
let lastFrameAt = 0;
let until: { frames: number; reached: () => void } | undefined;
const now = (): number => performance.timeOrigin + performance.now();
const portsOfAddress = 25_000;

function open({ port, path, say, readyAfter }: CrowdOrder): void {
  const number = sockets.length;
  const words = Buffer.concat(say.map(textFrame));
  const socket = new RawSocket(
    {
      port,
      path,
      localAddress: `127.0.1.${1 + Math.floor(number / portsOfAddress)}`,
      forwardedFor: `10.${(number >> 14) & 255}.${(number >> 6) & 255}.${(number & 63) + 1}`,
      readsText: false,
    },
    {
      onOpen: (opened) => {
        if (words.length > 0) opened.send(words);
      },
      onText: (from) => {
        frames += 1;
        lastFrameAt = now();
        const had = (seen.get(from) ?? 0) + 1;
        if (had <= readyAfter) seen.set(from, had);
        if (had === readyAfter) ready += 1;
        if (until !== undefined && frames >= until.frames) until.reached();
      },
      onClose: () => {
        failed += 1;
      },
    },
  );
  sockets.push(socket);
}

serveCalls({
  async open(order: CrowdOrder) {
    const wanted = ready + order.count;
    const perTick = Math.max(1, Math.round((order.perSecond ?? 1_000) / 50));
    for (let opened = 0; opened < order.count; opened += perTick) {
      for (let each = 0; each < Math.min(perTick, order.count - opened); each += 1) open(order);
      await pause(20);
    }
    const deadline = now() + 60_000;
    while (ready < wanted && failed === 0 && now() < deadline) await pause(20);
    if (ready < wanted) throw new Error(`${ready} of ${wanted} sockets are ready, ${failed} failed`);
    return ready;
  },
  /** Starts counting anew. */
  reset() {
    frames = 0;
    lastFrameAt = 0;
  },
  /** Waits for so many frames; tells when the last came, epoch ms. */
  async until(count: number) {
    if (frames < count) {
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`${frames} of ${count} frames came`)), 60_000);
        until = {
          frames: count,
          reached: () => {
            clearTimeout(late);
            until = undefined;
            resolve();
          },
        };
      });
    }
    return lastFrameAt;
  },
  count: () => frames,
  closeAll() {
    for (const socket of sockets.splice(0)) socket.end();
  },
});
