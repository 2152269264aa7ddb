/** The heartbeat of one link at work: its timer, and what follows from what it finds. */
import type { Dialect, WireId } from './dialect.js';
import { PriceStreamError } from './errors.js';
import { Heartbeat, type Instant } from './heartbeat.js';
import type { Life } from './life.js';
import type { Rooms } from './rooms.js';
import { Timers } from './timers.js';

/** The pulse of one link, from the greeting on. */
export class Pulse {
  heartbeat: Heartbeat | undefined;
  readonly #rooms: Rooms;
  readonly #life: Life;
  readonly #instant: () => Instant;
  readonly #timers: Timers<'heartbeat'>;

  constructor(rooms: Rooms, life: Life, instant: () => Instant) {
    this.#rooms = rooms;
    this.#life = life;
    this.#instant = instant;
    this.#timers = new Timers(rooms.settings.clock);
  }

  /** Frames may go out in this dialect. @param pump called when a ping may be owed */
  begin(dialect: Dialect, pump: () => void): void {
    const { silenceMs, minIdleMs = 0, pingEveryMs = Infinity } = dialect;
    const pings = dialect.ping !== undefined;
    const { heartbeat } = this.#rooms.settings;
    this.stop();
    // What is no number starts no timer.
    if (!pings && !silenceMs) return;
    const idleMs = Math.max(minIdleMs || 0, heartbeat.idleMs);
    const silence = pings ? undefined : silenceMs;
    this.heartbeat = new Heartbeat(
      { idleMs, pingEveryMs: pingEveryMs || Infinity, timeoutMs: heartbeat.timeoutMs, silenceMs: silence },
      this.#instant(),
      (delayMs) => this.#timers.start('heartbeat', delayMs, () => this.#rooms.turn.run(() => this.#beat(pump))),
    );
  }

  stop(): void {
    this.#timers.stopAll();
  }

  /** An answer to a ping. */
  answered(id: WireId, ts: unknown): void {
    const { heartbeat } = this;
    if (heartbeat === undefined) return;
    heartbeat.answered(this.#instant(), id, ts);
    this.#rooms.prices.clockOffsetMs = heartbeat.clockOffsetMs ?? 0;
    if (heartbeat.rttMs !== null) this.#life.show({ rttMs: heartbeat.rttMs });
  }

  /** A sign of life is wanted soon. @param overdueOnly only where more time has passed than would pass unseen */
  probe(overdueOnly: boolean): void {
    const at = this.#instant();
    if (!overdueOnly || this.heartbeat?.isOverdue(at) === true) this.heartbeat?.probe(at);
  }

  #beat(pump: () => void): void {
    const { heartbeat } = this;
    if (heartbeat === undefined) return;
    if (heartbeat.fired(this.#instant()) === 'dead') {
      const message = 'The other side stopped answering.';
      const error = new PriceStreamError('HEARTBEAT_TIMEOUT', message, { retryable: true });
      this.#life.lost(error, {}, false, 'heartbeat_timeout');
      return;
    }
    this.#life.show({ mute: heartbeat.mute });
    pump();
  }
}
