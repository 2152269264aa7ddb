import type { ClientOptions, GapEvent, PriceWebSocketClient, UrlSource } from '@tickwire/client';
import { afterEach, describe, expect, it } from 'vitest';
import { clientOf, LiveServer, sharedEngine, tokenOf } from './live-server.js';
import { until } from './stage.js';

type Alert = { data: { alertId: unknown } };

/** The roads by which an application hears of alerts. */
const roads: readonly [string, (client: PriceWebSocketClient, take: (alert: Alert) => void) => void][] = [
  ["subscribe('user')", (client, take) => client.subscribe('user', take)],
  ["on('alert_triggered') alone", (client, take) => client.on('alert_triggered', take)],
  [
    'events()',
    (client, take) => {
      void (async () => {
        for await (const alert of client.events('alert_triggered')) take(alert);
      })();
    },
  ],
  [
    "a loop over subscribe('user')",
    (client, take) => {
      void (async () => {
        for await (const alert of client.subscribe('user')) take(alert);
      })();
    },
  ],
  [
    'both at once, and one let go',
    (client, take) => {
      client.on('alert_triggered', take);
      client.subscribe('user', () => undefined).unsubscribe();
    },
  ],
];

describe('F51: what comes by itself', () => {
  const undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const each of undo.splice(0).reverse()) await each();
  });

  async function serve(options: Parameters<typeof LiveServer.start>[0] = {}): Promise<LiveServer> {
    const server = await LiveServer.start(options);
    undo.push(() => server.close());
    return server;
  }

  function connect(
    url: UrlSource,
    options: ClientOptions = {},
  ): { client: PriceWebSocketClient; gaps: GapEvent[]; errors: string[]; numbers: unknown[] } {
    const client = clientOf(url, options);
    undo.push(() => client.close());
    const gaps: GapEvent[] = [];
    const errors: string[] = [];
    client.on('gap', (gap) => gaps.push(gap));
    client.on('error', (error) => errors.push(error.code));
    return { client, gaps, errors, numbers: [] };
  }

  const authenticated = (client: PriceWebSocketClient): Promise<true> =>
    until('the authentication', () => {
      const now = client.connection.get();
      return now.status === 'connected' && now.authenticated ? true : undefined;
    });

  /** Breaks every link, has something happen meanwhile, and lets the client back. */
  async function broken(
    server: LiveServer,
    client: PriceWebSocketClient,
    meanwhile: () => Promise<void>,
  ): Promise<void> {
    server.link.refuse();
    server.link.reset();
    await until('the client to notice', () => (client.connection.get().status === 'connected' ? undefined : true));
    await meanwhile();
    await server.link.accept();
    await authenticated(client);
  }

  it.each(roads)('is resumed after a broken link: alerts heard by %s come once, in order', async (_road, follow) => {
    const server = await serve();
    const { client, gaps, errors, numbers } = connect(server.url, { token: tokenOf('alice') });
    follow(client, ({ data }) => numbers.push(data.alertId));
    await client.connect();
    await authenticated(client);
    await server.alert('alice', 1, 2, 3);
    await until('three alerts', () => (numbers.length === 3 ? true : undefined));
    await broken(server, client, () => server.alert('alice', 4, 5, 6, 7, 8, 9));
    await server.alert('alice', 10);
    await until('the last alert', () => (numbers.includes(10) ? true : undefined));
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect({ gaps, errors }).toEqual({ gaps: [], errors: [] });
  });

  it('is resumed where nothing had come before the link broke, and again after it broke again', async () => {
    const server = await serve();
    const { client, gaps, errors, numbers } = connect(server.url, { token: tokenOf('alice') });
    await server.alert('alice', -1);
    client.on('alert_triggered', ({ data }) => numbers.push(data.alertId));
    await client.connect();
    await authenticated(client);
    for (const round of [0, 1, 2]) {
      await broken(server, client, () => server.alert('alice', round * 2 + 1, round * 2 + 2));
      await until('the alerts', () => (numbers.length === round * 2 + 2 ? true : undefined));
    }
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6]);
    expect({ gaps, errors }).toEqual({ gaps: [], errors: [] });
  });

  it.each([
    ['with an announcement before', 1],
    ['with none before', 0],
  ])('announcements are resumed after a broken link, %s', async (_case, before) => {
    const server = await serve();
    const { client, gaps, errors, numbers } = connect(server.url);
    client.on('announcement', ({ data }) => numbers.push(Number(data?.message)));
    await client.connect();
    // An answer proves that the server has taken everything before it.
    await client.catalog();
    for (let each = 1; each <= before; each += 1) await server.announce(each);
    await until('the announcements', () => (numbers.length === before ? true : undefined));
    server.link.refuse();
    server.link.reset();
    await until('the client to notice', () => (client.connection.get().status === 'connected' ? undefined : true));
    await server.announce(before + 1, before + 2);
    await server.link.accept();
    await client.connect();
    await client.catalog();
    await server.announce(before + 3);
    await until('the last one', () => (numbers.includes(before + 3) ? true : undefined));
    expect(numbers).toEqual(Array.from({ length: before + 3 }, (_each, index) => index + 1));
    expect({ gaps, errors }).toEqual({ gaps: [], errors: [] });
  });

  it('the portfolio is the newest after a broken link, each value once', async () => {
    const server = await serve();
    const { client, gaps, errors, numbers } = connect(server.url, { token: tokenOf('alice') });
    client.on('portfolio_update', ({ data }) => numbers.push(Number(data.totalValue)));
    await client.connect();
    await authenticated(client);
    const value = (totalValue: number): Promise<void> =>
      server.app.realtime.broadcastToUser('alice', { type: 'portfolio_update', data: { totalValue } });
    await value(1);
    await until('a value', () => (numbers.length === 1 ? true : undefined));
    await broken(server, client, async () => {
      await value(2);
      await value(3);
    });
    await until('the newest value', () => (numbers.includes(3) ? true : undefined));
    await value(4);
    await until('the next value', () => (numbers.includes(4) ? true : undefined));
    expect(numbers).toEqual([1, 3, 4]);
    expect({ gaps, errors }).toEqual({ gaps: [], errors: [] });
  });

  it('one gap is said of what the server no longer has, and the rest comes', async () => {
    const limits = { userMessages: 3 };
    const server = await serve({ limits });
    const { client, gaps, numbers } = connect(server.url, { token: tokenOf('alice') });
    client.on('alert_triggered', ({ data }) => numbers.push(data.alertId));
    await client.connect();
    await authenticated(client);
    await server.alert('alice', 1);
    await until('an alert', () => (numbers.length === 1 ? true : undefined));
    await broken(server, client, () => server.alert('alice', 2, 3, 4, 5, 6, 7));
    await until('the gap', () => (gaps.length > 0 ? true : undefined));
    await server.alert('alice', 8);
    await until('the next alert', () => (numbers.includes(8) ? true : undefined));
    expect(numbers).toEqual([1, 8]);
    expect(gaps).toEqual([{ channel: 'user', from: 2, to: 7, reason: 'too_old' }]);
  });

  it('a server that was started again has lost an unknown range, and says so once', async () => {
    const first = await serve();
    let { url } = first;
    const { client, gaps, numbers } = connect(() => url, { token: tokenOf('alice') });
    client.on('alert_triggered', ({ data }) => numbers.push(data.alertId));
    await client.connect();
    await authenticated(client);
    await first.alert('alice', 1);
    await until('an alert', () => (numbers.length === 1 ? true : undefined));
    const next = await serve();
    await next.alert('alice', 2);
    ({ url } = next);
    first.link.refuse();
    first.link.reset();
    await until('the gap', () => (gaps.length > 0 ? true : undefined));
    await next.alert('alice', 3);
    await until('the next alert', () => (numbers.includes(3) ? true : undefined));
    expect(numbers).toEqual([1, 3]);
    expect(gaps).toEqual([
      { channel: 'user', from: null, to: null, reason: 'epoch', epoch: expect.any(String) as string },
    ]);
  });

  it('survives a server that goes away: nothing is lost, doubled or announced by the move', async () => {
    const engine = sharedEngine();
    const limits = { drainMs: 100, drainSpreadMs: 50 };
    const first = await serve({ engine, limits });
    const second = await serve({ engine, limits });
    let { url } = first;
    const { client, gaps, errors, numbers } = connect(() => url, { token: tokenOf('alice') });
    const announced: number[] = [];
    client.on('alert_triggered', ({ data }) => numbers.push(data.alertId));
    client.on('announcement', ({ data }) => announced.push(Number(data?.message)));
    await client.connect();
    await authenticated(client);
    await client.catalog();
    ({ url } = second);
    let sent = 0;
    const leaving = { done: false };
    const gone = first.app.close().then(() => (leaving.done = true));
    while (!leaving.done) {
      sent += 1;
      await second.alert('alice', sent);
      await second.announce(sent);
      await new Promise((resolve) => setImmediate(resolve));
      if (sent > 150) await gone;
    }
    await authenticated(client);
    sent += 1;
    await second.alert('alice', sent);
    await second.announce(sent);
    await until('the last ones', () => (numbers.includes(sent) && announced.includes(sent) ? true : undefined));
    const all = Array.from({ length: sent }, (_each, index) => index + 1);
    expect(numbers).toEqual(all);
    expect(announced).toEqual(all);
    expect({ gaps, errors }).toEqual({ gaps: [], errors: [] });
  });

  it('is another user’s after another sign-in: nothing of the one before is resumed', async () => {
    const server = await serve();
    let user = 'alice';
    const { client, gaps, errors, numbers } = connect(server.url, { token: () => tokenOf(user) });
    client.on('alert_triggered', ({ data }) => numbers.push(data.alertId));
    await client.connect();
    await authenticated(client);
    await server.alert('alice', 1);
    await until('an alert', () => (numbers.length === 1 ? true : undefined));
    await server.alert('bob', 101, 102, 103);
    user = 'bob';
    await broken(server, client, () => server.alert('alice', 2));
    await server.alert('bob', 104);
    await until('an alert of bob’s', () => (numbers.includes(104) ? true : undefined));
    expect(numbers).toEqual([1, 104]);
    expect({ gaps, errors }).toEqual({ gaps: [], errors: [] });
  });
});
