/** The two older backends as published, emulated on real sockets; hours pass on a clock that they share with the client. */
import { afterEach, describe, expect, it } from 'vitest';
import { CoinsBackend, MetalsBackend, type CoinsBackendOptions, type MetalsBackendOptions } from '@tickwire/lab';
import { FakeClock, until } from '@tickwire/testing';
import type { Channel } from '@tickwire/protocol';
import { PriceWebSocketClient, type ClientOptions, type Connection, type PriceStreamError } from '@tickwire/client';

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

type Backend = Pick<CoinsBackend | MetalsBackend, 'url' | 'stop' | 'restart' | 'peers'>;

/** A client on a backend, with what it tells. */
class Meeting<B extends Backend> {
  readonly client: PriceWebSocketClient;
  readonly errors: PriceStreamError[] = [];
  readonly invalid: unknown[] = [];
  readonly seen: Connection[] = [];
  readonly clock: FakeClock;
  readonly backend: B;

  constructor(clock: FakeClock, backend: B, options: ClientOptions) {
    this.clock = clock;
    this.backend = backend;
    this.client = new PriceWebSocketClient(backend.url, { clock, ...options });
    this.client.on('error', (error) => this.errors.push(error));
    this.client.on('invalid', (event) => this.invalid.push(event));
    this.client.on('connection', (connection) => this.seen.push(connection));
    undo.push(
      () => backend.stop(),
      async () => {
        const closed = this.client.close();
        await this.clock.advance(3_000);
        await closed;
      },
    );
  }

  /** Everything that was sent, either way, has arrived. */
  async calm(): Promise<void> {
    const total = (count: (peer: B['peers'][number]) => number): number =>
      this.backend.peers.reduce((sum, peer) => sum + count(peer), 0);
    await until('what was sent to have arrived', () => {
      const { sent, messages } = this.client.stats();
      return total((peer) => peer.texts.length) === sent && total((peer) => peer.sent) === messages;
    });
  }

  /** Time passes for both, a second after the other, and what is sent in a second arrives in it. */
  async pass(seconds: number, each: (second: number) => void = () => undefined): Promise<void> {
    for (let second = 1; second <= seconds; second += 1) {
      await this.clock.advance(1_000);
      each(second);
      await this.calm();
    }
  }

  /** What `ready()` says; the clock, which stands still otherwise, goes on meanwhile. */
  async ready(...channels: Channel[]): Promise<{ confirmed: boolean }> {
    let settled = false;
    const ready = this.client
      .subscribe(channels, () => undefined)
      .ready()
      .finally(() => (settled = true));
    while (!settled) {
      await this.clock.advance(1);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return ready;
  }

  get statuses(): string[] {
    return this.seen.map(({ status }) => status);
  }
}

async function coins(options: CoinsBackendOptions = {}, own: ClientOptions = {}): Promise<Meeting<CoinsBackend>> {
  const clock = new FakeClock();
  return new Meeting(clock, await CoinsBackend.start({ clock, ...options }), own);
}

async function metals(options: MetalsBackendOptions = {}, own: ClientOptions = {}): Promise<Meeting<MetalsBackend>> {
  const clock = new FakeClock();
  return new Meeting(clock, await MetalsBackend.start({ clock, ...options }), own);
}

function typesOf(backend: Backend): unknown[] {
  return backend.peers.flatMap((peer) => peer.received.map((message) => message['type']));
}

describe('the coins backend', () => {
  it('says everything in price_update frames: its welcome, acks, pings and pongs are no prices', async () => {
    const meeting = await coins({ pingIntervalMs: 2_000 });
    const { client, backend, invalid, errors } = meeting;
    const ticks: unknown[] = [];
    const subscription = client.subscribe('coin:bitcoin', (tick) => ticks.push([tick.price, tick.id]));
    await expect(subscription.ready()).resolves.toEqual({ confirmed: true });
    expect(client.connection.get()).toMatchObject({ status: 'connected', dialect: 'coins' });
    backend.publish('bitcoin', '0.0000012300');
    backend.publish('bitcoin', 50_000.25);
    await until('both prices', () => ticks.length === 2);
    await meeting.pass(60);
    expect(typesOf(backend)).toContain('ping');
    expect(client.stats().rttMs).not.toBeNull();
    expect(ticks).toEqual([
      [0.00000123, 'bitcoin'],
      [50_000.25, 'bitcoin'],
    ]);
    expect(client.prices.get('coin:bitcoin')?.source).toMatchObject({ data: { price: '50000.2500000000' } });
    expect([invalid, errors]).toEqual([[], []]);
    expect(typesOf(backend)).not.toContain('hello');
  });

  it('names the owner of a price in the body, in the envelope, or in both', async () => {
    const { client, backend } = await coins();
    await client.subscribe(['coin:bitcoin', 'coin:dogecoin'], () => undefined).ready();
    const owners = ['both', 'envelope', 'data'] as const;
    for (const [index, owner] of owners.entries()) {
      backend.publish('dogecoin', index + 1, { owner });
      backend.publish('bitcoin', 100 + index, { owner });
      await until(`a price by ${owner}`, () => client.prices.get('coin:bitcoin')?.price === 100 + index);
      expect(client.prices.get('coin:dogecoin')?.price).toBe(index + 1);
    }
  });

  it('never drops the client from its broadcasts: it pings within a minute though prices flow', async () => {
    const meeting = await coins();
    const { client, backend } = meeting;
    const ticks: number[] = [];
    await client.subscribe('coin:bitcoin', (tick) => ticks.push(tick.price)).ready();
    await meeting.pass(12 * 60, (second) => {
      // Never a silence that would bring a ping by itself.
      if (second % 5 === 0) backend.publish('bitcoin', second);
    });
    expect(backend.reachable).toHaveLength(1);
    expect(ticks).toHaveLength(144);
    expect(typesOf(backend).filter((type) => type === 'ping').length).toBeGreaterThanOrEqual(12);
    expect(backend.peers).toHaveLength(1);
  });

  it('may have nothing to say but its pings for an hour: that is no reason to reconnect', async () => {
    const meeting = await coins();
    await meeting.client.subscribe('coin:bitcoin', () => undefined).ready();
    await meeting.pass(3_600);
    expect(meeting.backend.peers).toHaveLength(1);
    expect(meeting.backend.reachable).toHaveLength(1);
    expect(new Set(meeting.statuses)).toEqual(new Set(['connecting', 'connected']));
  });

  it('authenticates by a notice, and by another one refuses; public prices come either way', async () => {
    for (const token of ['good', 'bad']) {
      const { client, errors } = await coins({ userOf: (given) => (given === 'good' ? 7 : undefined) }, { token });
      await expect(client.subscribe('coin:bitcoin', () => undefined).ready()).resolves.toEqual({ confirmed: true });
      expect(client.connection.get()).toMatchObject({ authenticated: token === 'good' });
      expect(errors).toHaveLength(token === 'good' ? 0 : 1);
    }
  });

  it('tells its errors in price_update frames, too', async () => {
    const { client, backend, errors } = await coins();
    await client.subscribe('coin:bitcoin', () => undefined).ready();
    backend.broadcastGlobal({ type: 'price_update', data: { error: 'Database down', message: 'Try again later' } });
    await until('the error', () => errors.length === 1);
    expect(errors[0]?.message).toBe('Try again later');
    expect(client.connection.get().status).toBe('connected');
  });

  it('forgets subscriptions when it restarts: they are made anew, one frame a coin', async () => {
    const { client, backend, clock } = await coins();
    await client.subscribe(['coin:bitcoin', 'whales:bitcoin', 'coin:dogecoin'], () => undefined).ready();
    await backend.restart();
    await until('the loss to be noticed', () => client.connection.get().status === 'reconnecting');
    await clock.advance(1_000);
    await until('both coins to be asked for anew', () => backend.reachable[0]?.subscriptions.size === 2);
    expect(backend.peers[1]?.received.map(({ type }) => type)).toEqual(['subscribe', 'subscribe']);
  });
});

describe('the metals backend', () => {
  it('is silent for hours: no reconnect, and never more than it allows to be sent', async () => {
    const meeting = await metals();
    const { client, backend } = meeting;
    expect(await meeting.ready('metal:gold')).toEqual({ confirmed: true });
    await meeting.pass(2 * 3_600);
    expect(backend.peers).toHaveLength(1);
    expect(backend.peers[0]?.closed).toBeUndefined();
    expect(client.connection.get()).toMatchObject({ status: 'connected', dialect: 'metals' });
    // Nobody can say that the price still holds, nor that it does not.
    expect(client.prices.get('metal:gold')?.freshness).toBe('unverified');
    backend.move('gold', 20_000);
    await until('the price that moved', () => client.prices.get('metal:gold')?.price === 20_000);
  });

  it('closes above 10 messages a minute: the client stays below, however often it is asked for something', async () => {
    const meeting = await metals({}, { heartbeat: { idleMs: 1_000 }, lingerMs: 0 });
    await meeting.ready('metal:gold');
    await meeting.pass(300, () => {
      meeting.client.subscribe('metal:silver', () => undefined).unsubscribe();
      meeting.client.subscribe(`metal:m${meeting.clock.monotonic()}`, () => undefined);
    });
    expect(meeting.backend.peers).toHaveLength(1);
    expect(meeting.backend.peers[0]?.closed).toBeUndefined();
    expect(meeting.client.stats().sent).toBeGreaterThan(20);
  });

  it('that says Rate limit exceeded is left alone for a minute', async () => {
    const { client, backend, clock } = await metals({ messagesPerWindow: 0 });
    client.subscribe('metal:gold', () => undefined);
    await until('the close', () => client.connection.get().status === 'reconnecting');
    const connection = client.connection.get();
    expect(connection.status === 'reconnecting' && connection.retryAt - clock.now()).toBeGreaterThanOrEqual(60_000);
    await clock.advance(59_999);
    expect(backend.peers).toHaveLength(1);
  });

  it('that says Server at capacity is asked again after 5 s at the earliest, until there is room', async () => {
    const clock = new FakeClock();
    const backend = await MetalsBackend.start({ clock, capacity: 1 });
    const first = new Meeting(clock, backend, {});
    await first.client.connect();
    const second = new PriceWebSocketClient(backend.url, { clock });
    undo.push(() => second.close());
    second.subscribe('metal:gold', () => undefined);
    await until('the refusal', () => second.connection.get().status === 'reconnecting');
    const refused = second.connection.get();
    expect(refused.status === 'reconnecting' && refused.retryAt - clock.now()).toBeGreaterThanOrEqual(5_000);
    const closing = first.client.close();
    await clock.advance(4_000);
    await closing;
    // Time goes on slowly enough for a dial to be answered within its deadline.
    while (second.prices.get('metal:gold') === undefined) {
      await clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(second.connection.get()).toMatchObject({ status: 'connected' });
  });

  it('that says Unauthorized has refused for good, and takes the header that it wants', async () => {
    const authorize = (given: string | undefined): boolean => given === 'Bearer good';
    const refused = await metals({ authorize }, { headers: { Authorization: 'Bearer bad' } });
    refused.client.subscribe('metal:gold', () => undefined);
    await until('the end', () => refused.client.connection.get().status === 'failed');
    expect(refused.errors).toMatchObject([{ code: 'TOKEN_REJECTED', closeCode: 1008, retryable: false }]);
    expect(refused.backend.peers).toHaveLength(1);
    const taken = await metals({ authorize }, { headers: { Authorization: 'Bearer good' } });
    expect(await taken.ready('metal:gold')).toEqual({ confirmed: true });
  });

  it.each([false, true])('sends only what moved, as arrays of maps: %s; the rest is kept', async (batched) => {
    const meeting = await metals({ batched });
    const { client, backend, invalid } = meeting;
    const ticks: unknown[] = [];
    client.on('price', (tick) => ticks.push([tick.id, tick.price, tick.direction]));
    await meeting.ready('metal:gold', 'metal:silver');
    backend.moveAll({ gold: 15_000, silver: 246.2, platinum: 7_000 });
    backend.move('silver', 300);
    await until('the last price', () => client.prices.get('metal:silver')?.price === 300);
    expect(client.prices.get('metal:gold')?.price).toBe(15_000);
    // Silver's small move was not sent, platinum was sent and not asked for.
    expect(ticks.slice(2)).toEqual([
      ['gold', 15_000, 'up'],
      ['silver', 300, 'up'],
    ]);
    // Nobody asked for it: it is kept for who comes later, and nobody vouches for it (F10).
    expect(client.prices.get('metal:platinum')).toMatchObject({ price: 7_000, freshness: 'unverified' });
    expect(invalid).toEqual([]);
  });

  it('sends its snapshot on connect only: after a restart it is there again without being asked for', async () => {
    const meeting = await metals();
    const { client, backend, clock } = meeting;
    const ticks: number[] = [];
    client.on('price', (tick) => ticks.push(tick.price));
    await meeting.ready('metal:gold');
    backend.move('gold', 16_000);
    await until('two prices', () => ticks.length === 2);
    await backend.restart();
    await until('the loss to be noticed', () => client.connection.get().status === 'reconnecting');
    await clock.advance(1_000);
    await until('the snapshot', () => ticks.length === 3);
    expect(ticks[2]).toBe(16_000);
    expect(client.connection.get()).toMatchObject({ dialect: 'metals' });
  });
});
