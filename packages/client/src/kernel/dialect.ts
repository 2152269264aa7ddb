/**
 * The seam between the kernel and what it speaks. A dialect says how a channel is asked for and what a frame means; the kernel
 * does the rest: dialling, back-off, heartbeat, budget, who wants what, what stands, how old a price is.
 */
import type { Clock } from '../io/clock.js';
import type { PriceStreamError } from './errors.js';
import type { LifeState } from './life-state.js';
import type { Counters } from './statistics.js';
import type { Timers } from './timers.js';
import type { Verdict } from './verdicts.js';

/** What is known of one price; keys that the feed does not give are left out. */
export interface Quote {
  channel: string;
  /** The name of what is quoted, as a text. */
  id: string;
  price: number;
  /** Absolute, in the price's currency. */
  change?: number;
  /** In percent. */
  changePercent?: number;
  high?: number;
  low?: number;
  marketCap?: number;
  volume24h?: number;
  currency?: string;
  /** What one price is for: `gram`, `ounce`. */
  unit?: string;
  /** The sender's time, ISO 8601; `undefined` where it gives none. None is invented. */
  timestamp: string | undefined;
  /** There when the sender itself calls the price stale. */
  freshness?: 'stale';
}

/** An id as it stands in a message; older servers leave it out. */
export type WireId = string | number | null | undefined;

/** One condition of a filter; what it means is the dialect's. */
export type Condition = Readonly<Record<string, unknown>>;

/** What is wanted of a channel by all who hold it: the smallest interval, a filter only if all agree. */
export interface Desired {
  /** Whether somebody holds it; else it lingers. */
  readonly held: boolean;
  readonly minIntervalMs?: number;
  readonly filter?: readonly Condition[];
}

/** How fast frames may go out: at most `count` in any rolling `windowMs`, or bursts of `burst`, refilled evenly. */
export type Pace =
  | { readonly count: number; readonly windowMs: number }
  | { readonly burst: number; readonly perMinute: number };

/** What a server has been asked for under one key. */
export interface Asked {
  readonly status: 'asked' | 'confirmed' | 'unconfirmed' | 'refused' | 'deferred';
  /** The request that asked last; an answer to an older one says nothing. */
  readonly id: string;
  /** What was asked for, as text. */
  readonly signature: string;
  /** Why it was refused. */
  readonly error?: PriceStreamError;
  /** `deferred`: not before this monotonic instant. */
  readonly notBefore?: number;
}

/** A request that has gone out and has not been answered. */
export interface Unanswered {
  readonly id: string;
  readonly keys: readonly string[];
  /** Whether it lets the keys go. */
  readonly gone: boolean;
}

/** Keys of which the server may have to be told; each is looked at when it is read. */
export interface Work {
  /** Nobody wants them any more. */
  readonly gone: Iterable<string>;
  /** Wanted, and not asked for as they are wanted. */
  readonly owed: Iterable<string>;
}

/** The next subscription frame, and the keys that it asks for or lets go. */
export interface Ask {
  /** An object, a list or a text; goes out as JSON. */
  readonly frame: unknown;
  /** Some of them are owed. */
  readonly asked?: readonly string[];
  readonly gone?: readonly string[];
  /** The keys are the dialect's own wish: nobody need want them. @default false */
  readonly own?: boolean;
}

/** A frame that is not what it claims to be. */
export interface Fault {
  /** The value at fault, dotted; `""` is the whole frame. */
  readonly path: string;
  readonly reason: string;
}

/** Says what a message means, by calling the link; gives what is wrong with it, where it is none. */
export type Reader =
  | ((message: unknown, link: DialectLink) => Fault | undefined)
  | ((message: unknown, link: DialectLink) => void);

/** Fields of a connection that a dialect may show. */
export interface Facts {
  readonly authenticated?: boolean;
}

/** One socket as a dialect sees it. Its methods are the meanings that a frame can have. */
export interface DialectLink {
  /** Number of the socket, from 1. */
  readonly id: number;
  /** Whether frames may go out: the server has greeted, or need not. */
  readonly up: boolean;
  /** Whether this is the socket that counts from now on; of one that is being left, only what is late comes. */
  readonly current: boolean;
  /** Whether what comes still counts: a listener may have closed the stream. */
  readonly live: boolean;
  /** What the dialect speaks on it. */
  readonly dialect: Dialect;
  /** The dialect's own state of this socket. */
  own: unknown;
  /** The budget from now on; starts full. @default the dialect's `pace` */
  pace: Pace | undefined;
  /** The server's clock minus ours in ms; `null` where it cannot be known. */
  readonly clockOffsetMs: number | null;
  /** Requests that have not been answered, the oldest first. */
  readonly unanswered: Iterable<Unanswered>;
  asked(key: string): Asked | undefined;
  /** The channels that are wanted under a key. */
  channels(key: string): Iterable<string>;
  /** A number for a request, never used twice by a stream. */
  request(): string;

  /** A price. One of a channel that nobody asked for is kept, and counted as unwanted. */
  price(quote: Quote, source: unknown, seq?: number): void;
  /** A message of a channel, for those who hold it. */
  event(channel: string, payload: unknown): void;
  /** An event of the stream by its name, for those who listen to it. */
  emit(event: string, payload: unknown): void;
  /** A message of a kind that the dialect does not know. */
  unknown(message: unknown): void;
  /** A message that nobody asked for came. */
  unwanted(channel?: string): void;
  /** A part of the frame is left out, and the rest used. */
  leftOut(fault: Fault): void;
  /** The server says where its head is: a price that is the head is as fresh as it gets. */
  head(channel: string, seq: number): void;
  /** A request has been answered, whatever the answer was; the oldest if none is named. */
  answered(id: string): Unanswered | undefined;
  /** What was asked for under a key stands. @returns whether that is news */
  confirmed(key: string, id?: string): boolean;
  /** What was asked for is refused, for good or, where `error.retryable`, for a while. @param id `''`: it is not even asked for */
  refused(keys: readonly string[], id: string, error: PriceStreamError, retryAfterMs?: unknown): void;
  /** A refusal is no longer one: the key is asked for again. */
  forgive(key: string): void;
  /** What goes wrong and is no lost network. */
  report(error: PriceStreamError): void;
  /** A sign of life that answers a ping. @param id as it was sent @param ts the server's clock, epoch ms */
  pong(id?: WireId, ts?: unknown): void;
  /** Frames may go out from now on. */
  greeted(): void;
  /** The server had its time to speak: what it has sent so far is all there is to judge it by. */
  silent(): void;
  /** From now on the socket is spoken to in another dialect, which asks for everything anew. */
  speak(dialect: Dialect): void;
  /** The server goes away: another socket is opened in `inMs`, and this one is used up to `byMs`. */
  moving(inMs: number, byMs: number): void;
  show(facts: Facts): void;
  /** Sends what is owed, once the frame at hand has been read. */
  pump(): void;
  /** Gives the socket up: a new connection is tried. */
  drop(error: PriceStreamError): void;
}

/** What of a stream outlives its sockets, for dialects that remember. */
export interface DialectHost {
  readonly clock: Clock;
  readonly timers: Timers<string>;
  readonly counters: Counters;
  /** The socket that counts. */
  readonly link: DialectLink | undefined;
  random(): number;
  /** Retries wait like this: `min + random × …`, for the `n`th in a row. */
  backoffMs(n: number): number;
  /** What is wanted of a channel, held or lingering. */
  wanted(channel: string): Desired | undefined;
  isWanted(channel: string): boolean;
  /** All channels that are wanted, the first first. */
  readonly channels: Iterable<string>;
  /** Whether somebody listens to the event. */
  listens(event: string): boolean;
  report(error: PriceStreamError): void;
  /** The stream fails: nothing reconnects before the next `connect`. */
  fail(error: PriceStreamError): void;
  emit(event: string, payload: unknown): void;
  /** A number for a request, never used twice by a stream. */
  request(): string;
  /** The connection as it is now. */
  readonly state: LifeState;
  /** Why nothing comes before the next `connect`; `undefined` while something may. */
  readonly ending: PriceStreamError | undefined;
  /** Connects, if nothing has yet; else what is owed goes out. */
  need(): void;
  /** Runs a task after what runs now. */
  inTurn(task: () => void): void;
  /** The channel is asked for anew on this connection, unless that is under way. */
  resubscribe(channel: string): void;
}

/**
 * How one kind of server is spoken to. A plain object; only `name`, `carry`, `ask` and `read` are needed.
 *
 * @typeParam Channels what each channel delivers, by its name; keys may be template literals @default a tick for any name
 * @typeParam Events further events of the stream with their payloads
 */
export interface Dialect<Channels extends object = object, Events extends object = object> {
  /** Shown as `connection.dialect`. */
  readonly name: string;
  /** The key under which the server is asked for a channel; `true` where it comes by itself, `undefined` where it cannot come. */
  carry(channel: string): string | true | undefined;
  /** The next subscription frame that is owed. It is asked again until it gives none, as the budget allows. */
  ask?(work: Work, id: string, link: DialectLink): Ask | undefined;
  /** Says what a message means, by calling the link. @returns what is wrong with it, where it is none. Throwing drops the frame. */
  readonly read: Reader;
  /** Reads a frame. @returns `undefined` for what it is not made of @default a text of up to 1 MiB through `JSON.parse` */
  parse?(data: unknown): unknown;
  /** What the server says first, where it speaks first: the connection is up once `link.greeted()` is called. */
  readonly greets?: string;
  /** Whether a first message proves that the server speaks this. */
  readonly proves?: (message: unknown) => boolean;
  /** Whether each message of a channel counts, and none may stand for those before. @default every channel is a value */
  isEvents?(channel: string): boolean;
  /** Whether the server confirms old prices; else an old one is only as good as the link. */
  readonly vouches?: boolean;
  /** What is asked for under a key, as text: when it changes, the key is asked for anew. @default '' */
  signature?(key: string, link: DialectLink): string;
  /** How long an answer to a subscription may take before it stands unconfirmed; 0: none ever comes. @default 5000 */
  readonly ackMs?: number;
  /** @default no limit */
  readonly pace?: Pace;
  /** The frame of a ping. @default none is sent, and silence alone ends no connection */
  ping?(id: string, link: DialectLink): unknown;
  /** Silence before a ping is at least so long. */
  readonly minIdleMs?: number;
  /** A ping goes out at least so often, silence or not. */
  readonly pingEveryMs?: number;
  /** Silence of so long ends the connection, where there is no ping. */
  readonly silenceMs?: number;
  /** The socket is open, and the server has to greet. */
  waiting?(link: DialectLink): void;
  /** A connection is up, or it is spoken to in another dialect. */
  opened?(link: DialectLink): void;
  /** A frame that goes before all others. */
  urgent?(link: DialectLink): unknown;
  /** A frame that goes after all others. */
  owed?(link: DialectLink): unknown;
  /** Whether this connection still waits for something before the one before it may go. */
  busy?(link: DialectLink, leaving: DialectLink): boolean;
  /** Subscriptions whose answer did not come in time: they stand, unconfirmed. */
  unconfirmed?(keys: readonly string[], link: DialectLink): void;
  /** What a close means; `undefined` leaves it to RFC 6455. */
  closed?(code: number, reason: string, link: DialectLink): Verdict | undefined;
  /** A socket is gone. */
  lost?(link: DialectLink): void;
  /** The network came back, or the page. */
  woke?(link: DialectLink): void;
  /** A channel is let go for good. */
  released?(channel: string): void;
  /** The user connects again after an end. */
  restarted?(): void;
  /** The stream is closed, or has failed. */
  ended?(error: PriceStreamError): void;
  /** For types alone: what channels deliver, and which events there are. */
  readonly delivers?: { readonly channels: Channels; readonly events: Events };
}

/** A dialect, or what makes one for each stream, where it has to remember more than a socket lives. */
export type DialectSource<Channels extends object = object, Events extends object = object> =
  | Dialect<Channels, Events>
  | ((host: DialectHost) => Dialect<Channels, Events>);
