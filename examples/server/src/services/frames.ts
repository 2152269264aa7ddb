/** The text of every frame that the server sends. Pure. A body that was serialised once is only ever added to. */
import {
  errorTexts,
  type Ack,
  type CatalogItem,
  type ErrorCode,
  type Gap,
  type ParsedChannel,
  type RejectedChannel,
  type ServerMessage,
  type SubscribedPosition,
} from '@tickwire/protocol';
import { encodeMessage } from '@tickwire/protocol/codec';
import { toIso } from '../clock.js';
import type { PublishedMessage } from '../engine/engine.js';
import type { Limits } from '../limits.js';

/** The version of the wire contract. */
export const protocolVersion = 1;

/** What this server can do of the contract; `hello` says no more than this. */
export const capabilities: readonly string[] = [
  'ack',
  'seq',
  'resume',
  'snapshot',
  'heartbeat',
  'filter',
  'batch',
  'alerts',
  'catalog',
  'history',
  'going_away',
];

/** Frames should stay below this; snapshots are split. */
const targetFrameLength = 14_000;

const encode = (message: ServerMessage): string => encodeMessage(message);

/** The first frame of every connection. */
export function helloFrame(connectionId: string, now: number, limits: Limits): string {
  const { maxSubscriptions, maxChannelsPerFrame, maxFrameBytes, messagesPerMinute, burst, authTimeoutMs } = limits;
  return encode({
    type: 'hello',
    timestamp: toIso(now),
    data: {
      protocol: protocolVersion,
      connectionId,
      serverTime: now,
      heartbeatMs: limits.heartbeatMs,
      capabilities: [...capabilities],
      limits: { maxSubscriptions, maxChannelsPerFrame, maxFrameBytes, messagesPerMinute, burst, authTimeoutMs },
    },
  });
}

/** The typed greeting of the coins dialect. */
export function welcomeFrame(connectionId: string, now: number): string {
  return encode({
    type: 'welcome',
    data: { message: 'Connected to the price stream', connectionId },
    timestamp: toIso(now),
  });
}

/** The typed answer of the coins dialect; `subscription` is a channel. */
export function subscriptionFrame(
  type: 'subscribed' | 'unsubscribed',
  about: { coinId?: string | number; subscription: string },
  now: number,
): string {
  return encode({ type, data: about, timestamp: toIso(now) });
}

/** What an error frame is about. */
export interface ErrorAbout {
  readonly id?: string | number | undefined;
  readonly op?: string | undefined;
  /** The coin or the channel that was refused, as the grammar let it in: without an id nothing else tells which. */
  readonly coinId?: string | undefined;
  readonly channel?: string | undefined;
  /** Instead of the code's usual text; at most 256 bytes, and never an echo of the input. */
  readonly message?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** An error with its stable code; `data.error` repeats the message for older readers. */
export function errorFrame(code: ErrorCode, about: ErrorAbout, now: number): string {
  const usual = errorTexts.get(code) ?? { message: code, retryable: false };
  const message = about.message ?? usual.message;
  return encode({
    type: 'error',
    ...(about.id === undefined ? {} : { id: about.id }),
    ...(about.op === undefined ? {} : { op: about.op }),
    ...(about.coinId === undefined ? {} : { coinId: about.coinId }),
    data: {
      code,
      message,
      error: message,
      retryable: usual.retryable,
      ...(about.channel === undefined ? {} : { channel: about.channel }),
      ...(about.retryAfterMs === undefined ? {} : { retryAfterMs: about.retryAfterMs }),
    },
    timestamp: toIso(now),
  });
}

/** The answer to a ping: bare for older clients, with the server's clock for others. */
export function pongFrame(
  ping: { id?: string | number | undefined; ts?: number | undefined },
  withTime: boolean,
  now: number,
): string {
  return encode({
    type: 'pong',
    ...(ping.id === undefined ? {} : { id: ping.id }),
    ...(withTime ? { ts: now } : {}),
    ...(ping.ts === undefined ? {} : { echo: ping.ts }),
  });
}

/** The answer to a `subscribe` with an id. */
export function subscribeAckFrame(
  id: string | number,
  subscribed: SubscribedPosition[],
  rejected: RejectedChannel[],
): string {
  return encode({ type: 'ack', id, op: 'subscribe', data: { subscribed, rejected } });
}

/** The answer to an `unsubscribe` with an id. */
export function unsubscribeAckFrame(id: string | number, unsubscribed: string[]): string {
  return encode({ type: 'ack', id, op: 'unsubscribe', data: { unsubscribed } });
}

/** The answer to an `authenticate` with an id. */
export function authenticateAckFrame(
  id: string | number,
  { userId, expiresAt, scopes }: { userId: string; expiresAt?: number; scopes: readonly string[] },
  subscribed: SubscribedPosition[],
): string {
  const until = expiresAt === undefined ? {} : { expiresAt };
  return encode({ type: 'ack', id, op: 'authenticate', data: { userId, ...until, scopes: [...scopes], subscribed } });
}

/** The typed answer of the coins dialect to `authenticate`. */
export function authenticatedFrame(userId: string, now: number): string {
  return encode({
    type: 'authenticated',
    data: { message: 'Authentication successful', userId },
    timestamp: toIso(now),
  });
}

/** The answer to `catalog`. */
export function catalogAckFrame(id: string | number, revision: string, items: readonly CatalogItem[]): string {
  const ack: Ack = { type: 'ack', id, op: 'catalog', data: { revision, items: [...items] } };
  return encode(ack);
}

/** Messages that are lost for good. */
export function gapFrame(data: Gap['data']): string {
  return encode({ type: 'gap', data });
}

/** The last seq that was sent to the connection, by channel. */
export function heartbeatFrame(now: number, heads: ReadonlyMap<string, number>): string {
  return encode({ type: 'heartbeat', data: { serverTime: now, heads: Object.fromEntries(heads) } });
}

/** The server leaves; spans in ms. */
export function goingAwayFrame(data: { reason: string; reconnectAfterMs: number; deadlineMs: number }): string {
  return encode({ type: 'going_away', data });
}

/** The engine's name of a channel: the private ones are numbered for each user. */
export function logOf({ channel, needsAuth }: Pick<ParsedChannel, 'channel' | 'needsAuth'>, userId = ''): string {
  return needsAuth ? `${channel}:${userId}` : channel;
}

/** A channel's name on the wire: the logs of single users share `user` and `portfolio`. */
export function channelOfLog(log: string): string {
  if (log.startsWith('user:')) return 'user';
  return log.startsWith('portfolio:') ? 'portfolio' : log;
}

/** A published message as a frame: its body with its position, and what applies to this one delivery. */
export function positionedFrame(message: PublishedMessage, delivery: { skip?: number; replay?: boolean } = {}): string {
  const sub = JSON.stringify(channelOfLog(message.channel));
  const skip = delivery.skip ? `,"skip":${delivery.skip}` : '';
  const replay = delivery.replay ? ',"replay":true' : '';
  return `${message.body.slice(0, -1)},"sub":${sub},"seq":${message.seq},"epoch":${JSON.stringify(message.epoch)}${skip}${replay}}`;
}

function snapshotItem(message: PublishedMessage): string {
  const channel = JSON.stringify(channelOfLog(message.channel));
  return `{"channel":${channel},"epoch":${JSON.stringify(message.epoch)},"seq":${message.seq},"message":${message.body}}`;
}

const snapshotText = (items: readonly string[]): string => `{"type":"snapshot","data":{"items":[${items.join(',')}]}}`;

/** Last values as `snapshot` frames of bearable size; none for no messages. */
export function snapshotFrames(messages: readonly PublishedMessage[]): string[] {
  const frames: string[] = [];
  let items: string[] = [];
  let length = 0;
  for (const message of messages) {
    const item = snapshotItem(message);
    if (items.length > 0 && length + item.length > targetFrameLength) {
      frames.push(snapshotText(items));
      items = [];
      length = 0;
    }
    items.push(item);
    length += item.length;
  }
  if (items.length > 0) frames.push(snapshotText(items));
  return frames;
}

/** One `snapshot` of any size, for readers over HTTP. */
export function wholeSnapshot(messages: readonly PublishedMessage[]): string {
  return snapshotText(messages.map(snapshotItem));
}

/** A client refuses frames above 1 MiB; positions and the frame around the messages come on top. */
const largestHistory = 786_432;

/** As many of the messages as one frame may carry: the newest of the newest, else those that come first. */
export function withinFrame(
  messages: readonly PublishedMessage[],
  fromTheEnd: boolean,
): { messages: readonly PublishedMessage[]; isWhole: boolean } {
  const order = fromTheEnd ? messages.toReversed() : messages;
  let length = 0;
  const over = order.findIndex(({ body }) => (length += Buffer.byteLength(body)) > largestHistory);
  if (over < 0) return { messages, isWhole: true };
  const kept = order.slice(0, over);
  return { messages: fromTheEnd ? kept.reverse() : kept, isWhole: false };
}

const mostInBatch = 100;

/** Frames of a replay, put together: a `batch` wherever two or more fit into one frame of bearable size. */
export function batchFrames(frames: readonly string[]): string[] {
  const batches: string[] = [];
  let items: string[] = [];
  let length = 0;
  const flush = (): void => {
    const [first] = items;
    if (first !== undefined)
      batches.push(items.length === 1 ? first : `{"type":"batch","messages":[${items.join(',')}]}`);
    items = [];
    length = 0;
  };
  for (const frame of frames) {
    if (items.length === mostInBatch || length + frame.length > targetFrameLength) flush();
    items.push(frame);
    length += frame.length;
  }
  flush();
  return batches;
}

/** The answer to `history`: the messages with their positions. */
export function historyAckFrame(
  id: string | number,
  about: { channel: string; epoch: string; seq: number; complete: boolean },
  messages: readonly PublishedMessage[],
): string {
  const { channel, epoch, seq, complete } = about;
  const head = JSON.stringify({ channel, epoch, seq, complete }).slice(0, -1);
  const list = messages.map((message) => positionedFrame(message)).join(',');
  return `{"type":"ack","id":${JSON.stringify(id)},"op":"history","data":${head},"messages":[${list}]}}`;
}
