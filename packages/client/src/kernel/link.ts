/** One socket's conversation: what comes over it, what it is asked for, what stands. It dies with its socket. */
import type { Socket } from '../io/web-socket.js';
import { Asks } from './asks.js';
import type { Asked, Dialect, DialectLink, Facts, Fault, Pace, Quote, Unanswered, WireId } from './dialect.js';
import type { PriceStreamError } from './errors.js';
import type { Understanding } from './frames.js';
import type { Heartbeat, Instant } from './heartbeat.js';
import { Hooks, isKey, isVerdict } from './hooks.js';
import { Inbox } from './inbox.js';
import { missingError } from './missing-channels.js';
import { Outbox } from './outbox.js';
import { refill } from './pace.js';
import { Pulse } from './pulse.js';
import type { Life } from './life.js';
import { nextRequest, type Rooms } from './rooms.js';
import { hintMs, type Verdict } from './verdicts.js';

const defaultRetryMs = 5_000;

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
  readonly hooks: Hooks;
  readonly #outbox: Outbox;
  readonly #rooms: Rooms;
  readonly #life: Life;
  readonly #inbox: Inbox;
  readonly #pulse: Pulse;
  #greeted: Dialect | undefined;
  #wallNow = 0;
  #pace: Pace | undefined;

  constructor(rooms: Rooms, life: Life, id: number) {
    this.#rooms = rooms;
    this.#life = life;
    this.id = id;
    this.dialect = rooms.dialect;
    this.asks = new Asks(rooms.channels, (channel) => this.carry(channel));
    this.hooks = new Hooks(rooms.announcer, rooms.turn);
    this.#outbox = new Outbox(rooms, this);
    this.#inbox = new Inbox(rooms, life, this, this.hooks);
    this.#pulse = new Pulse(rooms, life, () => this.instant());
    // A lane without a socket asks for nothing.
    if (id > 0) this.#begin();
  }

  get clockOffsetMs(): number | null {
    return this.heartbeat?.clockOffsetMs ?? null;
  }

  get heartbeat(): Heartbeat | undefined {
    return this.#pulse.heartbeat;
  }

  get understanding(): Understanding {
    return this.#inbox.understanding;
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

  /** It has opened. A server that does not speak first may be spoken to. */
  opened(): void {
    this.lastFrameAt = this.#rooms.settings.clock.monotonic();
    if (this.dialect.greets === undefined) this.greeted();
    else this.hooks.call(this.dialect, 'waiting', () => this.dialect.waiting?.(this));
  }

  /** A frame came. */
  received(data: unknown): void {
    if (!this.live) return;
    this.lastFrameAt = this.#rooms.settings.clock.monotonic();
    this.#wallNow = 0;
    this.#inbox.take(data, this.lastFrameAt);
  }

  /** The socket is gone or let go: nothing of it counts any more. */
  ended(): void {
    this.live = false;
    this.up = false;
    this.#pulse.stop();
    this.#outbox.stop();
    this.hooks.call(this.dialect, 'lost', () => this.dialect.lost?.(this));
  }

  /** What the dialect says of a close. */
  verdict(code: number, reason: string): Verdict | undefined {
    return this.hooks.call(this.dialect, 'closed', () => this.dialect.closed?.(code, reason, this), isVerdict);
  }

  /** It is being left: the next one counts. */
  leave(): void {
    this.current = false;
    this.#pulse.stop();
    this.#outbox.stop();
  }

  price(quote: Quote, source: unknown, seq?: number): void {
    const { channel } = quote;
    if (!this.live || !this.hooks.isSound(this.dialect, channel, quote.price)) return;
    const { channels, prices, announcer } = this.#rooms;
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
    if (!this.live || !this.hooks.isSound(this.dialect, channel, 0)) return;
    const isEvent = this.hooks.call(this.dialect, 'isEvents', () => this.dialect.isEvents?.(channel)) === true;
    this.#rooms.channels.deliver(channel, isEvent, payload, data);
  }

  emit(event: string, payload: unknown): void {
    if (this.live) this.#rooms.announcer.emit(event, payload);
  }

  unknown(message: unknown): void {
    this.#inbox.meansNothing();
    this.#rooms.announcer.counters.unknown += 1;
    this.emit('unknown', message);
  }

  unwanted(channel?: string): void {
    this.#rooms.announcer.unasked(channel);
  }

  leftOut(fault: Fault): void {
    this.#inbox.leftOut(fault);
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
    const again = waitMs === undefined ? undefined : this.#rooms.settings.clock.monotonic() + waitMs;
    this.asks.refused(keys, id, error, again);
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
    if (!this.current) return;
    this.#pulse.answered(id, ts);
    this.#rooms.turn.changed();
  }

  greeted(): void {
    if (!this.current || !this.live || this.#greeted === this.dialect) return;
    const { dialect } = this;
    this.#greeted = dialect;
    this.up = true;
    this.#life.greeted(dialect.name);
    this.#pulse.begin(dialect, () => this.#outbox.pump());
    this.hooks.call(this.dialect, 'opened', () => dialect.opened?.(this));
    this.#life.everConnected = true;
    this.#outbox.pump();
    this.#rooms.turn.changed();
  }

  silent(): void {
    this.understanding.tellForeign();
  }

  speak(dialect: Dialect): void {
    if (dialect === this.dialect) return;
    const isOther = dialect.name !== this.dialect.name;
    this.dialect = dialect;
    if (this.#greeted !== undefined && !isOther) this.#greeted = dialect;
    if (isOther) this.#begin();
    this.#rooms.turn.changed();
  }

  moving(inMs: number, byMs: number): void {
    if (this.current && this.up) this.#life.moving(inMs || 0, byMs || 0);
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
    // A hook that is being called is heard anyway: one that pumps would be called for ever.
    if (this.current && !this.hooks.busy) this.#rooms.turn.run(() => this.#outbox.pump());
  }

  carry(channel: string): string | true | undefined {
    return this.hooks.call(this.dialect, 'carry', () => this.dialect.carry(channel), isKey);
  }

  /** Sends what is owed; where more time has passed than the heartbeat lets pass unseen, a probe goes ahead. */
  flush(): void {
    this.#pulse.probe(true);
    this.#outbox.pump();
  }

  /** A sign of life is wanted soon. */
  probe(): void {
    this.#pulse.probe(false);
    this.#outbox.pump();
  }

  /** Which of these cannot come in this dialect. */
  missing(channels: Iterable<string>): readonly string[] {
    return [...channels].filter((channel) => this.carry(channel) === undefined);
  }

  /** Now, and when the last frame came. */
  instant(): Instant {
    const { clock } = this.#rooms.settings;
    return { now: clock.monotonic(), wallNow: clock.now(), lastFrameAt: this.lastFrameAt };
  }

  /** What is wanted is owed in a dialect that has not asked for any of it. */
  #begin(): void {
    const { channels, cures, announcer } = this.#rooms;
    this.own = undefined;
    this.pace = this.dialect.pace;
    this.asks = new Asks(channels, (channel) => this.carry(channel));
    const names = [...channels.names];
    this.asks.want(names);
    channels.changed = undefined;
    // Who does not wait for `ready()` learns as well that a channel cannot come: once for a dialect, not at each reconnect.
    const { name, greets } = this.dialect;
    const missing = greets !== undefined || cures.toldFor === name ? [] : this.missing(names);
    if (greets === undefined) cures.toldFor = name;
    if (missing.length > 0) announcer.report(missingError(name, missing));
  }
}
