/** What goes out over one socket: the most urgent first, while the budget lasts. */
import type { Socket } from '../io/web-socket.js';
import type { Asks } from './asks.js';
import type { Ask, DialectLink } from './dialect.js';
import type { Heartbeat, Instant } from './heartbeat.js';
import type { Hooks } from './hooks.js';
import { spend, waitOf } from './pace.js';
import type { Rooms } from './rooms.js';
import { Timers } from './timers.js';

/** Frames that go out in one turn. */
const mostAtOnce = 100;
const defaultAckMs = 5_000;

/** A link, as far as its frames depend on it. */
export interface Sender extends DialectLink {
  readonly asks: Asks;
  readonly heartbeat: Heartbeat | undefined;
  readonly hooks: Hooks;
  readonly socket: Socket | undefined;
  carry(channel: string): string | true | undefined;
  instant(): Instant;
}

/** The outgoing side of one link. */
export class Outbox {
  readonly #rooms: Rooms;
  readonly #link: Sender;
  readonly #timers: Timers<'pace' | 'due'>;
  #asksForEver = false;

  constructor(rooms: Rooms, link: Sender) {
    this.#rooms = rooms;
    this.#link = link;
    this.#timers = new Timers(rooms.settings.clock);
  }

  stop(): void {
    this.#timers.stopAll();
  }

  /** Sends what is owed, the most urgent first, while the budget lasts. Frames are never queued. */
  pump(): void {
    const link = this.#link;
    if (!link.up || !link.current) return;
    for (let left = mostAtOnce; this.#sendOne(left > 0); ) left -= 1;
    this.arm();
  }

  /** @param mayGo else the page has its turn first @returns whether to go on */
  #sendOne(mayGo: boolean): boolean {
    const { paced, settings, announcer, turn } = this.#rooms;
    const link = this.#link;
    // A socket that answers before it returns may have ended the link.
    if (!link.up) return false;
    const now = settings.clock.monotonic();
    const waitMs = mayGo ? waitOf(paced, link.pace, now) : 0;
    if (!mayGo || waitMs > 0) {
      this.#timers.start('pace', waitMs, () => turn.run(() => this.pump()));
      return false;
    }
    const frame = this.#next(now);
    if (frame === undefined) return false;
    spend(paced, now);
    if (link.socket?.send(JSON.stringify(frame)) === true) announcer.counters.sent += 1;
    return true;
  }

  /** The most urgent frame that is owed. */
  #next(now: number): unknown {
    const link = this.#link;
    const { dialect, heartbeat, hooks } = link;
    const urgent = hooks.call(dialect, 'urgent', () => dialect.urgent?.(link));
    if (urgent !== undefined) return urgent;
    if (heartbeat?.queued === true && dialect.ping !== undefined) {
      const id = link.request();
      heartbeat.sent(id, link.instant());
      return hooks.call(dialect, 'ping', () => dialect.ping?.(id, link));
    }
    return this.#ask(now) ?? hooks.call(dialect, 'owed', () => dialect.owed?.(link));
  }

  #ask(now: number): unknown {
    const link = this.#link;
    const { dialect, hooks, asks } = link;
    if (dialect.ask === undefined || this.#asksForEver) return undefined;
    const id = `r${this.#rooms.requests + 1}`;
    const ask = hooks.call(dialect, 'ask', () => dialect.ask?.(asks.work(dialect, link), id, link));
    if (ask === undefined) return undefined;
    const wrong = this.#wrongAsk(ask);
    if (wrong === undefined && link.asks.sent(ask, id, now + (dialect.ackMs ?? defaultAckMs), dialect, link)) {
      this.#rooms.requests += 1;
      return ask.frame;
    }
    // One that asks for the same again would ask for ever.
    this.#asksForEver = true;
    hooks.slip(dialect, 'ask', new Error(wrong ?? 'It asks again for what it has asked for.'));
    return undefined;
  }

  #wrongAsk({ asked = [], gone = [], frame }: Ask): string | undefined {
    if (frame === undefined || asked.length + gone.length === 0) return 'It gave no frame, or named no key.';
    if (asked.length > 0 && gone.length > 0) return 'One frame either asks or lets go.';
    const stranger = [...asked, ...gone].find(
      (key) => !this.#link.asks.isKnown(key) && this.#link.carry(key) === undefined,
    );
    return stranger === undefined ? undefined : `Nobody wants '${stranger.slice(0, 80)}'.`;
  }

  /** Starts the timer of what time has to say of the asks. */
  arm(): void {
    const link = this.#link;
    const { dueAt } = link.asks;
    const { settings, turn } = this.#rooms;
    const { clock } = settings;
    if (dueAt === Infinity || !link.current) {
      this.#timers.stop('due');
      return;
    }
    const delayMs = Math.max(0, Math.ceil(dueAt - clock.monotonic()));
    this.#timers.start('due', delayMs, () =>
      turn.run(() => {
        const late = link.asks.expire(clock.monotonic());
        const { dialect } = link;
        if (late.length > 0) link.hooks.call(dialect, 'unconfirmed', () => dialect.unconfirmed?.(late, link));
        this.pump();
        this.arm();
      }),
    );
  }
}
