/** What goes out over one socket: the most urgent first, while the budget lasts. */
import type { Socket } from '../io/web-socket.js';
import type { Asks } from './asks.js';
import type { Ask, DialectLink } from './dialect.js';
import type { Heartbeat, Instant } from './heartbeat.js';
import { isFrame, isText, type Hooks } from './hooks.js';
import { spend, waitOf } from './pace.js';
import type { Rooms } from './rooms.js';
import { Timers } from './timers.js';

/** Frames that go out in one turn. */
const mostAtOnce = 100;
/** What a hook may give in a row: one that always has something urgent lets nothing else out. */
const most = { urgent: 100, owed: 10_000 };
const forEver = 'It gives frames for ever.';
const defaultAckMs = 5_000;

/** A link, as far as its frames depend on it. */
export interface Sender extends DialectLink {
  readonly asks: Asks;
  readonly heartbeat: Heartbeat | undefined;
  readonly hooks: Hooks;
  readonly socket: Socket | undefined;
  instant(): Instant;
}

/** The outgoing side of one link. */
export class Outbox {
  readonly #rooms: Rooms;
  readonly #link: Sender;
  readonly #timers: Timers<'pace' | 'due'>;
  /** Frames in a row by hook; above its bound it is asked no more. */
  readonly #row = { urgent: 0, ask: 0, owed: 0 };
  #pings = true;
  /** Whether an ask of this pump was none. */
  #asksWrong = false;

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
    this.#asksWrong = false;
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
    // Who waits in between keeps to the budget.
    if (waitMs > 0 && this.#row.owed < most.owed) this.#row.owed = 0;
    if (!mayGo || waitMs > 0) {
      this.#timers.start('pace', waitMs, () => turn.run(() => this.pump()));
      return false;
    }
    const text = this.#next(now);
    if (text === undefined) return false;
    spend(paced, link.pace, now);
    if (link.socket?.send(text) === true) announcer.counters.sent += 1;
    return true;
  }

  /** The most urgent frame that is owed, as text. */
  #next(now: number): string | undefined {
    return this.#given('urgent') ?? this.#ping() ?? this.#ask(now) ?? this.#given('owed');
  }

  /** What one of the two gives, as long as it ends. */
  #given(hook: 'urgent' | 'owed'): string | undefined {
    const link = this.#link;
    const { dialect } = link;
    const row = this.#row[hook];
    if (row > most[hook]) return undefined;
    const text = this.#text(hook, () => dialect[hook]?.(link));
    this.#row[hook] = text === undefined ? 0 : row + 1;
    if (text === undefined || row < most[hook]) return text;
    link.hooks.slip(dialect, hook, forEver);
    return undefined;
  }

  #ping(): string | undefined {
    const link = this.#link;
    const { dialect, heartbeat } = link;
    if (heartbeat?.queued !== true || dialect.ping === undefined || !this.#pings) return undefined;
    const id = link.request();
    const text = this.#text('ping', () => dialect.ping?.(id, link) ?? 0);
    // Without a ping there is no answer to wait for.
    if (text === undefined) this.#pings = false;
    else heartbeat.sent(id, link.instant());
    return text;
  }

  #ask(now: number): string | undefined {
    const link = this.#link;
    const { dialect, hooks, asks } = link;
    const signature = (key: string): string =>
      hooks.call(dialect, 'signature', () => dialect.signature?.(key, link), isText) ?? '';
    if (dialect.ask === undefined || this.#asksWrong) return undefined;
    const id = `r${this.#rooms.requests + 1}`;
    const ask = hooks.call(dialect, 'ask', () => dialect.ask?.(asks.work(signature), id, link));
    if (ask?.own !== true) this.#row.ask = 0;
    if (ask === undefined) return undefined;
    const wrong = this.#wrongOf(ask);
    const text = wrong === undefined ? this.#text('ask', () => ask.frame) : undefined;
    if (text === undefined) {
      // Asked again at once, it would give the same.
      this.#asksWrong = true;
      if (wrong !== undefined) hooks.slip(dialect, 'ask', wrong);
      return undefined;
    }
    link.asks.sent(ask, id, now + (dialect.ackMs ?? defaultAckMs), signature);
    this.#rooms.requests += 1;
    return text;
  }

  #wrongOf(ask: Ask): string | undefined {
    const { asks } = this.#link;
    const { asked = [], gone = [], frame, own = false } = ask;
    const keys: readonly string[] = [asked, gone].flat();
    if (frame === undefined || keys.length === 0 || !keys.every(isText) || !Array.isArray(asked))
      return 'It gave no frame, or named no key.';
    if (asked.length > 0 && gone.length > 0) return 'One frame either asks or lets go.';
    const stranger = own ? undefined : keys.find((key) => !asks.isKnown(key));
    if (stranger !== undefined) return `Nobody wants '${stranger.slice(0, 80)}'.`;
    if (!asks.isNews(ask)) return 'It asks again for what it has asked for.';
    return own && (this.#row.ask += 1) > most.urgent ? forEver : undefined;
  }

  /** A frame that a hook gives, as text; `undefined` for one that is none. */
  #text(hook: string, give: () => unknown): string | undefined {
    const { dialect, hooks } = this.#link;
    const frame = hooks.call(dialect, hook, give, isFrame);
    return frame === undefined ? undefined : hooks.call(dialect, hook, () => JSON.stringify(frame));
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
