import { describe, expect, it } from 'vitest';
import {
  PriceWebSocketClient,
  type Channel,
  type ChannelDelivery,
  type ClientEvents,
  type ClientOptions,
  type Connection,
  type PriceTick,
  type StreamOptions,
  type SubscribeOptions,
  type WhaleMovement,
} from '@tickwire/client';

/** Compiles only where every option of a type takes `undefined`, in a project with `exactOptionalPropertyTypes`. */
type TakesUndefined<Options> = { [Name in keyof Options]-?: undefined extends Options[Name] ? true : Name };
type All<Options> = { [Name in keyof Options]-?: true };

function maybe<Value>(value: Value): Value | undefined {
  return value;
}

describe('public types', () => {
  it('F22: let every option be undefined', () => {
    const client: TakesUndefined<ClientOptions> = {} as All<ClientOptions>;
    const subscribe: TakesUndefined<SubscribeOptions> = {} as All<SubscribeOptions>;
    const stream: TakesUndefined<StreamOptions> = {} as All<StreamOptions>;
    expect([client, subscribe, stream]).toHaveLength(3);
    const unset = { token: undefined, reconnect: undefined, heartbeat: { idleMs: undefined }, fallback: undefined };
    expect(new PriceWebSocketClient('ws://prices.example', unset).connection.get()).toEqual({ status: 'idle' });
    const options: ClientOptions = { token: maybe('t'), signal: maybe(new AbortController().signal) };
    expect(Object.keys(options)).toEqual(['token', 'signal']);
  });

  it('F22: say what the server sends, and are all exported where they are used', () => {
    type Rule = Awaited<ReturnType<PriceWebSocketClient['alerts']['list']>>[number];
    const conditionOf = ({ condition }: Rule): object => condition;
    const valueOf = ({ data }: WhaleMovement): unknown => data.usdValue;
    const delivered: ChannelDelivery<'whales'>['data']['usdValue'] = '5';
    const channel: Channel = 'coin:bitcoin';
    const event: keyof ClientEvents = 'whale_movement';
    const state: Connection['status'] = 'idle';
    const previous = (tick: PriceTick): number | undefined => tick.previousPrice;
    expect([conditionOf, valueOf, delivered, channel, event, state, previous]).toHaveLength(7);
  });
});
