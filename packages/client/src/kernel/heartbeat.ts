/** Whether the other side is still there. Any inbound frame is proof of life; one lazy timer looks now and then. */

import type { WireId } from './dialect.js';

/** Durations in ms. */
export interface HeartbeatPolicy {
  /** Silence before a ping. */
  readonly idleMs: number;
  /** How long an answer may take. */
  readonly timeoutMs: number;
  /** A ping goes out at least so often. */
  readonly pingEveryMs: number;
  /** Without pings: silence of so long is the end. `undefined` where there are pings. */
  readonly silenceMs?: number | undefined;
}

/** When something happens, on both clocks, and when the last frame came. */
export interface Instant {
  /** Monotonic ms. */
  readonly now: number;
  /** Epoch ms. */
  readonly wallNow: number;
  /** Monotonic: the last inbound frame, or the opening of the socket. */
  readonly lastFrameAt: number;
}

/** A timer that fires this late slept or was throttled: what has arrived meanwhile is read before a verdict. */
const overdueMs = 1_000;
const graceMs = 1_000;
/** After a wake-up the other side has this long to answer. */
const probeDeadlineMs = 3_000;
const keptSamples = 8;

/** The heartbeat of one connection; it goes with it, so that a pending ping never leaks into the next. */
export class Heartbeat {
  /** A ping waits for budget; its deadline starts when it is sent. */
  queued = false;
  /** Whether a ping's deadline has passed and frames are still given time to be read. */
  mute = false;
  /** Round trip of the last ping in ms. */
  rttMs: number | null = null;
  readonly #policy: HeartbeatPolicy;
  readonly #arm: (delayMs: number) => void;
  /** When the one timer is due, on both clocks: a difference tells of sleep or throttling. */
  #dueAt = 0;
  #dueWallAt = 0;
  /** The unanswered ping; any frame that comes after it is an answer. */
  #pingAt: number | undefined;
  #deadlineMs = 0;
  #lastPingAt: number;
  #sent: { readonly id: string; readonly at: number; readonly wallAt: number } | undefined;
  /** The last round trips with the clock offset that each implies. */
  readonly #samples: { readonly rttMs: number; readonly offsetMs: number }[] = [];

  /** @param arm starts the timer anew */
  constructor(policy: HeartbeatPolicy, at: Instant, arm: (delayMs: number) => void) {
    this.#policy = policy;
    this.#arm = arm;
    this.#lastPingAt = at.now;
    this.#next(at, policy.silenceMs ?? Math.min(policy.idleMs, policy.pingEveryMs));
  }

  /** What the timer finds: `dead` when a ping went unanswered past its deadline. */
  fired(at: Instant): 'alive' | 'dead' {
    const { idleMs, timeoutMs, pingEveryMs, silenceMs } = this.#policy;
    const isLate = this.#lateMs(at) >= overdueMs;
    const pingAt = silenceMs === undefined ? this.#pingAt : at.lastFrameAt;
    if (pingAt !== undefined && at.lastFrameAt <= pingAt && !(silenceMs === undefined && at.lastFrameAt === pingAt)) {
      // Frames that have already arrived are read before the link is declared dead.
      if (isLate && !this.mute) {
        this.mute = true;
        this.#next(at, graceMs);
        return 'alive';
      }
      const leftMs = pingAt + (silenceMs ?? this.#deadlineMs) - at.now;
      if (leftMs <= 0) return 'dead';
      if (silenceMs !== undefined) this.mute = false;
      this.#next(at, leftMs);
      return 'alive';
    }
    this.#pingAt = undefined;
    this.mute = false;
    const dueInMs = Math.min(at.lastFrameAt + idleMs, this.#lastPingAt + pingEveryMs) - at.now;
    if (dueInMs <= 0) {
      this.queued = true;
      // Who slept asks sooner.
      this.#deadlineMs = isLate ? Math.min(probeDeadlineMs, timeoutMs) : timeoutMs;
    }
    // A ping that waits for budget re-arms the timer when it is sent.
    this.#next(at, dueInMs <= 0 ? idleMs : dueInMs);
    return 'alive';
  }

  /** Asks for a sign of life soon: after a wake-up, or when the clock says that much time has passed unseen. */
  probe(at: Instant): void {
    if (this.queued || this.#policy.silenceMs !== undefined) return;
    const deadlineMs = Math.min(probeDeadlineMs, this.#policy.timeoutMs);
    if (this.#pingAt === undefined || at.lastFrameAt >= this.#pingAt) {
      this.queued = true;
      this.#deadlineMs = deadlineMs;
      return;
    }
    // One ping is out already: it may take no longer than a probe from now.
    if (this.#pingAt + this.#deadlineMs - at.now <= deadlineMs) return;
    this.#deadlineMs = at.now - this.#pingAt + deadlineMs;
    this.#next(at, deadlineMs);
  }

  /** A ping went out: its deadline starts now. */
  sent(id: string, at: Instant): void {
    this.#sent = { id, at: at.now, wallAt: at.wallNow };
    this.queued = false;
    this.mute = false;
    this.#pingAt = at.now;
    this.#lastPingAt = at.now;
    // A short idle is looked at before a long deadline, so that an answered ping does not delay the next.
    this.#next(at, Math.min(this.#deadlineMs, this.#policy.idleMs));
  }

  /** An answer to a ping: its round trip, and the offset of the server's clock where it tells its time. */
  answered(at: Instant, id: WireId, ts: unknown): void {
    const sent = this.#sent;
    if (sent === undefined || (id !== undefined && id !== null && String(id) !== sent.id)) return;
    this.#sent = undefined;
    this.rttMs = at.now - sent.at;
    if (typeof ts !== 'number') return;
    this.#samples.push({ rttMs: this.rttMs, offsetMs: ts - (sent.wallAt + at.wallNow) / 2 });
    if (this.#samples.length > keptSamples) this.#samples.shift();
  }

  /**
   * Whether more time has passed than the heartbeat would ever let pass unseen: the machine slept, or timers stood still.
   * Asked before something is sent: then a probe goes ahead of it, and what it carries is sent again after a reconnect.
   */
  isOverdue(at: Instant): boolean {
    return this.#lateMs(at) >= overdueMs + graceMs;
  }

  /** The server's clock minus ours in milliseconds, from the sample with the shortest round trip; `null` without one. */
  get clockOffsetMs(): number | null {
    let best = this.#samples[0];
    for (const sample of this.#samples) if (best === undefined || sample.rttMs < best.rttMs) best = sample;
    return best?.offsetMs ?? null;
  }

  /** How late the timer is, by whichever clock saw the time pass. */
  #lateMs({ now, wallNow }: Instant): number {
    return Math.max(now - this.#dueAt, wallNow - this.#dueWallAt);
  }

  #next({ now, wallNow }: Instant, delayMs: number): void {
    this.#dueAt = now + delayMs;
    this.#dueWallAt = wallNow + delayMs;
    this.#arm(delayMs);
  }
}
