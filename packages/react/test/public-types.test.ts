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

/** Compiles only where every option of a type takes `undefined`. */
type TakesUndefined<Options> = { [Name in keyof Options]-?: undefined extends Options[Name] ? true : Name };
type All<Options> = { [Name in keyof Options]-?: true };
type OwnClient = Omit<Extract<PriceStreamProviderProps, { url: string }>, 'url'>;
type GivenClient = Omit<Extract<PriceStreamProviderProps, { client: object }>, 'client'>;

it('F22: every option of the hooks and of the provider may be undefined', () => {
  const hook: TakesUndefined<UseWebSocketPricesOptions> = {} as All<UseWebSocketPricesOptions>;
  const own: TakesUndefined<OwnClient> = {} as All<OwnClient>;
  const given: TakesUndefined<GivenClient> = {} as All<GivenClient>;
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
