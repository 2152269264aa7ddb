/**
 * What may be published: messages that every client decodes, that say the same in every place, and that no time from the future
 * keeps fresh. Pure.
 */
import type { ChannelMessage } from '@tickwire/protocol';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import { isUserId } from '../auth/identity.js';
import type { Catalog } from '../catalog.js';
import type { Limits } from '../limits.js';
import { isAhead } from '../sources/upstream-values.js';

/** Why a message was not published. Nothing of it went out. */
export class PublishError extends Error {
  override readonly name = 'PublishError';
  constructor(
    /**
     * `BAD_MESSAGE`: no client could decode it, or it is too big; `UNKNOWN_CHANNEL`: there is no such coin or metal;
     * `TOO_MANY_CHANNELS`: the engine, or the account's share of it, is full.
     */
    readonly code: 'BAD_MESSAGE' | 'UNKNOWN_CHANNEL' | 'TOO_MANY_CHANNELS',
    message: string,
    /** When it may be tried again, in ms. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

const sayableTypes: readonly string[] = ['string', 'number', 'boolean', 'object'];
/** Half a character: no UTF-8 can carry it, and peers disagree about what to make of it. */
const loneSurrogate = /\p{Surrogate}/u;

function isSayable(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return !loneSurrogate.test(value);
  return sayableTypes.includes(typeof value);
}

/** JSON would leave these out, turn them into `null`, or throw without saying where. */
function refuseUnsayable(key: string, value: unknown): unknown {
  if (loneSurrogate.test(key)) throw new PublishError('BAD_MESSAGE', 'A key that JSON cannot say');
  if (!isSayable(value)) throw new PublishError('BAD_MESSAGE', `A value that JSON cannot say at ${key.slice(0, 64)}`);
  return value;
}

/** Callers without types hand in anything. */
export function assertMessage(message: unknown): void {
  if (typeof message !== 'object' || message === null) throw new PublishError('BAD_MESSAGE', 'A message is an object');
}

type Names = Readonly<Record<string, unknown>>;

/** The names that a message gives in its envelope and in its data: older clients are told by the one, newer ones by the other. */
function namesIn(message: ChannelMessage, key: 'coinId' | 'userId'): { where: string; name: string | number }[] {
  const places: [string, unknown][] = [
    [key, (message as Names)[key]],
    [`data.${key}`, ((message.data ?? {}) as Names)[key]],
  ];
  return places.flatMap(([where, name]) =>
    typeof name === 'string' || typeof name === 'number' ? [{ where, name }] : [],
  );
}

/** Whether a message is a coin's price, and no notice. */
export function isPriceOfCoin({ type, data }: ChannelMessage): boolean {
  const price = ((data ?? {}) as Names)['price'];
  return type === 'price_update' && price !== undefined && price !== null;
}

/**
 * A coin's channel is a state: whatever is published last is what newcomers get as its price. So nothing but a price may
 * stand there, and only the coin's own.
 */
export function assertOfCoin(id: string, message: ChannelMessage, catalog: Pick<Catalog, 'coinIdOf'>): void {
  const { type } = message;
  if (!isPriceOfCoin(message) && type !== 'whale_movement' && type !== 'social_spike') {
    throw new PublishError('BAD_MESSAGE', 'The channels of a coin carry prices, whale movements and social spikes');
  }
  for (const { where, name } of namesIn(message, 'coinId')) {
    if (catalog.coinIdOf(name) !== id) throw new PublishError('BAD_MESSAGE', `${where} names another coin`);
  }
}

/** One rule for a user id at every door; and what is told to a user is about that user, and about one coin at most. */
export function assertOfUser(
  userId: unknown,
  message: ChannelMessage,
  catalog: Pick<Catalog, 'coinIdOf'>,
): asserts userId is string | number {
  if (!isUserId(Number.isSafeInteger(userId) ? String(userId) : userId)) {
    throw new PublishError('BAD_MESSAGE', 'userId: a user id is 1 to 64 visible ASCII characters');
  }
  for (const { where, name } of namesIn(message, 'userId')) {
    if (String(name) !== String(userId)) throw new PublishError('BAD_MESSAGE', `${where} names another user`);
  }
  const [first, second] = namesIn(message, 'coinId').map(({ name }) => catalog.coinIdOf(name) ?? String(name));
  if (second !== undefined && first !== second) throw new PublishError('BAD_MESSAGE', 'data.coinId names another coin');
}

/** A price from the future would be fresh for ever, and every later one would look old. */
export function assertBelievable(values: unknown, where: string, now: number): void {
  const time = ((values ?? {}) as Names)['timestamp'];
  if (typeof time !== 'string' || !isAhead(time, now)) return;
  throw new PublishError('BAD_MESSAGE', `${where}timestamp: more than five minutes ahead of the server's clock`);
}

/** The text of a message without a position, proven to be one that clients decode. */
export function bodyOf(message: ChannelMessage, limits: Pick<Limits, 'maxPublishBytes'>): string {
  const { sub: _sub, seq: _seq, epoch: _epoch, skip: _skip, replay: _replay, snapshot: _snapshot, ...rest } = message;
  let body: string;
  try {
    body = JSON.stringify(rest, refuseUnsayable);
  } catch (error) {
    throw error instanceof PublishError ? error : new PublishError('BAD_MESSAGE', 'The message is no JSON');
  }
  if (Buffer.byteLength(body) > limits.maxPublishBytes) {
    throw new PublishError('BAD_MESSAGE', `The message has more than ${limits.maxPublishBytes} bytes`);
  }
  const decoded = decodeServerMessage(body);
  if (!decoded.ok) throw new PublishError('BAD_MESSAGE', `${decoded.path}: ${decoded.reason}`);
  if (decoded.kind === 'unknown' || decoded.reported !== undefined) {
    throw new PublishError('BAD_MESSAGE', 'The message is not of the contract');
  }
  return body;
}
