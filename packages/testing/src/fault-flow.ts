/** One direction of one link through a fault proxy: holds bytes as the rules say and writes them on, in order, none twice. */
import type { Socket } from 'node:net';
import { dueAt, flipped, lineMs, portion } from './fault-rules.js';
import type { Direction, Ending, FaultRules, HeldBytes } from './fault-rules.js';
import type { Clock } from './real-clock.js';

/** What a flow needs of the proxy and of its link. */
export interface FlowContext {
  readonly direction: Direction;
  readonly source: Socket;
  readonly target: Socket;
  readonly clock: Clock;
  readonly random: () => number;
  /** The source is paused while more bytes than this wait. */
  readonly heldBytesLimit: number;
  readonly rules: () => FaultRules;
  /** The bytes after which the link was to be cut have passed. */
  readonly cut: (how: Ending) => void;
}

/**
 * Gives a reader in this process the time to read a piece by itself: a whole turn of the event loop. One that finds bytes and
 * a reset at once is told of an end, not of a reset.
 */
function afterReading(callback: () => void): void {
  setImmediate(() => setImmediate(callback));
}

export class FaultFlow {
  readonly #context: FlowContext;
  #held: HeldBytes[] = [];
  #heldBytes = 0;
  #ending: Ending | undefined;
  #stalled = false;
  #over = false;
  #writing = false;
  #opened = false;
  #freeAt = 0;
  #timer: unknown;
  #cut: { left: number; how: Ending } | undefined;
  #corrupt: { left: number; mask: number } | undefined;

  constructor(context: FlowContext) {
    this.#context = context;
  }

  /** Bytes that wait here. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Bytes have come from the source. */
  arrive(bytes: Buffer): void {
    if (this.#over || this.#ending !== undefined) return;
    const { clock, random, source, heldBytesLimit, direction } = this.#context;
    const opening = direction === 'down' && !this.#opened;
    this.#opened = true;
    this.#held.push({ bytes, arrivedAt: clock.monotonic(), chance: random(), opening });
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > heldBytesLimit) source.pause();
    this.pump();
  }

  /** The source has ended; the target learns of it after the bytes that are held. */
  finish(how: Ending): void {
    this.#ending ??= how;
    this.pump();
  }

  stall(stalled: boolean): void {
    this.#stalled = stalled;
    this.pump();
  }

  /** Cuts the link once so many more bytes have passed. */
  cutAfter(bytes: number, how: Ending): void {
    this.#cut = { left: bytes, how };
    this.pump();
  }

  /** Changes the byte that passes after `index` others. */
  corrupt(index: number, mask: number): void {
    this.#corrupt = { left: index, mask };
  }

  /** Forgets cuts and corruptions that have not come yet. */
  forgive(): void {
    this.#cut = undefined;
    this.#corrupt = undefined;
  }

  /** Nothing passes any more; what comes is read and dropped, so that the source is not held up. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#context.clock.clearTimeout(this.#timer);
    this.#held = [];
    this.#heldBytes = 0;
    this.#context.source.resume();
  }

  /** Writes what may leave now. Called whenever rules have changed. */
  readonly pump = (): void => {
    if (this.#over || this.#stalled || this.#writing) return;
    const { clock, rules: current, target } = this.#context;
    clock.clearTimeout(this.#timer);
    if (this.#cut?.left === 0) {
      this.#context.cut(this.#cut.how);
      return;
    }
    const [held] = this.#held;
    if (held === undefined) {
      this.#end();
      return;
    }
    const rules = current();
    const from = Math.max(dueAt(rules, held), rules.bytesPerSecond === undefined ? 0 : this.#freeAt);
    const waitMs = from - clock.monotonic();
    if (waitMs > 0) {
      this.#timer = clock.setTimeout(this.pump, waitMs);
      return;
    }
    const piece = this.#take(held, portion(rules, held.bytes.length, this.#cut?.left));
    this.#freeAt = Math.max(this.#freeAt, clock.monotonic()) + lineMs(rules, piece.length);
    this.#writing = true;
    const apart = rules.sliceBytes !== undefined || this.#cut !== undefined;
    target.write(piece, () => {
      if (apart) afterReading(() => this.#written(piece.length));
      else this.#written(piece.length);
    });
  };

  #take(held: HeldBytes, size: number): Buffer {
    if (size === held.bytes.length) this.#held.shift();
    else this.#held[0] = { ...held, bytes: held.bytes.subarray(size) };
    let piece = held.bytes.subarray(0, size);
    if (this.#cut !== undefined) this.#cut.left -= size;
    if (this.#corrupt !== undefined) {
      piece = flipped(piece, this.#corrupt.left, this.#corrupt.mask);
      this.#corrupt.left -= size;
      if (this.#corrupt.left < 0) this.#corrupt = undefined;
    }
    return piece;
  }

  #written(bytes: number): void {
    this.#writing = false;
    if (this.#over) return;
    this.#heldBytes -= bytes;
    if (this.#heldBytes <= this.#context.heldBytesLimit / 2) this.#context.source.resume();
    this.pump();
  }

  #end(): void {
    if (this.#ending === undefined) return;
    const { target } = this.#context;
    if (this.#ending === 'reset') target.resetAndDestroy();
    else target.end();
    this.stop();
  }
}
