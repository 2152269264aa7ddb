/** What goes out over one socket: the most urgent first, while the budget lasts. */
import type { Socket } from '../io/web-socket.js';
import type { Asks } from './asks.js';
import type { Ask, DialectLink } from './dialect.js';
import { PriceStreamError } from './errors.js';
import { Heartbeat, type Instant } from './heartbeat.js';
import { isText, sound, type Answer, type Given, type Hook } from './hooks.js';
import { spend, waitOf } from './pace.js';
import type { Rooms } from './rooms.js';
import type { Timers } from './timers.js';

/** Frames that go out in one turn. */
const mostAtOnce = 100;
/** What a hook may give in a row: one that always has something urgent lets nothing else out. */
const most = { urgent: 100, owed: 10_000 };
const forEver = 'It gives frames for ever.';
const defaultAckMs = 5_000;

/** A link, as far as its frames depend on it. */
interface Sender extends DialectLink {
  readonly asks: Asks;
  readonly socket: Socket | undefined;
  readonly timers: Timers<'pace' | 'due' | 'heartbeat'>;
  instant(): Instant;
  drop(error: PriceStreamError, why?: string): void;
  hook<Name extends Hook>(name: Name, ...given: Given<Name>): Answer<Name> | undefined;
}

/** The outgoing side of one link. */
export class Outbox {
  /** From the greeting on it is looked at whether the other side is still there. */
  heartbeat: Heartbeat | undefined;
  readonly #rooms: Rooms;
  readonly #link: Sender;
  /** Frames in a row by hook; above its bound it is asked no more. */
  readonly #row = { urgent: 0, ask: 0, owed: 0 };
  #pings = true;
  /** Whether an ask of this pump was none. */
  #asksWrong = false;

  constructor(rooms: Rooms, link: Sender) {
    this.#rooms = rooms;
    this.#link = link;
  }

  /** Frames may go out in what is spoken. */
  begin(): void {
    const link = this.#link;
    const { minIdleMs, pingEveryMs, silenceMs } = link.dialect;
    const pings = link.dialect.ping !== undefined;
    const { idleMs, timeoutMs } = this.#rooms.settings.heartbeat;
    link.timers.stop('heartbeat');
    // What is no number starts no timer.
    if (!pings && !silenceMs) return;
    this.heartbeat = new Heartbeat(
      {
        idleMs: Math.max(minIdleMs || 0, idleMs),
        pingEveryMs: pingEveryMs || Infinity,
        timeoutMs,
        silenceMs: pings ? undefined : silenceMs,
      },
      link.instant(),
      (delayMs) => this.#after('heartbeat', delayMs, () => this.#beat()),
    );
  }

  /** Sends what is owed. @param woke a sign of life is asked for ahead of it, however lately one came */
  flush(woke: boolean): void {
    const { heartbeat } = this;
    const at = this.#link.instant();
    // Where more time has passed than the heartbeat lets pass unseen, the machine has slept.
    if (woke || heartbeat?.isOverdue(at) === true) heartbeat?.probe(at);
    this.pump();
  }

  /** Sends what is owed, the most urgent first, while the budget lasts. Frames are never queued. */
  pump(): void {
    const { up, current } = this.#link;
    if (!up || !current) return;
    this.#asksWrong = false;
    for (let left = mostAtOnce; this.#sendOne(left > 0); ) left -= 1;
    this.arm();
  }

  /** Starts the timer of what time has to say of the asks. */
  arm(): void {
    const link = this.#link;
    const { asks, current, timers } = link;
    const { dueAt } = asks;
    timers.stop('due');
    if (dueAt === Infinity || !current) return;
    this.#after('due', dueAt - this.#rooms.now(), () => {
      const late = link.asks.expire(this.#rooms.now());
      if (late.length > 0) link.hook('unconfirmed', late, link);
      this.pump();
      this.arm();
    });
  }

  #after(name: 'pace' | 'due' | 'heartbeat', delayMs: number, task: () => void): void {
    this.#link.timers.start(name, delayMs, () => this.#rooms.turn.run(task));
  }

  #beat(): void {
    const link = this.#link;
    if (this.heartbeat?.fired(link.instant()) === 'dead') {
      const error = new PriceStreamError('HEARTBEAT_TIMEOUT', 'The other side stopped answering.', { retryable: true });
      link.drop(error, 'heartbeat_timeout');
      return;
    }
    this.#rooms.life.show({ mute: this.heartbeat?.mute === true });
    this.pump();
  }

  /** @param mayGo else the page has its turn first @returns whether to go on */
  #sendOne(mayGo: boolean): boolean {
    const { paced, counters } = this.#rooms;
    const link = this.#link;
    // A socket that answers before it returns may have ended the link.
    if (!link.up) return false;
    const now = this.#rooms.now();
    const waitMs = mayGo ? waitOf(paced, link.pace, now) : 0;
    // Who waits in between keeps to the budget.
    if (waitMs > 0 && this.#row.owed < most.owed) this.#row.owed = 0;
    if (!mayGo || waitMs > 0) {
      this.#after('pace', waitMs, () => this.pump());
      return false;
    }
    // The most urgent frame that is owed.
    const text = this.#given('urgent') ?? this.#ping() ?? this.#ask(now) ?? this.#given('owed');
    if (text === undefined) return false;
    spend(paced, link.pace, now);
    if (link.socket?.send(text) === true) counters.sent += 1;
    return true;
  }

  /** What one of the two gives, as long as it ends. */
  #given(hook: 'urgent' | 'owed'): string | undefined {
    const link = this.#link;
    const { dialect } = link;
    const row = this.#row[hook];
    if (row > most[hook]) return undefined;
    const text = this.#text(hook, link.hook(hook, link));
    this.#row[hook] = text === undefined ? 0 : row + 1;
    if (text === undefined || row < most[hook]) return text;
    this.#rooms.slip(dialect, hook, forEver);
    return undefined;
  }

  #ping(): string | undefined {
    const link = this.#link;
    const { dialect } = link;
    const { heartbeat } = this;
    if (heartbeat?.queued !== true || dialect.ping === undefined || !this.#pings) return undefined;
    const id = link.request();
    const text = this.#text('ping', link.hook('ping', id, link));
    // Without a ping there is no answer to wait for.
    if (text === undefined) this.#pings = false;
    else heartbeat.sent(id, link.instant());
    return text;
  }

  #ask(now: number): string | undefined {
    const link = this.#link;
    const { dialect, asks } = link;
    const signature = (key: string): string => link.hook('signature', key, link) ?? '';
    if (this.#asksWrong) return undefined;
    const id = `r${this.#rooms.requests + 1}`;
    const ask = link.hook('ask', asks.work(signature), id, link);
    if (ask?.own !== true) this.#row.ask = 0;
    if (ask === undefined) return undefined;
    const wrong = this.#wrongOf(ask);
    const text = wrong === undefined ? this.#text('ask', ask.frame) : undefined;
    if (text === undefined) {
      // Asked again at once, it would give the same.
      this.#asksWrong = true;
      if (wrong !== undefined) this.#rooms.slip(dialect, 'ask', wrong);
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

  /** A frame that a hook has given, as text; `undefined` for one that is none. */
  #text(hook: string, frame: unknown): string | undefined {
    const { dialect } = this.#link;
    if (frame === undefined) return undefined;
    try {
      // `null` is no frame, and nothing that could be looked into.
      return JSON.stringify(this.#rooms.checked(dialect, hook, frame ?? 0, sound['frame']));
    } catch (cause) {
      this.#rooms.slip(dialect, hook, cause);
      return undefined;
    }
  }
}
