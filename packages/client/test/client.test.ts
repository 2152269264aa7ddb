import { describe, expect, it } from 'vitest';
import {
  coinPrice,
  coinsAck,
  coinsWelcome,
  hello,
  metalPrices,
  settle,
  snapshot,
  subscribeAck,
  whale,
} from '@tickwire/testing';
import { PriceStreamError, PriceWebSocketClient, type PriceTick } from '@tickwire/client';
import { Harness } from './harness.js';

const bitcoin = (price: number): ReturnType<typeof coinPrice> =>
  coinPrice('bitcoin', price, { sub: 'coin:bitcoin', seq: price, epoch: 'e1' });

describe('the life of a connection', () => {
  it('begins with the first subscribe, not with the constructor', () => {
    const { client, sockets } = new Harness();
    expect(sockets.all).toHaveLength(0);
    expect(client.connection.get()).toEqual({ status: 'idle' });
    client.subscribe('coin:bitcoin', () => undefined);
    expect(sockets.all).toHaveLength(1);
    expect(client.connection.get()).toEqual({ status: 'connecting', attempt: 1 });
  });

  it('resolves connect() once the dialect is told', async () => {
    const { client, sockets } = new Harness();
    const connected = client.connect();
    sockets.last.open();
    sockets.last.receive(hello());
    await connected;
    expect(client.connection.get()).toMatchObject({
      status: 'connected',
      transport: 'websocket',
      dialect: 'tickwire',
      authenticated: false,
      rttMs: null,
    });
    await client.connect();
    expect(sockets.all).toHaveLength(1);
  });

  it('gives the same object until it changes, and says why and when it reconnects', async () => {
    const { client, socket, clock } = await new Harness().connected();
    const before = client.connection.get();
    expect(client.connection.get()).toBe(before);
    socket.drop(1006);
    const after = client.connection.get();
    expect(after).toMatchObject({ status: 'reconnecting', attempt: 2, retryAt: clock.now() + 625 });
    expect(after.status === 'reconnecting' && after.cause).toBeInstanceOf(PriceStreamError);
    expect(after.status === 'reconnecting' && after.cause).toMatchObject({ code: 'CONNECT_FAILED', closeCode: 1006 });
  });

  it('rejects connect() when the server refuses for good, and when the client is closed meanwhile', async () => {
    const refused = new Harness();
    const connecting = refused.client.connect();
    refused.socket.open();
    refused.socket.drop(4403, 'forbidden');
    await expect(connecting).rejects.toMatchObject({ code: 'FORBIDDEN_CHANNEL', closeCode: 4403 });
    const closed = new Harness();
    const waiting = closed.client.connect();
    void closed.client.close();
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('lets a wait for the connection be aborted without ending the attempt', async () => {
    const { client, sockets } = new Harness();
    const abort = new AbortController();
    const waiting = client.connect({ signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(client.connection.get().status).toBe('connecting');
    expect(sockets.alive).toBe(1);
    await expect(client.connect({ signal: AbortSignal.abort(new Error('late')) })).rejects.toThrow('late');
  });

  it('is over when the signal of the options aborts', async () => {
    const abort = new AbortController();
    const harness = await new Harness({ signal: abort.signal }).connected();
    abort.abort();
    await settle();
    expect(harness.client.connection.get()).toMatchObject({ status: 'closed', code: 1000 });
  });

  it('times out an attempt that is never answered, and one that is never greeted', async () => {
    const harness = new Harness({ dialect: 'tickwire' });
    void harness.client.connect().catch(() => undefined);
    await harness.clock.advance(10_000);
    expect(harness.client.connection.get()).toMatchObject({
      status: 'reconnecting',
      cause: { code: 'CONNECT_TIMEOUT' },
    });
    await harness.clock.advance(1_000);
    expect(harness.sockets.all).toHaveLength(2);
    harness.socket.open();
    await harness.clock.advance(10_000);
    expect(harness.client.connection.get()).toMatchObject({ status: 'reconnecting' });
    expect(harness.sockets.alive).toBe(0);
  });

  it('is not disturbed by a socket that opens, speaks or closes too late', async () => {
    const harness = new Harness();
    const prices = harness.record('price_update');
    void harness.client.connect().catch(() => undefined);
    const first = harness.socket;
    first.answersClose = false;
    await harness.clock.advance(10_700);
    const second = harness.socket;
    expect(second).not.toBe(first);
    second.open();
    second.receive(hello());
    first.readyState = 0;
    first.open();
    expect(first.closedByClient).toBeDefined();
    first.readyState = 1;
    first.receive(bitcoin(1));
    first.drop(4403);
    await settle();
    expect(prices).toEqual([]);
    expect(harness.client.connection.get().status).toBe('connected');
  });

  it('calls the url function before each attempt, and survives one that throws, rejects or never answers', async () => {
    const answers: (() => string | Promise<string>)[] = [
      () => {
        throw new Error('no url');
      },
      () => Promise.reject(new Error('no url yet')),
      () => new Promise<string>(() => undefined),
      () => Promise.resolve('wss://prices.example/elsewhere'),
    ];
    const harness = new Harness();
    const client = new PriceWebSocketClient(() => (answers.shift() ?? (() => ''))(), {
      WebSocket: harness.sockets.WebSocket,
      clock: harness.clock,
      environment: harness.environment,
      random: () => 0,
    });
    const errors: PriceStreamError[] = [];
    client.on('error', (error) => errors.push(error));
    void client.connect().catch(() => undefined);
    await harness.clock.advance(11_000);
    expect(errors.map((error) => error.code)).toEqual(['CONNECT_FAILED', 'CONNECT_FAILED']);
    expect(harness.sockets.last.url).toBe('wss://prices.example/elsewhere');
    await client.close();
  });

  it('survives a WebSocket constructor that throws', async () => {
    let calls = 0;
    const harness = new Harness({
      WebSocket: function WebSocket() {
        calls += 1;
        throw new SyntaxError('bad protocol');
      } as never,
    });
    void harness.client.connect().catch(() => undefined);
    await harness.clock.advance(700);
    expect(harness.client.connection.get().status).toBe('reconnecting');
    expect(calls).toBe(2);
    await harness.client.close();
  });

  it('lets onClose overrule the table, and survives one that throws', async () => {
    const stopped = await new Harness({ onClose: () => 'stop' }).connected();
    stopped.socket.drop(1006);
    expect(stopped.client.connection.get()).toEqual({ status: 'closed', code: 1006, reason: '' });
    const thrown = await new Harness({
      onClose: () => {
        throw new Error('mine');
      },
    }).connected();
    const errors = thrown.record('error');
    thrown.socket.drop(1006);
    expect(thrown.client.connection.get().status).toBe('reconnecting');
    expect(errors).toMatchObject([{ code: 'LISTENER_FAILED' }]);
  });

  it('logs one line a step, without tokens or addresses', async () => {
    const harness = await new Harness({ token: 'very-secret' }).connected();
    harness.socket.drop(1006);
    expect(harness.lines).toContain('idle × connect → connecting, attempt 1');
    expect(harness.lines).toContain('connected × socket-closed(1006) → reconnecting in 625 ms');
    expect(harness.lines.join('\n')).not.toMatch(/very-secret|prices\.example/);
  });
});

describe('close()', () => {
  it('in CONNECTING neither throws nor lets the socket live', async () => {
    const harness = new Harness();
    void harness.client.connect().catch(() => undefined);
    await harness.client.close();
    expect(harness.sockets.alive).toBe(0);
    expect(harness.client.connection.get()).toEqual({ status: 'closed', code: 1000, reason: '' });
  });

  it('resolves within 3 s though the server never answers the close', async () => {
    const harness = new Harness();
    harness.sockets.answersClose = false;
    await harness.connected();
    let closed = false;
    void harness.client.close().then(() => (closed = true));
    await harness.clock.advance(2_999);
    expect(closed).toBe(false);
    await harness.clock.advance(1);
    expect(closed).toBe(true);
  });

  it('during a back-off or a token fetch resolves at once', async () => {
    const waiting = await new Harness().connected();
    waiting.socket.drop(1006);
    await waiting.client.close();
    const fetching = await new Harness({ token: () => new Promise<string>(() => undefined) }).connected();
    await fetching.client.close();
    expect([waiting.clock.pending, fetching.clock.pending]).toEqual([0, 0]);
  });

  it('leaves no timer and no listener behind, from any state', async () => {
    const states: ((harness: Harness) => unknown)[] = [
      () => undefined,
      (harness) => void harness.client.connect().catch(() => undefined),
      (harness) => harness.connected(),
      (harness) => harness.connected().then(() => harness.socket.drop(1006)),
      (harness) => harness.connected().then(() => harness.socket.drop(4403)),
      (harness) =>
        harness.connected().then(() => {
          harness.environment.change({ online: false });
          harness.socket.drop(1006);
        }),
    ];
    for (const reach of states) {
      const harness = new Harness();
      await reach(harness);
      harness.client.subscribe('coin:bitcoin', () => undefined, { minIntervalMs: 500 });
      await settle();
      await harness.client.close();
      expect(harness.clock.pending).toBe(0);
      expect(harness.environment.listeners).toBe(0);
      expect(harness.sockets.alive).toBe(0);
    }
  });

  it('is final: nothing reconnects until connect() is called', async () => {
    const harness = await new Harness().connected();
    await harness.client.close();
    harness.environment.change({ online: false });
    harness.environment.change({ online: true });
    await harness.clock.advance(600_000);
    expect(harness.sockets.all).toHaveLength(1);
    await harness.connected();
    expect(harness.client.connection.get().status).toBe('connected');
  });

  it('keeps live subscriptions for the next connect()', async () => {
    const harness = await new Harness().connected();
    harness.client.subscribe('coin:bitcoin', () => undefined);
    await harness.client.close();
    void harness.client.connect();
    harness.socket.open();
    harness.socket.receive(hello());
    expect(harness.socket.taken()).toMatchObject([{ type: 'hello' }, { type: 'subscribe' }]);
  });

  it('is told to listeners before its promise resolves', async () => {
    const harness = await new Harness().connected();
    const statuses = harness.statuses();
    const closing = harness.client.close();
    expect(statuses).toEqual(['closed']);
    await closing;
  });
});

describe('listeners that act', () => {
  it.each(['close', 'connect', 'close and connect'] as const)(
    'on any change of the connection may %s: one socket at most, and a consistent state',
    async (act) => {
      for (const at of ['connecting', 'connected', 'reconnecting'] as const) {
        const harness = new Harness();
        let acted = false;
        harness.client.on('connection', ({ status }) => {
          if (acted || status !== at) return;
          acted = true;
          if (act !== 'connect') void harness.client.close();
          if (act !== 'close') void harness.client.connect().catch(() => undefined);
        });
        void harness.client.connect().catch(() => undefined);
        harness.socket.open();
        harness.socket.receive(hello());
        if (at === 'reconnecting') harness.socket.drop(1006);
        await settle();
        expect(acted).toBe(true);
        expect(harness.sockets.alive).toBeLessThanOrEqual(1);
        const { status } = harness.client.connection.get();
        if (act === 'close') expect(status).toBe('closed');
        else expect(['connecting', 'connected']).toContain(status);
        expect(harness.sockets.alive).toBe(status === 'closed' ? 0 : 1);
        await harness.client.close();
      }
    },
  );

  it('that close the client in the middle of a frame get nothing more of it', async () => {
    const harness = await new Harness().connected();
    const ticks: PriceTick[] = [];
    harness.client.subscribe(['coin:bitcoin', 'coin:dogecoin'], (tick) => {
      ticks.push(tick);
      void harness.client.close();
    });
    await settle();
    harness.socket.receive({ type: 'batch', messages: [bitcoin(1), coinPrice('dogecoin', 2), bitcoin(3)] });
    expect(ticks).toHaveLength(1);
  });

  it('that throw stop nobody and are reported once each', async () => {
    const harness = await new Harness().connected();
    const errors = harness.record('error') as PriceStreamError[];
    const ticks: unknown[] = [];
    const boom = (): never => {
      throw Object.create(null);
    };
    harness.client.on('price_update', boom);
    harness.client.on('price', boom);
    harness.client.prices.subscribe('coin:bitcoin', boom);
    harness.client.connection.subscribe(boom);
    harness.client.subscribe('coin:bitcoin', boom);
    harness.client.subscribe('coin:bitcoin', (tick) => ticks.push(tick.price));
    await settle();
    harness.socket.receive(bitcoin(1));
    harness.socket.receive(bitcoin(2));
    expect(ticks).toEqual([1, 2]);
    expect(errors).toHaveLength(8);
    expect(new Set(errors.map((error) => error.code))).toEqual(new Set(['LISTENER_FAILED']));
    expect(harness.client.connection.get().status).toBe('connected');
  });

  it('that reject are reported as well', async () => {
    const harness = await new Harness().connected();
    const errors = harness.record('error');
    const rejects: () => unknown = () => Promise.reject(new Error('later'));
    harness.client.on('price_update', rejects);
    harness.socket.receive(bitcoin(1));
    await settle();
    expect(errors).toMatchObject([{ code: 'LISTENER_FAILED', cause: { message: 'later' } }]);
  });

  it('may be missing, or throw themselves, when there is an error', async () => {
    const harness = await new Harness().connected();
    expect(() => harness.socket.receive({ type: 'error', data: { code: 'INTERNAL', message: 'oh' } })).not.toThrow();
    harness.client.on('error', () => {
      throw new Error('in the error listener');
    });
    const errors = harness.record('error');
    expect(() => harness.socket.receive({ type: 'error', data: { code: 'INTERNAL', message: 'oh' } })).not.toThrow();
    expect(errors).toMatchObject([{ code: 'INTERNAL', message: 'oh' }]);
  });
});

describe('prices', () => {
  it('become ticks with direction, time of arrival and source', async () => {
    const harness = await new Harness().connected();
    const ticks: PriceTick[] = [];
    harness.client.subscribe('coin:bitcoin', (tick) => ticks.push(tick));
    for (const [index, price] of [10, 12, 12, 11].entries()) {
      harness.socket.receive({ ...bitcoin(price), seq: 10 + index });
    }
    expect(ticks.map((tick) => tick.direction)).toEqual(['same', 'up', 'same', 'down']);
    expect(ticks[0]).toMatchObject({
      channel: 'coin:bitcoin',
      id: 'bitcoin',
      price: 10,
      receivedAt: harness.clock.now(),
      freshness: 'fresh',
      seq: 10,
      timestamp: '2026-01-01T00:00:00.000Z',
      source: { type: 'price_update' },
    });
  });

  it('stand in the store: the same object until it changes', async () => {
    const harness = await new Harness().connected();
    harness.client.subscribe(['coin:bitcoin', 'metal:gold'], () => undefined);
    const seen: unknown[] = [];
    const undo = harness.client.prices.subscribe('coin:bitcoin', (tick) => seen.push(tick.price));
    harness.socket.receive(bitcoin(10));
    const tick = harness.client.prices.get('coin:bitcoin');
    const all = harness.client.prices.getAll();
    expect(harness.client.prices.get('coin:bitcoin')).toBe(tick);
    expect(harness.client.prices.getAll()).toBe(all);
    harness.socket.receive(metalPrices({ gold: 5 }));
    expect(harness.client.prices.getAll()).not.toBe(all);
    expect([...harness.client.prices.getAll().keys()]).toEqual(['coin:bitcoin', 'metal:gold']);
    undo();
    undo();
    harness.socket.receive(bitcoin(11));
    expect(seen).toEqual([10]);
  });

  it('of a partial metals frame are merged, never replaced', async () => {
    const harness = await new Harness({ dialect: 'metals' }).connected(metalPrices({}));
    harness.client.subscribe(['metal:gold', 'metal:silver'], () => undefined);
    const ticks = harness.record('price');
    harness.socket.receive(
      metalPrices({ gold: { price: 100, currency: 'INR', unit: 'gram' }, silver: 5, platinum: 9 }),
    );
    harness.socket.receive(metalPrices({ gold: 101 }));
    expect(harness.client.prices.get('metal:silver')?.price).toBe(5);
    expect(harness.client.prices.get('metal:gold')).toMatchObject({ price: 101, currency: 'INR', unit: 'gram' });
    expect(harness.client.prices.get('metal:platinum')).toMatchObject({ price: 9, freshness: 'unverified' });
    expect(ticks).toHaveLength(3);
    expect(harness.client.stats().unwantedMessages).toBe(1);
  });

  it('fire the wire events of their frames as well', async () => {
    const harness = await new Harness().connected();
    const [coins, metals] = [harness.record('price_update'), harness.record('priceUpdate')];
    harness.socket.receive(bitcoin(1));
    harness.socket.receive(metalPrices({ gold: 1 }));
    expect([coins.length, metals.length]).toEqual([1, 1]);
  });

  it('of batches and snapshots count like frames of their own; what is reported is left out', async () => {
    const harness = await new Harness().connected();
    harness.client.subscribe(['coin:bitcoin', 'coin:dogecoin', 'metal:gold', 'whales'], () => undefined);
    const [ticks, whales, gaps] = [harness.record('price'), harness.record('whale_movement'), harness.record('gap')];
    const unknown = harness.record('unknown');
    harness.socket.receive(
      snapshot([
        { channel: 'coin:bitcoin', seq: 7, message: coinPrice('bitcoin', 1) },
        { channel: 'whales', seq: 1, message: { type: 'whale_movement', data: {} } },
      ]),
    );
    harness.socket.receive({
      type: 'batch',
      messages: [
        coinPrice('dogecoin', 'not a price'),
        coinPrice('dogecoin', '0.25'),
        { type: 'priceUpdate', data: { gold: { price: 'NaN' } } },
        whale('bitcoin', 5, { sub: 'whales', seq: 1, epoch: 'e' }),
        { type: 'whale_movement', data: { coinId: 'bitcoin' }, sub: 'whales', seq: 2, epoch: 'e' },
        { type: 'gap', data: { channel: 'whales', from: 2, to: 3, reason: 'slow_consumer' } },
        { type: 'of_tomorrow' },
      ],
    });
    expect(ticks).toMatchObject([
      { channel: 'coin:bitcoin', price: 1, seq: 7 },
      { channel: 'coin:dogecoin', price: 0.25 },
    ]);
    expect(whales).toHaveLength(1);
    expect(gaps).toEqual([{ channel: 'whales', from: 2, to: 3, reason: 'slow_consumer' }]);
    expect(unknown).toEqual([{ type: 'of_tomorrow' }]);
    expect(harness.client.stats()).toMatchObject({ gaps: 1, unknown: 1, invalid: 0 });
  });

  it('of an older coins backend that name no owner belong to the only coin', async () => {
    const harness = await new Harness({ lingerMs: 0 }).connected(coinsWelcome());
    harness.client.subscribe('coin:bitcoin', () => undefined);
    const doge = harness.client.subscribe('coin:dogecoin', () => undefined);
    await settle();
    const nameless = { type: 'price_update', data: { price: '7' } };
    harness.socket.receive(nameless);
    expect(harness.client.prices.getAll().size).toBe(0);
    doge.unsubscribe();
    harness.socket.receive(nameless);
    expect(harness.client.prices.get('coin:bitcoin')?.price).toBe(7);
  });

  it('of a coin that its body calls by a database id go where the frame says', async () => {
    const harness = await new Harness().connected();
    harness.client.subscribe('coin:bitcoin', () => undefined);
    harness.socket.receive({
      type: 'price_update',
      data: { coinId: 1, price: 5 },
      sub: 'coin:bitcoin',
      seq: 1,
      epoch: 'e',
    });
    expect(harness.client.prices.get('coin:bitcoin')).toMatchObject({ id: 'bitcoin', price: 5 });
  });
});

describe('freshness', () => {
  it('ends after staleAfterMs without news, with one event, and begins anew with the next price', async () => {
    const harness = await new Harness().connected();
    harness.answerPings().client.subscribe('coin:bitcoin', () => undefined);
    const stale = harness.record('stale');
    const seen: string[] = [];
    harness.client.prices.subscribe('coin:bitcoin', (tick) => seen.push(tick.freshness));
    harness.socket.receive(bitcoin(1));
    await harness.clock.advance(60_000);
    expect(stale).toEqual([]);
    await harness.clock.advance(1);
    expect(stale).toEqual([{ channel: 'coin:bitcoin', freshness: 'stale', ageMs: 60_001 }]);
    harness.socket.receive(bitcoin(2));
    expect(seen).toEqual(['fresh', 'stale', 'fresh']);
  });

  it('is renewed by a heartbeat that confirms the head: quiet is not stale', async () => {
    const harness = await new Harness().connected();
    harness.client.subscribe('coin:bitcoin', () => undefined);
    harness.socket.receive(bitcoin(7));
    for (let beat = 0; beat < 8; beat += 1) {
      await harness.clock.advance(15_000);
      harness.socket.receive({ type: 'heartbeat', data: { serverTime: 0, heads: { 'coin:bitcoin': 7 } } });
    }
    expect(harness.client.prices.get('coin:bitcoin')?.freshness).toBe('fresh');
    for (let beat = 0; beat < 8; beat += 1) {
      await harness.clock.advance(15_000);
      harness.socket.receive({ type: 'heartbeat', data: { serverTime: 0, heads: { 'coin:bitcoin': 8 } } });
    }
    expect(harness.client.prices.get('coin:bitcoin')?.freshness).toBe('stale');
  });

  it('is denied by a sender that calls its own price stale, whatever heartbeats confirm, until it sends a better one', async () => {
    const harness = await new Harness().connected();
    harness.client.subscribe(['coin:bitcoin', 'metal:gold'], () => undefined);
    const stale = harness.record('stale');
    const freshness = (channel: 'coin:bitcoin' | 'metal:gold') => harness.client.prices.get(channel)?.freshness;
    const old = (seq: number) => ({
      type: 'price_update',
      data: { coinId: 'bitcoin', price: 7, stale: true },
      seq,
      epoch: 'e1',
    });
    harness.socket.receive(old(1));
    harness.socket.receive(old(2));
    harness.socket.receive({ type: 'priceUpdate', data: { gold: { price: 1, stale: true }, silver: { price: 2 } } });
    harness.socket.receive({ type: 'heartbeat', data: { serverTime: 0, heads: { 'coin:bitcoin': 2 } } });
    expect([freshness('coin:bitcoin'), freshness('metal:gold')]).toEqual(['stale', 'stale']);
    expect(stale).toEqual([
      { channel: 'coin:bitcoin', freshness: 'stale', ageMs: 0 },
      { channel: 'metal:gold', freshness: 'stale', ageMs: 0 },
    ]);
    harness.socket.receive(bitcoin(3));
    expect(freshness('coin:bitcoin')).toBe('fresh');
  });

  it('takes the lifetime of a channel from the catalog', async () => {
    const harness = await new Harness().connected();
    harness.client.subscribe('coin:bitcoin', () => undefined);
    await settle();
    harness.socket.taken();
    const catalog = harness.client.catalog();
    const [request] = harness.socket.taken();
    const items = [{ channel: 'coin:bitcoin', id: 'bitcoin', staleAfterMs: 5_000 }];
    harness.socket.receive({ type: 'ack', id: request?.['id'], op: 'catalog', data: { revision: '7', items } });
    await expect(catalog).resolves.toEqual({ revision: '7', items });
    harness.socket.receive(bitcoin(1));
    await harness.clock.advance(5_001);
    expect(harness.client.prices.get('coin:bitcoin')?.freshness).toBe('stale');
  });

  it('is over when nobody follows the channel any more, or the client is closed', async () => {
    const harness = await new Harness().connected();
    const subscription = harness.client.subscribe('coin:bitcoin', () => undefined);
    harness.socket.receive(bitcoin(1));
    subscription.unsubscribe();
    await harness.clock.advance(1_000);
    expect(harness.client.prices.get('coin:bitcoin')?.freshness).toBe('stale');
    harness.client.subscribe('coin:bitcoin', () => undefined);
    harness.socket.receive(bitcoin(2));
    await harness.client.close();
    expect(harness.client.prices.get('coin:bitcoin')).toMatchObject({ price: 2, freshness: 'unverified' });
    await harness.clock.advance(60_001);
    expect(harness.client.prices.get('coin:bitcoin')).toMatchObject({ price: 2, freshness: 'stale' });
    expect(harness.client.prices.getAll().get('coin:bitcoin')?.freshness).toBe('stale');
  });
});

describe('frames that do not decode', () => {
  it('are dropped with an event, at most 200 characters of them, none of an authentication', async () => {
    const harness = await new Harness().connected();
    const invalid = harness.record('invalid') as { sample: string }[];
    harness.socket.receive('{"type":');
    harness.socket.receive(`{"type":"price_update","data":{"price":"x","pad":"${'y'.repeat(400)}"}}`);
    harness.socket.receive('{"type":"authenticate","data":{"token":"very-secret"}');
    harness.socket.receiveRaw(new ArrayBuffer(8));
    expect(invalid).toMatchObject([
      { code: 'BAD_JSON', path: '', sample: '{"type":' },
      { code: 'BAD_MESSAGE', path: 'data.price' },
      { code: 'BAD_JSON', sample: '' },
      { code: 'BAD_MESSAGE', sample: '00 00 00 00 00 00 00 00' },
    ]);
    for (const { sample } of invalid) expect(sample.length).toBeLessThanOrEqual(200);
    expect(harness.client.stats().invalid).toBe(4);
    harness.client.subscribe('coin:bitcoin', () => undefined);
    harness.socket.receive(bitcoin(1));
    expect(harness.client.prices.get('coin:bitcoin')?.price).toBe(1);
  });

  it('end the connection when there are 20 in a minute, and it comes back after a back-off', async () => {
    const harness = await new Harness().connected();
    const first = harness.socket;
    for (let bad = 0; bad < 20; bad += 1) first.receive('x');
    expect(first.closedByClient?.code).toBe(4000);
    expect(harness.client.connection.get()).toMatchObject({ status: 'reconnecting', cause: { code: 'BAD_MESSAGE' } });
    await harness.clock.advance(1_000);
    expect(harness.sockets.all).toHaveLength(2);
  });

  it('are refused above 1 MiB before they are parsed', async () => {
    const harness = await new Harness().connected();
    const invalid = harness.record('invalid');
    harness.socket.receive(`{"type":"pong","pad":"${'x'.repeat(1_048_576)}"}`);
    expect(invalid).toMatchObject([{ code: 'BAD_MESSAGE', path: '' }]);
  });

  it('with the names of events or of Object do nothing', async () => {
    const harness = await new Harness().connected();
    const unknown = harness.record('unknown');
    for (const type of ['newListener', '__proto__', 'constructor', 'price', 'connection', 'removeListener']) {
      expect(() => harness.socket.receive({ type })).not.toThrow();
    }
    expect(unknown).toHaveLength(6);
    expect(harness.client.connection.get().status).toBe('connected');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('requests and refusals', () => {
  it('a refused channel rejects that ready() and no other', async () => {
    const harness = await new Harness().connected();
    const [good, bad] = [
      harness.client.subscribe('coin:bitcoin', () => undefined),
      harness.client.subscribe('coin:nope', () => undefined),
    ];
    await settle();
    const [request] = harness.socket.taken();
    const rejected = [{ channel: 'coin:nope', code: 'UNKNOWN_CHANNEL', retryable: false }];
    harness.socket.receive(subscribeAck(request?.['id'], ['coin:bitcoin'], rejected));
    await expect(good.ready()).resolves.toEqual({ confirmed: true });
    await expect(bad.ready()).rejects.toMatchObject({ code: 'UNKNOWN_CHANNEL' });
  });

  it('ready() rejects when the handle or the client ends, and when its signal aborts', async () => {
    const harness = new Harness();
    const ended = harness.client.subscribe('coin:a', () => undefined);
    const endedReady = ended.ready();
    ended.unsubscribe();
    await expect(endedReady).rejects.toMatchObject({ code: 'CLOSED' });
    const live = harness.client.subscribe('coin:b', () => undefined);
    await expect(live.ready({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    const abort = new AbortController();
    const aborted = live.ready({ signal: abort.signal });
    abort.abort(new Error('later'));
    await expect(aborted).rejects.toThrow('later');
    const liveReady = live.ready();
    await harness.client.close();
    await expect(liveReady).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(live.ready()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('ready() on an older coins backend resolves with its ack', async () => {
    const harness = await new Harness().connected(coinsWelcome());
    const ready = harness.client.subscribe('coin:bitcoin', () => undefined).ready();
    await settle();
    harness.socket.receive(coinsAck('subscribe', 'bitcoin'));
    await expect(ready).resolves.toEqual({ confirmed: true });
  });

  it('authenticate() resolves with the server’s word, and history() with its page', async () => {
    const harness = await new Harness().connected();
    const authenticated = harness.client.authenticate('jwt-9');
    const [frame] = harness.socket.taken();
    expect(frame).toMatchObject({ type: 'authenticate', data: { token: 'jwt-9' } });
    harness.socket.receive({ type: 'ack', id: frame?.['id'], op: 'authenticate', data: { userId: '1' } });
    await authenticated;
    expect(harness.client.connection.get()).toMatchObject({ authenticated: true });
    const history = harness.client.history('whales', { limit: 5 });
    const [asked] = harness.socket.taken();
    expect(asked).toMatchObject({ type: 'history', data: { channel: 'whales', limit: 5 } });
    const data = { channel: 'whales', epoch: 'e', seq: 1, complete: true, messages: [] };
    harness.socket.receive({ type: 'ack', id: asked?.['id'], op: 'history', data });
    await expect(history).resolves.toEqual(data);
  });

  it('asks a token provider with the reason, and forgets it after 10 s of silence', async () => {
    const reasons: string[] = [];
    const harness = new Harness({
      token: ({ reason }) => {
        reasons.push(reason);
        return new Promise<string>(() => undefined);
      },
    });
    const errors = harness.record('error');
    harness.client.subscribe('coin:bitcoin', () => undefined);
    harness.socket.open();
    harness.socket.receive(hello());
    await harness.clock.advance(10_000);
    expect(errors).toMatchObject([{ code: 'TOKEN_PROVIDER_FAILED' }]);
    expect(reasons).toEqual(['initial']);
    expect(harness.socket.taken().map((message) => message['type'])).toEqual(['hello', 'subscribe']);
  });
});

describe('the environment', () => {
  it('offline without a close: online probes, and reconnects when nobody answers', async () => {
    const harness = await new Harness().connected();
    const first = harness.socket;
    harness.environment.change({ online: false });
    await harness.clock.advance(1_000);
    harness.environment.change({ online: true });
    await harness.clock.advance(3_700);
    expect(first.closedByClient).toBeDefined();
    expect(harness.sockets.all.length).toBeGreaterThan(1);
  });

  it('a hidden page keeps its connection and pauses new attempts; shown again it connects at once', async () => {
    const harness = await new Harness().connected();
    harness.environment.change({ visible: false });
    expect(harness.client.connection.get().status).toBe('connected');
    harness.socket.drop(1006);
    expect(harness.client.connection.get()).toEqual({ status: 'paused', reason: 'hidden' });
    await harness.clock.advance(600_000);
    expect(harness.sockets.all).toHaveLength(1);
    harness.environment.change({ visible: true });
    expect(harness.sockets.all).toHaveLength(2);
  });

  it('does not trust a stale flag: what the platform says is read anew when a connection ends', async () => {
    const harness = await new Harness().connected();
    harness.environment.change({ online: false });
    harness.environment.change({ online: true }, { silently: true });
    harness.socket.drop(1006);
    expect(harness.client.connection.get().status).toBe('reconnecting');
  });

  it('wakes up from ten minutes of sleep with one new socket, not with many', async () => {
    const harness = await new Harness().connected();
    await harness.clock.sleep(600_000);
    harness.environment.resume();
    await harness.clock.advance(10_000);
    expect(harness.sockets.all).toHaveLength(2);
  });

  it('keeps constant listeners and timers over 100 reconnects', async () => {
    const harness = await new Harness().connected();
    harness.client.subscribe('coin:bitcoin', () => undefined);
    await settle();
    const counts = new Set<string>();
    for (let reconnect = 0; reconnect < 100; reconnect += 1) {
      harness.socket.drop(1006);
      while (harness.sockets.alive === 0) await harness.clock.advance(100);
      harness.socket.open();
      harness.socket.receive(hello());
      await harness.clock.advance(11_000);
      harness.socket.receive({ type: 'pong' });
      counts.add(`${harness.environment.listeners} ${harness.clock.pending}`);
    }
    expect(harness.client.stats().reconnects).toBe(100);
    expect(counts.size).toBe(1);
  });
});
