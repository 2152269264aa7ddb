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
}

const sockets = new Set<RawSocket>();
const seen = new Map<RawSocket, number>();
const refusals = new Map<number, number>();
let ready = 0;
let failed = 0;
let opening = 0;
let asked = 0;
let frames = 0;
let lastFrameAt = 0;
let until: { frames: number; reached: () => void } | undefined;
const now = (): number => performance.timeOrigin + performance.now();
/** So many handshakes are under way at most: the server sets the pace, however busy the machine is. */
const openingAtMost = 200;
/** Refused with 429 or 503, a socket comes again, as a client would; so many times in all. */
const retriesAtMost = 5_000;
const retryMs = 1_000;
let retries = 0;

/** A loopback address of this process alone: ports that an earlier crowd has used may still be taken. */
const localAddress = `127.${1 + (process.pid % 250)}.${1 + ((process.pid >> 8) & 127)}.1`;

function open(order: CrowdOrder): void {
  const number = (asked += 1);
  const words = Buffer.concat(order.say.map(textFrame));
  opening += 1;
  const socket = new RawSocket(
    {
      port: order.port,
      path: order.path,
      localAddress,
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
        const had = seen.get(from) ?? 0;
        if (had < order.readyAfter) {
          seen.set(from, had + 1);
          if (had + 1 === order.readyAfter) {
            ready += 1;
            opening -= 1;
          }
        }
        if (until !== undefined && frames >= until.frames) until.reached();
      },
      onClose: (closed, code, status) => {
        sockets.delete(closed);
        if ((seen.get(closed) ?? 0) >= order.readyAfter) ready -= 1;
        else opening -= 1;
        seen.delete(closed);
        refusals.set(status === 101 ? code : status, (refusals.get(status === 101 ? code : status) ?? 0) + 1);
        if ((status === 429 || status === 503) && retries < retriesAtMost) {
          retries += 1;
          setTimeout(() => open(order), retryMs);
        } else {
          failed += 1;
        }
      },
    },
  );
  sockets.add(socket);
}

serveCalls({
  /** Opens so many more; tells how many are open and how often one was refused and came again. */
  async open(order: CrowdOrder) {
    const wanted = ready + order.count;
    const deadline = now() + 90_000;
    for (let opened = 0; opened < order.count && failed === 0 && now() < deadline; ) {
      for (; opened < order.count && opening < openingAtMost; opened += 1) open(order);
      await pause(2);
    }
    while (ready < wanted && failed === 0 && now() < deadline) await pause(20);
    if (ready < wanted) {
      const codes = [...refusals].map(([code, count]) => `${count} × ${code}`).join(', ');
      throw new Error(`${ready} of ${wanted} sockets are ready, ${failed} failed (status or close code: ${codes})`);
    }
    return { ready, retries };
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
  ready: () => ready,
});
