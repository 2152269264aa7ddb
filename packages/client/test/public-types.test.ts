import { describe, expect, it } from 'vitest';
import {
  PriceWebSocketClient,
  type Channel,
  type ChannelDelivery,
  type ClientEvents,
  type ClientOptions,
  type Connection,
  type HistoryQuery,
  type PriceStreamErrorDetails,
  type PriceTick,
  type ReadyOptions,
  type StreamOptions,
  type SubscribeOptions,
  type WhaleMovement,
} from '@tickwire/client';
import type { PriceFormat } from '@tickwire/client/format';

/** Compiles only where every option of a type takes `undefined`, in a project with `exactOptionalPropertyTypes`. */
type TakesUndefined<Options> = { [Name in keyof Options]-?: undefined extends Options[Name] ? true : Name };
type All<Options> = { [Name in keyof Options]-?: true };

type ConnectOptions = NonNullable<Parameters<PriceWebSocketClient['connect']>[0]>;
type Group<Name extends keyof ClientOptions> = NonNullable<ClientOptions[Name]>;

function maybe<Value>(value: Value): Value | undefined {
  return value;
}

describe('public types', () => {
  it('F22: let every option be undefined', () => {
    const client: TakesUndefined<ClientOptions> = {} as All<ClientOptions>;
    const subscribe: TakesUndefined<SubscribeOptions> = {} as All<SubscribeOptions>;
    const stream: TakesUndefined<StreamOptions> = {} as All<StreamOptions>;
    const ready: TakesUndefined<ReadyOptions> = {} as All<ReadyOptions>;
    const query: TakesUndefined<HistoryQuery> = {} as All<HistoryQuery>;
    const details: TakesUndefined<PriceStreamErrorDetails> = {} as All<PriceStreamErrorDetails>;
    const format: TakesUndefined<PriceFormat> = {} as All<PriceFormat>;
    const connect: TakesUndefined<ConnectOptions> = {} as All<ConnectOptions>;
    const reconnect: TakesUndefined<Group<'reconnect'>> = {} as All<Group<'reconnect'>>;
    const heartbeat: TakesUndefined<Group<'heartbeat'>> = {} as All<Group<'heartbeat'>>;
    const fallback: TakesUndefined<Omit<Group<'fallback'>, 'url'>> = {} as All<Omit<Group<'fallback'>, 'url'>>;
    const all = [client, subscribe, stream, ready, query, details, format, connect, reconnect, heartbeat, fallback];
    expect(all).toHaveLength(11);
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
