import { afterEach, describe, expect, it } from 'vitest';
import { coinPrice, coinsWelcome, hello, metalPrices, settle } from '@tickwire/testing';
import type { ClientOptions, InvalidEvent, PriceStreamError } from '@tickwire/client';
import { Harness } from './harness.js';

type Frames = Readonly<Record<string, unknown>>;

const coinValue = (price: unknown, coinId: unknown = 'delisted'): unknown => ({
  type: 'price_update',
  data: { coinId, price },
});

/** One dialect: how its server greets, a good price, and frames that are wrong in their data alone. */
const dialects: Readonly<Record<string, { first: unknown; good: (n: number) => unknown; bad: Frames }>> = {
  coins: {
    first: coinsWelcome(),
    good: (n) => coinPrice('bitcoin', n),
    bad: {
      'null for a coin nobody wants': coinValue(null),
      'null for a coin that is wanted': coinValue(null, 'bitcoin'),
      NaN: '{"type":"price_update","data":{"coinId":"delisted","price":"NaN"}}',
      'a grouped number': coinValue('1,234.50'),
      'an id beyond all numbers': '{"type":"price_update","data":{"coinId":9007199254740993,"price":1}}',
      'an event without its amount': { type: 'whale_movement', data: { coinId: [] } },
    },
  },
  metals: {
    first: metalPrices({ gold: 1 }),
    good: (n) => metalPrices({ gold: n }),
    bad: {
      'no map': { type: 'priceUpdate', data: null },
      'an array of no maps': { type: 'priceUpdate', data: [null] },
    },
  },
  tickwire: {
    first: hello(),
    good: (n) => ({ ...(coinPrice('bitcoin', n) as object), sub: 'coin:bitcoin' }),
    bad: {
      'null with a place': { ...(coinValue(null) as object), sub: 'coin:delisted', seq: 4, epoch: 'e' },
      'null in a user’s own channel': { type: 'alert_triggered', sub: 'user', data: null },
      'a heartbeat without heads': { type: 'heartbeat', data: {} },
      'a snapshot without items': { type: 'snapshot', data: {} },
    },
  },
};
const table = Object.entries(dialects).flatMap(([dialect, { bad }]) =>
  Object.entries(bad).map(([what, frame]) => ({ dialect, what, frame })),
);

const open: Harness[] = [];
afterEach(async () => {
  for (const harness of open.splice(0)) await harness.client.close();
});

async function met(first: unknown, options: ClientOptions = {}) {
  const harness = await new Harness(options).connected(first);
  open.push(harness);
  harness.client.subscribe(['coin:bitcoin', 'metal:gold'], () => undefined);
  const errors = harness.record('error') as PriceStreamError[];
  const invalid = harness.record('invalid') as InvalidEvent[];
  const again = async (): Promise<void> => {
    await harness.clock.advance(31_000);
    harness.socket.open();
    harness.socket.receive(first);
    await settle();
  };
  return { harness, errors, invalid, again };
}

describe('a frame that is wrong in its data alone', () => {
  it.each(table)('F1: never ends a $dialect link that mostly delivers good ones: $what', async ({ dialect, frame }) => {
    const { first, good } = dialects[dialect] ?? { first: '', good: () => '' };
    const { harness, errors, invalid } = await met(first);
    harness.answerPings();
    // Ten minutes: a price each second, a bad one each three.
    for (let second = 1; second <= 600; second += 1) {
      harness.socket.receive(good(second));
      if (second % 3 === 0) harness.socket.receive(frame);
      await harness.clock.advance(1_000);
    }
    expect({ ...harness.client.stats() }).toMatchObject({ reconnects: 0, invalid: 200 });
    expect(invalid).toHaveLength(200);
    expect(errors).toEqual([]);
  });

  it('F1: never ends a link of which it is a tenth, however fast the frames come', async () => {
    const { harness } = await met(hello());
    for (let n = 1; n <= 5_000; n += 1)
      harness.socket.receive(n % 10 === 0 ? coinValue(null) : coinPrice('bitcoin', n));
    expect(harness.client.stats()).toMatchObject({ reconnects: 0, invalid: 500 });
    expect(harness.client.prices.get('coin:bitcoin')?.price).toBe(4_999);
  });

  it('F1: does not end a link for a burst of bad values after which all is well', async () => {
    const { harness } = await met(coinsWelcome());
    for (let n = 0; n < 50; n += 1) harness.socket.receive(coinValue(null));
    for (let n = 0; n < 100; n += 1) harness.socket.receive(coinPrice('bitcoin', n));
    await harness.clock.advance(12_000);
    for (let n = 0; n < 5; n += 1) harness.socket.receive(coinValue(null));
    expect(harness.client.stats()).toMatchObject({ reconnects: 0, invalid: 55 });
  });

  it('F1: of a metal among others is told by its path, and the others are used', async () => {
    const { harness, invalid } = await met(metalPrices({ gold: 1 }));
    harness.socket.receive({ type: 'priceUpdate', data: { silver: { price: null }, gold: { price: 7 }, tin: 5 } });
    expect(harness.client.prices.get('metal:gold')?.price).toBe(7);
    expect(invalid).toMatchObject([
      { code: 'BAD_MESSAGE', path: 'data.tin', sample: expect.stringContaining('silver') as string },
    ]);
  });
});

describe('frames that outweigh the good ones', () => {
  const causes: Frames = { BAD_MESSAGE: coinValue(null), BAD_JSON: 'nonsense' };

  it.each(Object.keys(causes))('F1: end the link once and not again for the same cause: %s', async (kind) => {
    const { harness, errors, again } = await met(coinsWelcome());
    const flood = async (): Promise<void> => {
      for (let n = 0; n < 30; n += 1) {
        harness.socket.receive(causes[kind]);
        await harness.clock.advance(1_000);
      }
    };
    harness.answerPings();
    await flood();
    expect(errors.map(({ code, retryable }) => [code, retryable])).toEqual([['BAD_MESSAGE', true]]);
    expect(harness.sockets.all[0]?.closedByClient?.code).toBe(4000);
    await again();
    const sockets = harness.sockets.all.length;
    harness.answerPings();
    for (let time = 0; time < 10; time += 1) await flood();
    expect(harness.sockets.all).toHaveLength(sockets);
    expect(errors).toHaveLength(2);
    expect(errors[1]?.retryable).toBe(false);
    expect(errors[1]?.message).toContain('dialect');
  });

  it('F1: end the link again when what is wrong is something else', async () => {
    const { harness, again } = await met(coinsWelcome());
    for (let n = 0; n < 20; n += 1) harness.socket.receive('nonsense');
    await again();
    const last = harness.socket;
    harness.answerPings();
    for (let n = 0; n < 30; n += 1) {
      last.receive(coinValue(null));
      await harness.clock.advance(1_000);
    }
    expect(last.closedByClient?.code).toBe(4000);
  });
});

describe('a server that speaks none of the dialects', () => {
  const servers: Readonly<Record<string, { frames: unknown[]; says: string }>> = {
    'objects without a type': {
      frames: [
        { e: 'trade', p: '1' },
        { e: 'trade', p: '2' },
      ],
      says: '"e":"trade"',
    },
    arrays: {
      frames: [
        [0, 'hb'],
        [1, { price: 5 }],
        [0, 'hb'],
      ],
      says: '[0,"hb"]',
    },
    'types of its own': { frames: [{ type: 'ticker' }, { type: 'ticker' }, { type: 'ticker' }], says: 'ticker' },
    'a greeting in words': { frames: ['Request served by 4d89'], says: 'Request served by 4d89' },
    bytes: { frames: [new Uint8Array([0x1f, 0x8b, 8, 0])], says: '1f 8b 08 00' },
  };

  it.each(Object.keys(servers))('F9: is told within seconds, with what came and the option: %s', async (kind) => {
    const { frames, says } = servers[kind] ?? { frames: [], says: '' };
    const harness = new Harness();
    open.push(harness);
    const errors = harness.record('error') as PriceStreamError[];
    harness.client.subscribe('coin:bitcoin', () => undefined);
    for (let socket = 0; socket < 2; socket += 1) {
      harness.socket.open();
      for (const frame of frames) {
        if (frame instanceof Uint8Array) harness.socket.receiveRaw(frame);
        else harness.socket.receive(frame);
      }
      await harness.clock.advance(2_000);
      harness.socket.drop(1012);
      await settle();
      await harness.clock.advance(5_000);
    }
    expect(errors.map(({ code }) => code)).toEqual(['BAD_MESSAGE']);
    expect(errors[0]?.message).toContain(says);
    expect(errors[0]?.message).toContain('dialect');
  });

  it('F9: that echoes is told as well, though it says nothing by itself', async () => {
    const harness = new Harness();
    open.push(harness);
    const errors = harness.record('error') as PriceStreamError[];
    harness.client.subscribe('coin:bitcoin', () => undefined);
    const { socket } = harness;
    socket.onSent = (message) => queueMicrotask(() => socket.receive(message));
    socket.open();
    await harness.clock.advance(15_000);
    expect(errors.map(({ code }) => code)).toEqual(['BAD_MESSAGE']);
  });

  it.each(['coins', 'metals', 'tickwire'] as const)(
    'F9: a few unknown messages of a %s server are no fault',
    async (dialect) => {
      const harness = new Harness();
      open.push(harness);
      const errors = harness.record('error');
      harness.client.subscribe(dialect === 'metals' ? 'metal:gold' : 'coin:bitcoin', () => undefined);
      harness.socket.open();
      harness.socket.receive({ type: 'later' });
      harness.socket.receive(dialects[dialect]?.first);
      for (let n = 0; n < 10; n += 1) harness.socket.receive({ type: 'later' });
      await harness.clock.advance(12_000);
      expect(errors).toEqual([]);
    },
  );

  it.each([
    { asked: 'coins', first: metalPrices({ gold: 1 }), speaks: 'metals' },
    { asked: 'metals', first: coinsWelcome(), speaks: 'coins' },
    { asked: 'tickwire', first: coinsWelcome(), speaks: 'coins' },
  ] as const)(
    'F9: another dialect than the option says is told: $asked, and it speaks $speaks',
    async ({ asked, first, speaks }) => {
      const harness = new Harness({ dialect: asked });
      open.push(harness);
      const errors = harness.record('error') as PriceStreamError[];
      harness.client.subscribe(asked === 'metals' ? 'metal:gold' : 'coin:bitcoin', () => undefined);
      harness.socket.open();
      harness.socket.receive(first);
      await settle();
      expect(errors.map(({ code }) => code)).toEqual(['BAD_MESSAGE']);
      expect(errors[0]?.message).toContain(`speaks ${speaks}`);
      expect(errors[0]?.message).toContain(`dialect option says ${asked}`);
    },
  );

  it.each([
    { came: [] as unknown[], says: 'sent nothing' },
    { came: [coinsWelcome()], says: 'sent price_update' },
  ])('F9: a greeting that does not come is told with what came instead: $says', async ({ came, says }) => {
    const harness = new Harness({ dialect: 'tickwire' });
    open.push(harness);
    harness.client.subscribe('coin:bitcoin', () => undefined);
    harness.socket.open();
    for (const frame of came) harness.socket.receive(frame);
    await harness.clock.advance(10_000);
    const state = harness.client.connection.get();
    expect(state).toMatchObject({ status: 'reconnecting', cause: { code: 'CONNECT_TIMEOUT' } });
    expect(state.status === 'reconnecting' ? state.cause?.message : '').toContain(says);
  });
});
