import { describe, expectTypeOf, it } from 'vitest';
import type { Ack, ClientMessage, CoinPriceMessage, ServerMessage, WhaleMovement } from '../src/index.js';

describe('the types of messages', () => {
  it('narrow by type, and an ack by its op', () => {
    const take = (message: ServerMessage): void => {
      if (message.type === 'whale_movement') expectTypeOf(message).toEqualTypeOf<WhaleMovement>();
      if (message.type !== 'ack') return;
      expectTypeOf(message).toEqualTypeOf<Ack>();
      if (message.op === 'history') expectTypeOf(message.data.complete).toEqualTypeOf<boolean>();
      if (message.op === 'mark') expectTypeOf(message.data.seq).toEqualTypeOf<number>();
    };
    expectTypeOf(take).toBeFunction();
  });

  it('have prices as numbers or decimal strings', () => {
    expectTypeOf<CoinPriceMessage['data']['price']>().toEqualTypeOf<string | number>();
  });

  it('cover the directions', () => {
    expectTypeOf<Extract<ClientMessage, { type: 'ping' }>>().not.toBeNever();
    expectTypeOf<Extract<ServerMessage, { type: 'ping' }>>().toBeNever();
  });
});
