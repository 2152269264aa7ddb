import { expect, it } from 'vitest';
import type {
  Channel,
  ClientOptions,
  Connection,
  Credential,
  Freshness,
  PriceChannel,
  PriceState,
  PriceStreamError,
  PriceStreamProviderProps,
  PriceTick,
  PriceWebSocketClient,
  Token,
  TokenProvider,
  TokenReason,
  UseWebSocketPricesOptions,
  usePriceClient,
} from '../src/index.js';

/** The options of a type that refuse `undefined` in a project with `exactOptionalPropertyTypes`. */
type Refusing<Options> = {
  [Name in keyof Options]-?: Record<Name, undefined> extends Pick<Options, Name> ? never : Name;
}[keyof Options];
/** Compiles with `true` only where every option takes `undefined`; else it names those that do not. */
type TakesUndefined<Options> = [Refusing<Options>] extends [never] ? true : Refusing<Options>;
type OwnClient = Omit<Extract<PriceStreamProviderProps, { url: string }>, 'url'>;
type GivenClient = Omit<Extract<PriceStreamProviderProps, { client: object }>, 'client'>;

it('F22: every option of the hooks and of the provider may be undefined', () => {
  const hook: TakesUndefined<UseWebSocketPricesOptions> = true;
  const own: TakesUndefined<OwnClient> = true;
  const given: TakesUndefined<GivenClient> = true;
  expect([hook, own, given]).toHaveLength(3);
});

it('F22: every type of a signature is exported beside it', () => {
  const tickOf = (state: PriceState): PriceTick | undefined => state.tick;
  const errorOf = (state: PriceState): PriceStreamError | null => state.error;
  const clientOf = (client: ReturnType<typeof usePriceClient>): PriceWebSocketClient => client;
  const optionsOf = (options: NonNullable<OwnClient['options']>): ClientOptions => options;
  const channel: Channel = 'coin:bitcoin' satisfies PriceChannel;
  const reasonOf = (request: { reason: TokenReason }): string => request.reason;
  const provider: TokenProvider = (request): Credential => reasonOf(request);
  const tokens: Token[] = [provider, 'jwt', { apiKey: 'key' }];
  const status: Connection['status'] = 'idle';
  const freshness: Freshness = 'fresh';
  expect([tickOf, errorOf, clientOf, optionsOf, channel, tokens, status, freshness]).toHaveLength(8);
});
