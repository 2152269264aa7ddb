/** One socket's conversation: what comes over it, what it is asked for, what stands. It dies with its socket. */
import type { Socket } from '../io/web-socket.js';
import { Asks } from './asks.js';
import type { Asked, Dialect, DialectLink, Facts, Fault, Pace, Quote, Unanswered, WireId } from './dialect.js';
import { missingError, type PriceStreamError } from './errors.js';

import type { Instant } from './heartbeat.js';
import { isText, type Answer, type Given, type Hook } from './hooks.js';
import { Inbox } from './inbox.js';
import { Outbox } from './outbox.js';
import { refill } from './pace.js';
import type { Rooms } from './rooms.js';
import { Timers } from './timers.js';
import { hintMs } from './verdicts.js';

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
  readonly inbox: Inbox;
  readonly timers: Timers<'pace' | 'due' | 'heartbeat'>;
  readonly #outbox: Outbox;
  readonly #rooms: Rooms;
  #greeted: Dialect | undefined;
  #wallNow = 0;
  #pace: Pace | undefined;

  constructor(rooms: Rooms, id: number, dialect = rooms.dialect) {
    this.#rooms = rooms;
    this.id = id;
    this.dialect = dialect;
    this.asks = new Asks(rooms.channels, (channel) => this.carry(channel));
    this.timers = new Timers(rooms.clock);
    this.inbox = new Inbox(rooms, this);
    this.#outbox = new Outbox(rooms, this);
    // A lane without a socket asks for nothing.
    if (id > 0) this.#begin();
  }

  get clockOffsetMs(): number | null {
    return this.#outbox.heartbeat?.clockOffsetMs ?? null;
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
    if (pace !== undefined) refill(this.#rooms.paced, pace, this.#rooms.now());
  }

  asked(key: string): Asked | undefined {
    return this.asks.get(key);
  }

  channels(key: string): Iterable<string> {
    return this.asks.channels(key);
  }

  request(): string {
    return this.#rooms.request();
  }

  /** Calls a hook of what is spoken. */
  hook<Name extends Hook>(name: Name, ...given: Given<Name>): Answer<Name> | undefined {
    return this.#rooms.call(this.dialect, name, ...given);
  }

  /** It has opened. A server that does not speak first may be spoken to. */
  opened(): void {
    this.lastFrameAt = this.#rooms.now();
    if (this.dialect.greets === undefined) this.greeted();
    else this.hook('waiting', this);
  }

  /** A frame came. */
  received(data: unknown): void {
    if (!this.live) return;
    this.lastFrameAt = this.#rooms.now();
    this.#wallNow = 0;
    this.inbox.take(data);
  }

  /** The socket is gone or let go: nothing of it counts any more. */
  ended(): void {
    this.live = false;
    this.up = false;
    this.timers.stopAll();
    this.hook('lost', this);
  }

  /** It is being left: the next one counts. */
  leave(): void {
    this.current = false;
    this.timers.stopAll();
  }

  price(quote: Quote, source: unknown, seq?: number): void {
    const { channel } = quote;
    if (!this.#isSound(channel, quote.price)) return;
    const rooms = this.#rooms;
    const { channels, prices } = rooms;
    const handles = channels.handles(channel);
    const isWanted = handles > 0 || channels.isWanted(channel);
    // It may never be sent again: who asks for it later is to have it.
    if (!isWanted) rooms.unasked(channel);
    // Read once for a frame, and not before what it has changed.
    this.#wallNow ||= rooms.wallNow();
    const tick = prices.accept(quote, source, seq, this.lastFrameAt, this.#wallNow, isWanted);
    if (handles === 0) return;
    rooms.emit('price', tick);
    channels.deliver(channel, false, tick);
  }

  event(channel: string, payload: unknown): void {
    if (!this.#isSound(channel, 0)) return;
    this.#rooms.channels.deliver(channel, this.hook('isEvents', channel) === true, payload);
  }

  emit(event: string, payload: unknown): void {
    if (this.live) this.#rooms.emit(event, payload);
  }

  unknown(message: unknown): void {
    this.inbox.unknown(message);
  }

  unwanted(channel?: string): void {
    this.#rooms.unasked(channel);
  }

  leftOut(fault: Fault): void {
    this.inbox.leftOut(fault);
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
    const waitMs = hintMs(retryAfterMs) ?? defaultRetryMs;
    this.asks.refused(keys, id, error, error.retryable ? this.#rooms.now() + waitMs : undefined);
    this.#outbox.arm();
    this.#rooms.turn.changed();
  }

  forgive(key: string): void {
    this.asks.forgive(key);
  }

  report(error: PriceStreamError): void {
    this.#rooms.report(error);
  }

  pong(id?: WireId, ts?: unknown): void {
    const { heartbeat } = this.#outbox;
    if (!this.current || heartbeat === undefined) return;
    heartbeat.answered(this.instant(), id, ts);
    this.#rooms.prices.clockOffsetMs = heartbeat.clockOffsetMs ?? 0;
    if (heartbeat.rttMs !== null) this.#show({ rttMs: heartbeat.rttMs });
  }

  greeted(): void {
    const { dialect } = this;
    const { life } = this.#rooms;
    if (!this.current || !this.live || this.#greeted === dialect) return;
    this.#greeted = dialect;
    this.up = true;
    life.greeted(dialect.name);
    this.#outbox.begin();
    this.hook('opened', this);
    life.everConnected = true;
    this.#outbox.pump();
    this.#rooms.turn.changed();
  }

  silent(): void {
    this.inbox.tellForeign();
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
    if (this.current && this.up) this.#rooms.life.moving(inMs || 0, byMs || 0);
  }

  show(facts: Facts): void {
    if (this.current && this.up) this.#show(facts);
  }

  drop(error: PriceStreamError, why = 'dropped'): void {
    if (!this.current || !this.live) return;
    this.#rooms.life.lost(error, {}, false, why);
    this.#rooms.turn.changed();
  }

  pump(): void {
    // A hook that is being called is heard anyway: one that pumps would be called for ever.
    if (this.current && !this.#rooms.hooked) this.#rooms.turn.run(() => this.#outbox.pump());
  }

  carry(channel: string): string | true | undefined {
    return this.hook('carry', channel);
  }

  /** Sends what is owed. @param woke a sign of life is asked for ahead of it, however lately one came */
  flush(woke = false): void {
    this.#outbox.flush(woke);
  }

  /** Which of these cannot come in this dialect. */
  missing(channels: Iterable<string>): readonly string[] {
    return [...channels].filter((channel) => this.carry(channel) === undefined);
  }

  /** Now, and when the last frame came. */
  instant(): Instant {
    return { now: this.#rooms.now(), wallNow: this.#rooms.wallNow(), lastFrameAt: this.lastFrameAt };
  }

  #show(facts: Parameters<Rooms['life']['show']>[0]): void {
    this.#rooms.life.show(facts);
    this.#rooms.turn.changed();
  }

  /** Whether the link counts, and a frame was read as what it can mean. */
  #isSound(channel: unknown, price: unknown): boolean {
    const isSound = isText(channel) && Number.isFinite(price);
    if (this.live && !isSound) this.#rooms.slip(this.dialect, 'read', 'A channel is a text, a price a finite number.');
    return this.live && isSound;
  }

  /** What is wanted is owed in a dialect that has not asked for any of it. */
  #begin(): void {
    const { channels, cures } = this.#rooms;
    this.own = undefined;
    this.pace = this.dialect.pace;
    this.asks = new Asks(channels, (channel) => this.carry(channel));
    this.asks.want(channels);
    channels.changed = undefined;
    // Who does not wait for `ready()` learns as well that a channel cannot come: once for a dialect, not at each reconnect.
    const { name, greets } = this.dialect;
    if (greets !== undefined || cures.toldFor === name) return;
    cures.toldFor = name;
    const missing = this.missing(channels);
    if (missing.length > 0) this.report(missingError(name, missing));
  }
}
