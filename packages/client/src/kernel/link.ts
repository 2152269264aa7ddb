/** One socket's conversation: what comes over it, what it is asked for, what stands. It dies with its socket. */
import type { Socket } from '../io/web-socket.js';
import { Asks } from './asks.js';
import type { Asked, Dialect, DialectLink, Facts, Fault, Pace, Quote, Unanswered, WireId } from './dialect.js';
import { PriceStreamError } from './errors.js';
import { invalidFrame, kindOf, parsed, sampleOf, textOf, Understanding, type InvalidEvent } from './frames.js';
import { Heartbeat, type Instant } from './heartbeat.js';
import { Hooks } from './hooks.js';
import { Outbox } from './outbox.js';
import { refill } from './pace.js';
import type { Life } from './life.js';
import { nextRequest, type Rooms } from './rooms.js';
import { Timers } from './timers.js';
import { hintMs, type Verdict } from './verdicts.js';

const defaultRetryMs = 5_000;

/** Says which channels a dialect does not have; of many the first three. */
export function missingError(dialect: string, channels: readonly string[]): PriceStreamError {
  const more = channels.length > 3 ? ` and ${channels.length - 3} more` : '';
  const names = channels.slice(0, 3).join(', ');
  return new PriceStreamError(
    'UNKNOWN_CHANNEL',
    `The ${dialect} dialect has no ${names}${more}. It takes another server.`,
  );
}

/** A link as the kernel has it. */
export class Link implements DialectLink {
  readonly id: number;
  dialect: Dialect;
  current = true;
  live = true;
  up = false;
  own: unknown;
  /** Monotonic: the last inbound frame, or the opening of the socket. */
  lastFrameAt = 0;
  socket: Socket | undefined;
  asks: Asks;
  readonly understanding: Understanding;
  readonly hooks: Hooks;
  /** From the greeting on. */
  heartbeat: Heartbeat | undefined;
  readonly #outbox: Outbox;
  readonly #rooms: Rooms;
  readonly #life: Life;
  readonly #timers: Timers<'heartbeat'>;
  #greeted: Dialect | undefined;
  /** The frame at hand, for what is said of it. */
  #data: unknown;
  #means = true;
  #wallNow = 0;
  #pace: Pace | undefined;

  constructor(rooms: Rooms, life: Life, id: number) {
    this.#rooms = rooms;
    this.#life = life;
    this.id = id;
    this.dialect = rooms.dialect;
    this.asks = new Asks(rooms.channels);
    this.understanding = new Understanding(rooms.announcer, rooms.cures, rooms.advice);
    this.hooks = new Hooks(rooms.announcer, rooms.turn);
    this.#outbox = new Outbox(rooms, this);
    this.#timers = new Timers(rooms.settings.clock);
    // A lane without a socket asks for nothing.
    if (id > 0) this.#begin();
  }

  get clockOffsetMs(): number | null {
    return this.heartbeat?.clockOffsetMs ?? null;
  }

  get unanswered(): Iterable<Unanswered> {
    return this.asks.unanswered.values();
  }

  get pace(): Pace | undefined {
    return this.#pace;
  }

  /** A budget starts full. */
  set pace(pace: Pace | undefined) {
    this.#pace = pace;
    if (pace !== undefined) refill(this.#rooms.paced, pace, this.#rooms.settings.clock.monotonic());
  }

  asked(key: string): Asked | undefined {
    return this.asks.get(key);
  }

  channels(key: string): Iterable<string> {
    return this.asks.channels(key);
  }

  request(): string {
    return nextRequest(this.#rooms);
  }

  // What happens to the socket.

  /** It has opened. A server that does not speak first may be spoken to. */
  opened(): void {
    this.lastFrameAt = this.#rooms.settings.clock.monotonic();
    const { dialect } = this;
    if (dialect.greets === undefined) this.greeted();
    else this.hooks.call(this.dialect, 'waiting', () => dialect.waiting?.(this));
  }

  /** A frame came. */
  received(data: unknown): void {
    const { settings, announcer } = this.#rooms;
    const { clock } = settings;
    if (!this.live) return;
    const { counters } = announcer;
    const now = clock.monotonic();
    this.lastFrameAt = now;
    this.#wallNow = 0;
    counters.messages += 1;
    const { dialect } = this;
    let message: unknown;
    let text: string | undefined;
    if (dialect.parse === undefined) {
      text = textOf(data);
      if (text !== undefined) {
        counters.bytes += text.length;
        message = parsed(text);
      }
    } else message = this.hooks.call(this.dialect, 'parse', () => dialect.parse?.(data));
    if (message === undefined) {
      this.#refuse(invalidFrame(data, text), now);
      return;
    }
    const outer = this.#data;
    this.#starts(data);
    let fault: Fault | undefined;
    try {
      fault = dialect.read(message, this) as Fault | undefined;
    } catch (cause) {
      this.hooks.slip(dialect, 'read', cause);
      fault = { path: '', reason: `${dialect.name}.read threw` };
    }
    if (fault === undefined) {
      this.understanding.good += 1;
      if (!this.understanding.known)
        if (this.#means) this.understanding.heard(message);
        else this.understanding.foreign(`a message of type '${kindOf(message)}'`);
    } else this.#refuse({ code: 'BAD_MESSAGE', ...fault, sample: this.#sample() }, now);
    this.#data = outer;
  }

  /** The socket is gone or let go: nothing of it counts any more. */
  ended(): void {
    this.live = false;
    this.up = false;
    this.#timers.stopAll();
    this.#outbox.stop();
    this.hooks.call(this.dialect, 'lost', () => this.dialect.lost?.(this));
  }

  /** What the dialect says of a close. */
  verdict(code: number, reason: string): Verdict | undefined {
    return this.hooks.call(this.dialect, 'closed', () => this.dialect.closed?.(code, reason, this));
  }

  /** It is being left: the next one counts. */
  leave(): void {
    this.current = false;
    this.#timers.stopAll();
    this.#outbox.stop();
  }

  // What its messages mean.

  price(quote: Quote, source: unknown, seq?: number): void {
    if (!this.live) return;
    const { channels, prices, announcer } = this.#rooms;
    const { channel } = quote;
    const handles = channels.handles(channel);
    if (handles === 0 && !channels.isWanted(channel)) {
      announcer.unasked(channel);
      // It may never be sent again: who asks for it later is to have it.
      prices.keep(quote, source);
      return;
    }
    // Read once for a frame, and not before what it has changed.
    this.#wallNow ||= this.#rooms.settings.clock.now();
    const tick = prices.accept(quote, source, seq, this.lastFrameAt, this.#wallNow);
    if (handles === 0) return;
    announcer.emit('price', tick);
    channels.deliver(channel, false, tick, (source as { data?: unknown } | null | undefined)?.data ?? source);
  }

  event(channel: string, payload: unknown, data: unknown = payload): void {
    if (!this.live) return;
    const isEvent = this.dialect.isEvents?.(channel) ?? false;
    this.#rooms.channels.deliver(channel, isEvent, payload, data);
  }

  emit(event: string, payload: unknown): void {
    if (this.live) this.#rooms.announcer.emit(event, payload);
  }

  unknown(message: unknown): void {
    this.#means = false;
    this.#rooms.announcer.counters.unknown += 1;
    this.emit('unknown', message);
  }

  unwanted(channel?: string): void {
    this.#rooms.announcer.unasked(channel);
  }

  leftOut(fault: Fault): void {
    this.emit('invalid', { code: 'BAD_MESSAGE', ...fault, sample: this.#sample() });
  }

  head(channel: string, seq: number): void {
    this.#rooms.prices.confirmHead(channel, seq);
  }

  answered(id: string): Unanswered | undefined {
    return this.asks.answered(id);
  }

  confirmed(key: string, id?: string): boolean {
    const isNews = this.asks.confirmed(key, id);
    if (isNews) this.#rooms.turn.changed();
    return isNews;
  }

  refused(keys: readonly string[], id: string, error: PriceStreamError, retryAfterMs?: unknown): void {
    const waitMs = error.retryable ? (hintMs(retryAfterMs) ?? defaultRetryMs) : undefined;
    this.asks.refused(
      keys,
      id,
      error,
      waitMs === undefined ? undefined : this.#rooms.settings.clock.monotonic() + waitMs,
    );
    this.#outbox.arm();
    this.#rooms.turn.changed();
  }

  forgive(key: string): void {
    this.asks.forgive(key);
  }

  report(error: PriceStreamError): void {
    this.#rooms.announcer.report(error);
    this.#rooms.turn.changed();
  }

  pong(id?: WireId, ts?: unknown): void {
    const heartbeat = this.heartbeat;
    if (heartbeat === undefined || !this.current) return;
    heartbeat.answered(this.instant(), id, ts);
    this.#rooms.prices.clockOffsetMs = heartbeat.clockOffsetMs ?? 0;
    if (heartbeat.rttMs === null) return;
    this.#life.show({ rttMs: heartbeat.rttMs });
    this.#rooms.turn.changed();
  }

  greeted(): void {
    if (!this.current || !this.live || this.#greeted === this.dialect) return;
    const { dialect } = this;
    const { settings, turn } = this.#rooms;
    const { heartbeat } = settings;
    const { minIdleMs = 0, pingEveryMs = Infinity, silenceMs } = dialect;
    this.#greeted = dialect;
    this.up = true;
    this.#life.greeted(dialect.name);
    const idleMs = Math.max(minIdleMs, heartbeat.idleMs);
    if (dialect.ping === undefined && silenceMs === undefined) this.#timers.stop('heartbeat');
    else
      this.heartbeat = new Heartbeat(
        { idleMs, pingEveryMs, timeoutMs: heartbeat.timeoutMs, silenceMs: dialect.ping ? undefined : silenceMs },
        this.instant(),
        (delayMs) => this.#timers.start('heartbeat', delayMs, () => this.#beat()),
      );
    this.hooks.call(this.dialect, 'opened', () => dialect.opened?.(this));
    this.#life.everConnected = true;
    this.#outbox.pump();
    turn.changed();
  }

  silent(): void {
    this.understanding.tellForeign();
  }

  speak(dialect: Dialect): void {
    if (dialect === this.dialect) return;
    const isOther = dialect.name !== this.dialect.name;
    this.dialect = dialect;
    if (this.#greeted !== undefined && !isOther) this.#greeted = dialect;
    if (!isOther) return;
    this.#begin();
    this.#rooms.turn.changed();
  }

  moving(inMs: number, byMs: number): void {
    if (this.current && this.up) this.#life.moving(inMs, byMs);
  }

  show(facts: Facts): void {
    if (!this.current || !this.up) return;
    this.#life.show(facts);
    this.#rooms.turn.changed();
  }

  drop(error: PriceStreamError): void {
    if (!this.current || !this.live) return;
    this.#life.lost(error, {}, false, 'dropped');
    this.#rooms.turn.changed();
  }

  pump(): void {
    if (this.current) this.#rooms.turn.run(() => this.#outbox.pump());
  }

  // What the user's wishes do to it.

  /** Somebody wants channels. */
  want(channels: readonly string[]): void {
    this.asks.want(channels, (channel) => this.carry(channel));
  }

  /** What is wanted of channels may be another. */
  look(channels: readonly string[]): void {
    this.asks.look(channels, (channel) => this.carry(channel));
  }

  release(channels: readonly string[]): void {
    this.asks.release(channels, (channel) => this.carry(channel));
  }

  carry(channel: string): string | true | undefined {
    return this.hooks.call(this.dialect, 'carry', () => this.dialect.carry(channel));
  }

  /** Sends what is owed; where more time has passed than the heartbeat lets pass unseen, a probe goes ahead. */
  flush(): void {
    if (this.heartbeat?.isOverdue(this.instant()) === true) this.heartbeat.probe(this.instant());
    this.#outbox.pump();
  }

  /** A sign of life is wanted soon. */
  probe(): void {
    this.heartbeat?.probe(this.instant());
    this.#outbox.pump();
  }

  woke(): void {
    this.hooks.call(this.dialect, 'woke', () => this.dialect.woke?.(this));
  }

  /** Which of these cannot come in this dialect. */
  missing(channels: Iterable<string>): readonly string[] {
    return [...channels].filter((channel) => this.carry(channel) === undefined);
  }

  /** Whether nothing is missing that the link before it carried. */
  carries(leaving: DialectLink): boolean {
    const { dialect } = this;
    if (this.hooks.call(this.dialect, 'busy', () => dialect.busy?.(this, leaving)) === true) return false;
    for (const channel of this.#rooms.channels.names) {
      const key = this.carry(channel);
      if (typeof key !== 'string') continue;
      const status = this.asks.get(key)?.status;
      // Servers that never vouch need not answer; one that should and did not carries nothing yet.
      const stands = status === 'confirmed' || status === 'refused' || (status === 'unconfirmed' && !dialect.vouches);
      if (!stands) return false;
    }
    return true;
  }

  /** Now, and when the last frame came. */
  instant(): Instant {
    const { clock } = this.#rooms.settings;
    return { now: clock.monotonic(), wallNow: clock.now(), lastFrameAt: this.lastFrameAt };
  }

  // Inside.

  /** What is wanted is owed in a dialect that has not asked for any of it. */
  #begin(): void {
    const { channels, cures, announcer } = this.#rooms;
    this.own = undefined;
    this.pace = this.dialect.pace;
    this.asks = new Asks(channels);
    const names = [...channels.names];
    this.want(names);
    channels.changed = undefined;
    // Who does not wait for `ready()` learns as well that a channel cannot come: once for a dialect, not at each reconnect.
    const { name, greets } = this.dialect;
    if (greets !== undefined || cures.toldFor === name) return;
    cures.toldFor = name;
    const missing = this.missing(names);
    if (missing.length > 0) announcer.report(missingError(this.dialect.name, missing));
  }

  #beat(): void {
    this.#rooms.turn.run(() => {
      const heartbeat = this.heartbeat;
      if (heartbeat === undefined || !this.up) return;
      if (heartbeat.fired(this.instant()) === 'dead') {
        const message = 'The other side stopped answering.';
        const error = new PriceStreamError('HEARTBEAT_TIMEOUT', message, { retryable: true });
        this.#life.lost(error, {}, false, 'heartbeat_timeout');
        return;
      }
      this.#life.show({ mute: heartbeat.mute });
      this.#outbox.pump();
    });
  }

  #starts(data: unknown): void {
    this.#data = data;
    this.#means = true;
  }

  #sample(): string {
    const text = textOf(this.#data);
    return text === undefined ? '' : sampleOf(text);
  }

  #refuse(event: InvalidEvent, now: number): void {
    this.#rooms.announcer.counters.invalid += 1;
    this.emit('invalid', event);
    if (!this.live || !this.current) return;
    this.#rooms.turn.run(() => {
      const error = this.understanding.refused(event, now);
      if (error !== undefined && this.live) this.#life.lost(error, {}, false, 'bad_messages');
    });
  }
}
