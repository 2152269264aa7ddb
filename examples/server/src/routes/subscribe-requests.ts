/** The four forms of `subscribe` and `unsubscribe`, brought down to channels. Pure. */
import type { ChannelRequest, SubscribeMessage, UnsubscribeMessage } from '@tickwire/protocol';
import type { Catalog } from '../catalog.js';
import type { Wish } from '../services/membership.js';

/** What a request is about. */
export interface SubscriptionRequest {
  /** By which key the client asked; it decides how it is answered. */
  readonly form: 'channels' | 'coin' | 'channel' | 'metals';
  readonly id: string | number | undefined;
  readonly wishes: readonly Wish[];
  /** Of the form `coin`: the catalog's id, or the name as it was asked for when the catalog has none. */
  readonly coinId?: string;
  /** What the typed answer of the coins dialect is about. */
  readonly about: { readonly coinId?: string | number; readonly subscription: string };
}

/** A coin in the older form stands for its price, its whales and its social spikes. */
function channelsOfCoin(coinId: string): readonly string[] {
  return [`coin:${coinId}`, `whales:${coinId}`, `social:${coinId}`];
}

function wishOf(request: ChannelRequest | string): Wish {
  if (typeof request === 'string') return { channel: request };
  const { channel, epoch, seq, minIntervalMs, filter } = request;
  return {
    channel,
    ...(epoch === undefined || seq === undefined ? {} : { since: { epoch, seq } }),
    ...(minIntervalMs === undefined ? {} : { minIntervalMs }),
    ...(filter === undefined ? {} : { filter }),
  };
}

/** Brings a request down to channels. A coin goes by the catalog's id, whichever alias the client used. */
export function requestOf(message: SubscribeMessage | UnsubscribeMessage, catalog: Catalog): SubscriptionRequest {
  const { id, data } = message;
  if (data?.channels !== undefined) {
    return { form: 'channels', id, wishes: data.channels.map(wishOf), about: { subscription: '' } };
  }
  if (data?.coinId !== undefined) {
    const coinId = catalog.coinIdOf(data.coinId) ?? String(data.coinId);
    const channels = channelsOfCoin(coinId);
    return {
      form: 'coin',
      id,
      coinId,
      wishes: channels.map(wishOf),
      about: { coinId: data.coinId, subscription: `coin:${coinId}` },
    };
  }
  if (data?.channel !== undefined) {
    return { form: 'channel', id, wishes: [{ channel: data.channel }], about: { subscription: data.channel } };
  }
  const metals = message['metals'] as readonly string[];
  return {
    form: 'metals',
    id,
    wishes: metals.map((name) => ({ channel: `metal:${name}` })),
    about: { subscription: '' },
  };
}
