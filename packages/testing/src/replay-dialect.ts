/** Recorded frames in, meanings out: what a dialect makes of a session, without a server. */
import {
  PriceStreamError,
  type DialectSource,
  type InvalidEvent,
  type NameOf,
  type StreamConnection,
  type Tick,
} from '@tickwire/client/core';
import { DialectStage, type Answers, type ReplayedEvent } from './dialect-stage.js';
import { settle } from './fake-clock.js';
import { playable, type ReplayFrames } from './replay-frames.js';

/** What `replayDialect` takes. */
export interface ReplayOptions<Name extends string = string> {
  /** The channels that are wanted, from the start. */
  subscribe?: readonly Name[] | undefined;
  /** What the server says to each frame: nothing, a message, or a list of them. @default nothing */
  answers?: Answers | undefined;
  /** Time that passes after the last frame, in ms: for acks that never come, and prices that grow old. @default 0 */
  thenMs?: number | undefined;
}

/** An error as a plain value. */
export interface ReplayedError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** The connection, its error a plain value. */
export type ReplayedConnection =
  | Exclude<StreamConnection, { readonly status: 'failed' | 'reconnecting' }>
  | {
      readonly status: 'reconnecting';
      readonly attempt: number;
      readonly retryAt: number;
      readonly cause: ReplayedError | null;
    }
  | { readonly status: 'failed'; readonly error: ReplayedError };

/** What a session came to; plain values, each list in its order. */
export interface Replay {
  /** What went out, as messages. */
  readonly sent: readonly Record<string, unknown>[];
  /** The ticks of the subscribed channels. */
  readonly prices: readonly Tick[];
  /** What channels delivered that is no price, and the dialect's own events. */
  readonly events: readonly ReplayedEvent[];
  readonly errors: readonly ReplayedError[];
  /** Frames, or parts of them, that were left out. */
  readonly invalid: readonly InvalidEvent[];
  /** Messages of kinds that the dialect does not know. */
  readonly unknown: readonly unknown[];
  /** Channels that came and that nobody had subscribed to: the first 20. */
  readonly unwanted: readonly string[];
  /** What `ready()` of each channel says: `confirmed`, `unconfirmed`, `waiting`, or the code of the error that it rejects with. */
  readonly ready: Readonly<Record<string, string>>;
  /** The connection at the end. */
  readonly connection: ReplayedConnection;
}

function plain({ code, message, retryable }: PriceStreamError): ReplayedError {
  return { code, message, retryable };
}

function plainConnection(state: StreamConnection): ReplayedConnection {
  if (state.status === 'failed') return { status: 'failed', error: plain(state.error) };
  if (state.status === 'reconnecting') return { ...state, cause: state.cause === null ? null : plain(state.cause) };
  return state;
}

/**
 * Plays recorded frames to a stream that speaks the dialect, and says what it made of them. Nothing is opened, and time is
 * the recording's own: frames without a time come one after the other at the same instant.
 *
 * @param frames texts and objects (which come as JSON), lines `{ receivedAt, frame }`, or the text of a .jsonl file of such lines
 * @throws TypeError for a list that cannot be played
 * @example
 * const { prices } = await replayDialect(mine(), ['{"s":"btc","p":50000}'], { subscribe: ['coin:btc'] });
 * expect(prices.map(({ channel, price }) => [channel, price])).toEqual([['coin:btc', 50_000]]);
 */
export async function replayDialect<Channels extends object, Events extends object>(
  dialect: DialectSource<Channels, Events>,
  frames: ReplayFrames,
  options: ReplayOptions<NameOf<Channels>> = {},
): Promise<Replay> {
  const list = playable(frames);
  const startsAt = list.find(({ at }) => at !== undefined)?.at;
  const stage = new DialectStage(dialect, { answers: options.answers, startsAt });
  const prices: Tick[] = [];
  const errors: PriceStreamError[] = [];
  const invalid: InvalidEvent[] = [];
  const unknown: unknown[] = [];
  const ready: Record<string, string> = {};
  const { stream, clock, events } = stage;
  const isPrice = (value: unknown): boolean => prices.includes(value as Tick);
  stream.on('price', (tick) => prices.push(tick));
  stream.on('error', (error) => errors.push(error));
  stream.on('invalid', (event) => invalid.push(event));
  stream.on('unknown', (message) => unknown.push(message));
  for (const channel of options.subscribe ?? []) {
    ready[channel] = 'waiting';
    stream
      .subscribe(channel, (payload) => {
        if (!isPrice(payload)) events.push({ name: channel, payload });
      })
      .ready()
      .then(
        ({ confirmed }) => (ready[channel] = confirmed ? 'confirmed' : 'unconfirmed'),
        (error: unknown) => (ready[channel] = error instanceof PriceStreamError ? error.code : String(error)),
      );
  }
  await stage.open();
  let now = startsAt ?? 0;
  for (const { at, frame } of list) {
    // A recording may hold lines of several writers: time does not go back.
    if (at !== undefined && at > now) await clock.advance(at - now);
    now = Math.max(now, at ?? now);
    await stage.play(frame);
  }
  await clock.advance(options.thenMs ?? 0);
  const replay: Replay = {
    sent: stage.sent.map(({ message }) => message),
    prices: [...prices],
    events: [...events],
    errors: errors.map(plain),
    invalid: [...invalid],
    unknown: [...unknown],
    unwanted: stream.stats().unwanted,
    ready: { ...ready },
    connection: plainConnection(stream.connection.get()),
  };
  await stage.close();
  await settle();
  return replay;
}
