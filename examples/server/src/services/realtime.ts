/**
 * The realtime service, the Fastify decorator `realtime`: who is told what. It takes whole messages, refuses what no client
 * could decode, and leaves numbering and keeping to the engine.
 */
import {
  decimalToNumber,
  detectPriceChanges,
  type ChannelMessage,
  type MetalQuote,
  type MetalChange,
} from '@tickwire/protocol';
import type { Catalog } from '../catalog.js';
import { EngineError, type Engine, type PublishedMessage, type PublishOptions } from '../engine/engine.js';
import type { Limits } from '../limits.js';
import {
  assertBelievable,
  assertMessage,
  assertOfCoin,
  assertOfUser,
  bodyOf,
  isPriceOfCoin,
  PublishError,
} from './publishable.js';

/**
 * The service. Every method resolves once the message is numbered and kept; it rejects with `PublishError`. A rejection
 * that nobody awaits is logged and harms nobody.
 */
export interface Realtime {
  /** Tells every connection; the channel `global`. */
  broadcastGlobal(message: ChannelMessage, options?: PublishOptions): Promise<void>;
  /** Tells all connections of one user: the channel `user`, or `portfolio` for a `portfolio_update`. */
  broadcastToUser(userId: string | number, message: ChannelMessage, options?: PublishOptions): Promise<void>;
  /** Tells those who have the coin: a price on `coin:<id>`; whale movements and social spikes go to their own two channels. Nothing else is taken. */
  broadcastToCoin(coinId: string, message: ChannelMessage, options?: PublishOptions): Promise<void>;
  /** Tells those who have the metals, each on its own channel, all or none; what moved by more than 1 % since it was last said stands in `changes`. */
  broadcastMetals(quotes: Readonly<Record<string, MetalQuote>>, options?: PublishOptions): Promise<void>;
  /** Ends the user's connections within a second, and the worth of the tokens that the user has now, on every node. */
  revokeUser(userId: string): Promise<void>;
  /** The newest message of each price channel that has one, in the order of the catalog. */
  lastPrices(): Promise<PublishedMessage[]>;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Who is told what. */
    realtime: Realtime;
  }
}

/** What the service is made of. */
export interface RealtimeOptions {
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly limits: Pick<Limits, 'maxPublishBytes'>;
  /** Epoch ms. */
  readonly now: () => number;
  readonly revokeUser: (userId: string) => Promise<void>;
  /** Told of every refused broadcast, whether its caller awaits it or not. */
  readonly onRefused: (error: unknown) => void;
  /** Told of every message of a coin once it is published, under the catalog's id. It must not throw. */
  readonly onCoinMessage?: (coinId: string, message: ChannelMessage) => void;
}

const changeThresholdPercent = 1;

/** The channels of a coin's message: a whale or a spike stands in the channel of all and in that of its coin. */
function channelsOfCoin(coinId: string, message: ChannelMessage): readonly string[] {
  if (message.type === 'whale_movement') return ['whales', `whales:${coinId}`];
  if (message.type === 'social_spike') return ['social', `social:${coinId}`];
  return [`coin:${coinId}`];
}

/** The log of one user that a message belongs to: the portfolio is a state, all else is an event. */
function logOfUser(userId: string | number, message: ChannelMessage): string {
  return message.type === 'portfolio_update' ? `portfolio:${userId}` : `user:${userId}`;
}

/** Makes the service. */
export function createRealtime(options: RealtimeOptions): Realtime {
  const { engine, catalog, limits, now, revokeUser, onRefused, onCoinMessage } = options;
  /** The prices that `changes` were last counted from, so that a slow drift is told as well. Keys are the catalog's metals. */
  const toldMetals = new Map<string, number>();

  async function publish(
    channels: readonly string[],
    message: ChannelMessage,
    options?: PublishOptions,
  ): Promise<void> {
    assertMessage(message);
    const body = bodyOf(message, limits);
    await Promise.all(channels.map((channel) => toEngine(channel, body, options)));
  }

  async function toEngine(channel: string, body: string, options?: PublishOptions): Promise<void> {
    try {
      await engine.publish(channel, body, options);
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'TOO_MANY_CHANNELS') throw error;
      throw new PublishError(error.code, error.message, error.retryAfterMs);
    }
  }

  function changesOf(metal: string, price: number): MetalChange[] {
    const told = toldMetals.get(metal);
    if (told === undefined) return [];
    const changes = detectPriceChanges({ [metal]: told }, { [metal]: price }, changeThresholdPercent);
    return changes.map((change) => ({ ...change }));
  }

  async function toCoin(coinId: string, message: ChannelMessage, options?: PublishOptions): Promise<void> {
    assertMessage(message);
    const id = catalog.coinIdOf(coinId);
    if (id === undefined) throw new PublishError('UNKNOWN_CHANNEL', 'No such coin');
    assertOfCoin(id, message, catalog);
    if (isPriceOfCoin(message)) {
      assertBelievable(message, '', now());
      assertBelievable(message.data, 'data.', now());
    }
    await publish(channelsOfCoin(id, message), message, options);
    onCoinMessage?.(id, message);
  }

  async function toUser(userId: string | number, message: ChannelMessage, options?: PublishOptions): Promise<void> {
    assertMessage(message);
    assertOfUser(userId, message, catalog);
    await publish([logOfUser(userId, message)], message, options);
  }

  async function toMetals(quotes: Readonly<Record<string, MetalQuote>>, options?: PublishOptions): Promise<void> {
    assertMessage(quotes);
    const entries = Object.entries(quotes);
    const { metals } = catalog;
    if (entries.some(([metal]) => !metals.includes(metal))) throw new PublishError('UNKNOWN_CHANNEL', 'No such metal');
    // All are judged before one goes out.
    const prepared = entries.map(([metal, quote]) => {
      const price = decimalToNumber(quote.price);
      if (price === undefined) throw new PublishError('BAD_MESSAGE', `data.${metal}.price: not a number`);
      assertBelievable(quote, `data.${metal}.`, now());
      const changes = changesOf(metal, price);
      const time = typeof quote.timestamp === 'string' ? { timestamp: quote.timestamp } : {};
      const body = bodyOf({ type: 'priceUpdate', data: { [metal]: quote }, changes, ...time }, limits);
      return { metal, price, body, isTold: changes.length > 0 };
    });
    await Promise.all(
      prepared.map(({ metal, price, body, isTold }) => {
        if (isTold || !toldMetals.has(metal)) toldMetals.set(metal, price);
        return toEngine(`metal:${metal}`, body, options);
      }),
    );
  }

  /** A caller may let the promise go, as event handlers do: a refusal must then not end the process. */
  function observed(work: Promise<void>): Promise<void> {
    work.catch(onRefused);
    return work;
  }

  return {
    broadcastGlobal: (message, options) => observed(publish(['global'], message, options)),
    broadcastToUser: (userId, message, options) => observed(toUser(userId, message, options)),
    broadcastToCoin: (coinId, message, options) => observed(toCoin(coinId, message, options)),
    broadcastMetals: (quotes, options) => observed(toMetals(quotes, options)),
    revokeUser: (userId) => observed(revokeUser(userId)),
    lastPrices: async () => {
      const logs = await Promise.all(catalog.items.map(({ channel }) => engine.history(channel, { limit: 1 })));
      return logs.flatMap(({ messages }) => messages);
    },
  };
}
