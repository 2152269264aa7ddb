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

/** The options of a type that refuse `undefined` in a project with `exactOptionalPropertyTypes`. */
type Refusing<Options> = {
  [Name in keyof Options]-?: Record<Name, undefined> extends Pick<Options, Name> ? never : Name;
}[keyof Options];
/** Compiles with `true` only where every option takes `undefined`; else it names those that do not. */
type TakesUndefined<Options> = [Refusing<Options>] extends [never] ? true : Refusing<Options>;

type ConnectOptions = NonNullable<Parameters<PriceWebSocketClient['connect']>[0]>;
type Group<Name extends keyof ClientOptions> = NonNullable<ClientOptions[Name]>;

function maybe<Value>(value: Value): Value | undefined {
  return value;
}

describe('public types', () => {
  it('F22: let every option be undefined', () => {
    const client: TakesUndefined<ClientOptions> = true;
    const subscribe: TakesUndefined<SubscribeOptions> = true;
    const stream: TakesUndefined<StreamOptions> = true;
    const ready: TakesUndefined<ReadyOptions> = true;
    const query: TakesUndefined<HistoryQuery> = true;
    const details: TakesUndefined<PriceStreamErrorDetails> = true;
    const format: TakesUndefined<PriceFormat> = true;
    const connect: TakesUndefined<ConnectOptions> = true;
    const reconnect: TakesUndefined<Group<'reconnect'>> = true;
    const heartbeat: TakesUndefined<Group<'heartbeat'>> = true;
    const fallback: TakesUndefined<Omit<Group<'fallback'>, 'url'>> = true;
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
