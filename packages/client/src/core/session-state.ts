/** What a session is made of. Only `step` makes new ones. */
import type { Channel, ClientMessage, FilterCondition } from '@tickwire/protocol';
import type { BadFrames, Heard } from './heard.js';
import { VersionedMap } from './versioned-map.js';
import type { AuthenticationState } from './credentials.js';

/** The three wire dialects. */
export type Dialect = 'coins' | 'metals' | 'tickwire';

/** What went wrong, as data; the shell makes a `PriceStreamError` of it. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly closeCode?: number;
  /** What a platform or a user's function said, for people. */
  readonly cause?: unknown;
}

/** A fault as it is told most often. */
export function faultOf(code: string, message: string, retryable = false): Fault {
  return { code, message, retryable };
}

/** An id as it stands in a message: a request's, or a coin's; older servers leave it out. */
export type WireId = string | number | null | undefined;

/** The settings that decide; checked and completed by the shell. Durations in milliseconds. */
export interface Policy {
  readonly dialect: 'auto' | Dialect;
  readonly reconnect: {
    readonly minDelayMs: number;
    readonly baseDelayMs: number;
    readonly maxDelayMs: number;
    readonly maxAttempts: number;
    readonly stableAfterMs: number;
  };
  readonly heartbeat: { readonly idleMs: number; readonly timeoutMs: number };
  readonly connectTimeoutMs: number;
  readonly negotiateMs: number;
  readonly lingerMs: number;
  /** How long an answer to a request may take. */
  readonly requestTimeoutMs: number;
  /** How the client names itself in `hello`. */
  readonly clientName: string;
}

/** When a step happens. Sampled by the shell, so that `step` stays pure. */
export interface Moment {
  /** Monotonic milliseconds: all durations are measured with it. */
  readonly now: number;
  /** Epoch milliseconds: what people and servers are told. */
  readonly wallNow: number;
  /** 0 ≤ random < 1. */
  readonly random: number;
  /** Monotonic milliseconds of the last inbound frame, or of the opening of the socket. */
  readonly lastFrameAt: number;
  /** Where a channel stood last: what a subscription is resumed from. */
  readonly positionOf: (channel: Channel) => { readonly epoch: string; readonly seq: number } | undefined;
  /** Whether somebody listens to what a channel brings, without having asked for it by name. */
  readonly isHeard: (channel: Channel) => boolean;
}

/** Every timer of a session; there is never more than one of a name. */
export type TimerName =
  | 'connect'
  | 'negotiate'
  | 'reconnect'
  | 'stable'
  | 'heartbeat'
  | 'linger'
  | 'pace'
  | 'requests'
  | 'refused'
  | 'token'
  | 'leave'
  | 'farewell';

/** The connection as the user sees it, with faults as data. */
export type ConnectionState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting'; readonly attempt: number }
  | {
      readonly status: 'connected';
      readonly since: number;
      readonly dialect: Dialect | 'undecided';
      readonly authenticated: boolean;
      readonly rttMs: number | null;
      readonly mute: boolean;
    }
  | {
      readonly status: 'reconnecting';
      readonly attempt: number;
      readonly retryAt: number;
      readonly cause: Fault | null;
    }
  | { readonly status: 'paused'; readonly reason: 'offline' | 'hidden' }
  | { readonly status: 'closed'; readonly code: number; readonly reason: string }
  | { readonly status: 'failed'; readonly error: Fault };

/** What a holder of a channel asks of it. */
export interface HolderOptions {
  readonly minIntervalMs?: number;
  readonly filter?: readonly FilterCondition[];
}

/** A channel that is wanted: who holds it; nobody does while it lingers after the last holder let go. */
export interface WantedChannel {
  readonly holders: VersionedMap<number, HolderOptions>;
}

/** What the server of this connection has been asked for under one key (a channel, a coin, or all metals). */
export interface WireSubscription {
  readonly status: 'asked' | 'confirmed' | 'unconfirmed' | 'refused' | 'deferred';
  /** The request that asked last; an answer to an older one says nothing. */
  readonly request: string;
  /** What was asked for, as text: another signature has to be asked for again. */
  readonly signature: string;
  /** Why it was refused. */
  readonly fault?: Fault;
  /** `deferred`: not before this monotonic instant. */
  readonly notBefore?: number;
}

/** An older coins backend acks in order and without ids, of one key: the answers that are still expected. */
export interface ExpectedAck {
  readonly op: 'subscribe' | 'unsubscribe';
  readonly keys: readonly string[];
  readonly request: string;
  readonly dueAt: number;
}

/** A ping that has been sent, for its round trip. */
export interface SentPing {
  readonly id: string;
  readonly at: number;
  readonly wallAt: number;
}

/** The heartbeat of one connection; it goes with it, so that a pending ping never leaks into the next. */
export interface HeartbeatState {
  /** When the one timer is due, on both clocks: a difference tells of sleep or throttling. */
  readonly dueAt: number;
  readonly dueWallAt: number;
  /** A ping waits for budget; its deadline starts when it is sent. */
  readonly queued: boolean;
  /** The unanswered ping; any frame that comes after it is an answer. */
  readonly pingAt: number | null;
  readonly deadlineMs: number;
  readonly lastPingAt: number;
  /** Whether an overdue timer has already been given its grace. */
  readonly graced: boolean;
  readonly sent: SentPing | null;
  /** The last round trips with the clock offset that each implies, at most 8. */
  readonly samples: readonly { readonly rttMs: number; readonly offsetMs: number | null }[];
}

/** Limits of the server, as its `hello` states them. */
export interface ServerLimits {
  readonly maxChannelsPerFrame: number;
  readonly maxFrameBytes: number;
  readonly messagesPerMinute: number;
  readonly burst: number;
}

/** Everything that lives and dies with one socket. */
export interface Link {
  readonly socketId: number;
  readonly opened: boolean;
  /** Whether frames may go out on it: the server has greeted, or need not. */
  readonly up: boolean;
  readonly dialect: Dialect | 'undecided';
  /** Whether a frame of the server has proved the dialect; the first one is always looked at. */
  readonly proved: boolean;
  readonly limits: ServerLimits;
  readonly heartbeat: HeartbeatState;
  readonly authentication: AuthenticationState;
  readonly subscriptions: VersionedMap<string, WireSubscription>;
  /** Keys of which the server may have to be told: what is wanted of them has changed, or has to be asked for anew. */
  readonly owing: VersionedMap<string, true>;
  /** Keys that nobody wants any more. */
  readonly gone: VersionedMap<string, true>;
  /** Channels that come by themselves and that had no position to resume from. */
  readonly given: ReadonlySet<string>;
  readonly expectedAcks: readonly ExpectedAck[];
  readonly badFrames: BadFrames;
  readonly heard: Heard;
  /** An unsolicited `hello` answer still to be sent. */
  readonly owesHello: boolean;
  /** Monotonic: when a server that goes away will have gone. */
  readonly leaveBy: number;
}

/** A request of the user that waits for its answer. */
export interface PendingRequest {
  /** The shell's number of it: where the answer is settled. */
  readonly key: number;
  readonly message: ClientMessage;
  /** The socket that it went out on. */
  readonly sentOn: number | null;
  readonly dueAt: number;
}

/** What has been sent lately; kept over reconnects, because the older metals backend counts that way too. */
export interface PacerState {
  /** Monotonic instants of the frames in the window. */
  readonly sentAt: readonly number[];
  readonly tokens: number;
  readonly refilledAt: number;
}

/** The whole state of a client's connection: immutable, made by `step` alone. */
export interface Session {
  readonly connection: ConnectionState;
  readonly link: Link | null;
  /** A socket that is let go once the link carries all that it carried: until then its data counts. */
  readonly leaving: number | null;
  /** Number of the last socket; events of others are stale. */
  readonly socketId: number;
  /** Dials since the connection was last stable. */
  readonly attempt: number;
  /** Retries of this outage: the exponent of the next back-off. */
  readonly retries: number;
  readonly dialledAt: number | null;
  /** Monotonic instant of the last wake-up: the network came back, or the page. */
  readonly wokeAt: number;
  /** No retry before this monotonic instant, because the server said so. */
  readonly notBefore: number;
  /** Closes of one kind in a row, and whether that kind rejects the token. */
  readonly closesInARow: { readonly kind: string; readonly count: number; readonly renewToken: boolean };
  /** Refusals of a credential in a row, on open connections. */
  readonly rejections: number;
  /** Whose private channels the positions are of; `null` until a server has said. */
  readonly userId: string | null;
  /** Monotonic instant of the last renewal, and whether the user knows that tokens end too soon. */
  readonly renewal: { readonly at: number; readonly told: boolean };
  /** Calls of `authenticate` that wait for the server's word. */
  readonly authenticateKeys: readonly number[];
  readonly online: boolean;
  readonly visible: boolean;
  /** The dialect of the last connection, in `auto`. */
  readonly remembered: Dialect | null;
  readonly everConnected: boolean;
  readonly credentials: 'none' | 'fixed' | 'provider';
  readonly wanted: VersionedMap<Channel, WantedChannel>;
  /** Until when (monotonic) the channels linger that nobody holds, the first to go first. */
  readonly lingering: VersionedMap<Channel, number>;
  /** By id on the wire. */
  readonly requests: ReadonlyMap<string, PendingRequest>;
  readonly lastRequest: number;
  readonly pacer: PacerState;
  /** When a link was last given up for frames of this kind, and whether it has been told that this was no cure. */
  readonly gaveUpFor: Readonly<Record<string, { readonly at: number; readonly told: boolean }>>;
  /** Whether it has been told that the server speaks something else; until it speaks. */
  readonly foreignTold: boolean;
}

/** A session that has not done anything yet. */
export function initialSession(start: {
  online: boolean;
  visible: boolean;
  credentials: Session['credentials'];
}): Session {
  return {
    connection: { status: 'idle' },
    link: null,
    leaving: null,
    socketId: 0,
    attempt: 0,
    retries: 0,
    dialledAt: null,
    wokeAt: -Infinity,
    notBefore: -Infinity,
    closesInARow: { kind: '', count: 0, renewToken: false },
    rejections: 0,
    userId: null,
    renewal: { at: -Infinity, told: false },
    authenticateKeys: [],
    online: start.online,
    visible: start.visible,
    remembered: null,
    everConnected: false,
    credentials: start.credentials,
    wanted: new VersionedMap(),
    lingering: new VersionedMap(),
    requests: new Map(),
    lastRequest: 0,
    pacer: { sentAt: [], tokens: 0, refilledAt: 0 },
    gaveUpFor: {},
    foreignTold: false,
  };
}
