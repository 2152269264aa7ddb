import { coinPrice, coinsWelcome, hello, metalPrices, settle } from '@tickwire/testing';
import { describe, expect, it } from 'vitest';
import { Harness } from './harness.js';

type Json = Record<string, unknown>;

const bitcoin = (seq: number, more: Json = {}): Json =>
  coinPrice('bitcoin', seq, { sub: 'coin:bitcoin', seq, epoch: 'e1', ...more });

/** Acks the subscribe that is out. */
async function acknowledge(harness: Harness, seq: number, part: Json): Promise<void> {
  await settle();
  const asked = harness.socket.taken().find(({ type }) => type === 'subscribe');
  const place = { channel: 'coin:bitcoin', kind: 'state', epoch: 'e1', seq, ...part };
  harness.socket.receive({ type: 'ack', id: asked?.['id'], op: 'subscribe', data: { subscribed: [place] } });
}

/** One fresh price on a `tickwire` link. */
async function priced(): Promise<Harness> {
  const harness = await new Harness({ dialect: 'tickwire' }).connected();
  harness.client.subscribe('coin:bitcoin', () => undefined);
  await acknowledge(harness, 6, { recovered: false, reason: 'new' });
  harness.socket.receive(bitcoin(7));
  expect(freshness(harness)).toBe('fresh');
  return harness;
}

const freshness = (harness: Harness, channel: 'coin:bitcoin' | 'metal:gold' = 'coin:bitcoin'): string | undefined =>
  harness.client.prices.get(channel)?.freshness;

const losses: readonly [string, (harness: Harness) => unknown][] = [
  ['breaks', (harness) => harness.socket.drop(1006)],
  ['is ended by the server', (harness) => harness.socket.drop(1012, 'restart')],
  [
    'breaks while the machine is offline',
    (harness) => {
      harness.environment.change({ online: false });
      harness.socket.drop(1006);
    },
  ],
  ['is closed', (harness) => void harness.client.close()],
  ['is ended for good', (harness) => harness.socket.drop(4403, 'forbidden')],
];

describe('F53: a price whose link', () => {
  it.each(losses)(
    '%s is unverified at once, before anybody hears of it, and stale once it is old',
    async (_how, lose) => {
      const harness = await priced();
      const seen: (string | undefined)[] = [];
      harness.client.on('connection', () => seen.push(freshness(harness)));
      const ticks: string[] = [];
      harness.client.prices.subscribe('coin:bitcoin', (tick) => ticks.push(tick.freshness));
      lose(harness);
      expect(seen.length).toBeGreaterThan(0);
      expect(new Set(seen)).toEqual(new Set(['unverified']));
      expect(ticks).toEqual(['unverified']);
      await harness.clock.advance(60_001);
      expect(freshness(harness)).toBe('stale');
      await harness.client.close();
    },
  );

  it('comes back is unverified until the new one has confirmed it', async () => {
    const harness = await priced();
    harness.socket.drop(1006);
    await harness.clock.advance(1_000);
    harness.socket.open();
    harness.socket.receive(hello());
    await settle();
    expect(harness.client.connection.get().status).toBe('connected');
    expect(freshness(harness)).toBe('unverified');
    await harness.client.close();
  });

  it.each<[string, (harness: Harness) => unknown]>([
    ['an ack that recovers it', (harness) => acknowledge(harness, 7, { recovered: true })],
    [
      'a snapshot',
      async (harness) => {
        await acknowledge(harness, 7, { recovered: false, reason: 'unknown' });
        const item = { channel: 'coin:bitcoin', epoch: 'e1', seq: 7, message: bitcoin(7) };
        harness.socket.receive({ type: 'snapshot', data: { items: [item] } });
      },
    ],
    [
      'a heartbeat',
      (harness) => harness.socket.receive({ type: 'heartbeat', data: { serverTime: 0, heads: { 'coin:bitcoin': 7 } } }),
    ],
    ['a value', (harness) => harness.socket.receive(bitcoin(8))],
  ])('comes back is fresh again by %s, and stays so', async (_case, confirm) => {
    const harness = await priced();
    harness.socket.drop(1006);
    await harness.clock.advance(1_000);
    harness.socket.open();
    harness.socket.receive(hello());
    await confirm(harness);
    expect(freshness(harness)).toBe('fresh');
    // A pong changes the connection, at which all prices are looked at.
    harness.answerPings();
    await harness.clock.advance(30_000);
    expect(harness.client.connection.get()).toMatchObject({ status: 'connected', rttMs: 0 });
    expect(freshness(harness)).toBe('fresh');
    await harness.client.close();
  });

  it('moves to the next before the last has gone stays fresh', async () => {
    const harness = await priced();
    const ticks: string[] = [];
    harness.client.prices.subscribe('coin:bitcoin', (tick) => ticks.push(tick.freshness));
    const data = { reason: 'deploy', reconnectAfterMs: 500, deadlineMs: 8_000 };
    harness.socket.receive({ type: 'going_away', data });
    await harness.clock.advance(700);
    expect(harness.sockets.alive).toBe(2);
    harness.socket.open();
    harness.socket.receive(hello());
    await acknowledge(harness, 7, { recovered: true });
    expect(harness.sockets.alive).toBe(1);
    expect(freshness(harness)).toBe('fresh');
    expect(ticks).toEqual([]);
    await harness.client.close();
  });

  it('of an older backend comes back is fresh again by a value alone', async () => {
    const harness = await new Harness({ dialect: 'coins' }).connected(coinsWelcome());
    harness.client.subscribe('coin:bitcoin', () => undefined);
    harness.socket.receive(coinPrice('bitcoin', 1));
    harness.socket.drop(1006);
    expect(freshness(harness)).toBe('unverified');
    await harness.clock.advance(1_000);
    harness.socket.open();
    harness.socket.receive(coinsWelcome());
    expect(freshness(harness)).toBe('unverified');
    harness.socket.receive(coinPrice('bitcoin', 1));
    expect(freshness(harness)).toBe('fresh');
    await harness.client.close();
  });
});

describe('F52: a price whose own time is old', () => {
  const hourMs = 3_600_000;

  it.each(['coins', 'metals'] as const)('is not fresh on %s, where nobody vouches for old values', async (dialect) => {
    const harness = await new Harness({ dialect }).connected(dialect === 'coins' ? coinsWelcome() : { type: 'pong' });
    const channel = dialect === 'coins' ? 'coin:bitcoin' : 'metal:gold';
    const stale = harness.record('stale');
    const given: string[] = [];
    harness.client.subscribe(channel, (tick) => given.push(tick.freshness));
    const repeat = (price: number, ageMs: number): void => {
      const timestamp = new Date(harness.clock.now() - ageMs).toISOString();
      harness.socket.receive(
        dialect === 'coins'
          ? { type: 'price_update', data: { coinId: 'bitcoin', price, timestamp } }
          : metalPrices({ gold: { price, timestamp } }),
      );
    };
    repeat(1, hourMs);
    repeat(2, hourMs);
    expect(given).toEqual(['unverified', 'unverified']);
    expect(stale).toEqual([{ channel, freshness: 'unverified', ageMs: hourMs }]);
    repeat(3, 1_000);
    expect(freshness(harness, channel)).toBe('fresh');
    // It was 59 s old when it came: one more, and it is old.
    repeat(4, 59_000);
    expect(freshness(harness, channel)).toBe('fresh');
    await harness.clock.advance(1_001);
    expect(freshness(harness, channel)).toBe('unverified');
    await harness.client.close();
  });

  it('is fresh on tickwire, whose heads vouch for it', async () => {
    const harness = await priced();
    const timestamp = new Date(harness.clock.now() - hourMs).toISOString();
    harness.socket.receive({ ...bitcoin(8), data: { coinId: 'bitcoin', price: 8, timestamp } });
    expect(freshness(harness)).toBe('fresh');
    await harness.client.close();
  });

  it('is counted by the server’s clock, where its pongs tell it', async () => {
    const harness = await new Harness({ dialect: 'coins' }).connected(coinsWelcome());
    const { socket, clock } = harness;
    harness.client.subscribe('coin:bitcoin', () => undefined);
    // This machine is an hour ahead of the server.
    socket.onSent = ({ type, id }) => {
      if (type === 'ping') queueMicrotask(() => socket.receive({ type: 'pong', id, ts: clock.now() - hourMs }));
    };
    await clock.advance(20_000);
    expect(harness.client.stats().clockOffsetMs).toBe(-hourMs);
    const at = (ageMs: number): string => new Date(clock.now() - hourMs - ageMs).toISOString();
    socket.receive({ type: 'price_update', data: { coinId: 'bitcoin', price: 1, timestamp: at(0) } });
    expect(freshness(harness)).toBe('fresh');
    socket.receive({ type: 'price_update', data: { coinId: 'bitcoin', price: 2, timestamp: at(hourMs) } });
    expect(freshness(harness)).toBe('unverified');
    await harness.client.close();
  });

  it.each(['yesterday', '', '9999-12-31T23:59:59Z', undefined])(
    'that says nothing, %j, is fresh',
    async (timestamp) => {
      const harness = await new Harness({ dialect: 'coins' }).connected(coinsWelcome());
      harness.client.subscribe('coin:bitcoin', () => undefined);
      harness.socket.receive({ type: 'price_update', data: { coinId: 'bitcoin', price: 1, timestamp } });
      expect(freshness(harness) ?? 'refused').toMatch(/fresh|refused/);
      await harness.client.close();
    },
  );
});
