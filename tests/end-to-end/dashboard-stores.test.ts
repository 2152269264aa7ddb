/** What the dashboard keeps beside its components, over real sockets and the demo's own endpoints. */
import path from 'node:path';
import { PriceWebSocketClient } from '@tickwire/client';
import type { AlertTriggered, PortfolioUpdate } from '@tickwire/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAccount, type AccountStore } from '../../examples/dashboard/src/account/account-store.js';
import { createDemoServer, type DemoServer as Demo } from '../../examples/dashboard/src/account/demo-server.js';
import { createSdkLog } from '../../examples/dashboard/src/connection/sdk-log-store.js';
import { createFeedStore } from '../../examples/dashboard/src/events/feed-store.js';
import { withPageId } from '../../examples/dashboard/src/shell/page-id.js';
import { DemoServer } from './demo-server.js';
import { root, until } from './stage.js';

/** A page without its components. */
interface Device {
  client: PriceWebSocketClient;
  demo: Demo;
  account: AccountStore;
}

const asha = { id: 'asha', name: 'Asha' };
const visible = { isHidden: () => false };

describe('behind the dashboard', () => {
  let server: DemoServer;
  const devices: Device[] = [];
  beforeEach(async () => {
    // Its pages are not looked at.
    server = await DemoServer.start({ pages: path.join(root, 'examples/dashboard') });
    server.tell('bitcoin', 100);
  });
  afterEach(async () => {
    for (const { client } of devices.splice(0)) await client.close();
    await server.close();
  });

  const ask = ((address: string, init?: RequestInit) => fetch(new URL(address, server.url), init)) as typeof fetch;

  async function connect(page: string): Promise<Device> {
    const demo = createDemoServer(page, ask);
    const shelf = { read: () => undefined, write: () => undefined };
    const account = createAccount({ demo, shelf, client: () => client });
    const client = new PriceWebSocketClient(withPageId(`ws://127.0.0.1:${server.port}/ws`, page), {
      ...{ dialect: 'tickwire', token: account.token, reconnect: { minDelayMs: 10, baseDelayMs: 20 } },
    });
    const device = { client, demo, account };
    devices.push(device);
    await client.connect();
    return device;
  }

  const isSignedIn = ({ client }: Device): boolean => {
    const connection = client.connection.get();
    return connection.status === 'connected' && connection.authenticated;
  };

  it('the server offers its users and its faults', async () => {
    const { demo } = await connect('page-0001');
    const { accounts, faults } = await demo.offer();
    expect(accounts).toContainEqual(asha);
    expect(faults).toEqual(['drop', 'freeze', 'refuse', 'slow', 'lose']);
  });

  it('one click signs in on the connection that stands, with a portfolio that follows its prices, and one signs out', async () => {
    const device = await connect('page-0001');
    const { client, account } = device;
    const sums: number[] = [];
    client.on('portfolio_update', ({ data }: PortfolioUpdate) => sums.push(Number(data.totalValue)));
    await account.signIn(asha);
    expect(account.get()).toEqual({ status: 'in', user: asha });
    expect(isSignedIn(device)).toBe(true);
    expect(server.app.connections.total).toBe(1);
    const before = await until('a worth', () => sums.at(-1));
    server.tell('bitcoin', 200);
    await until('another worth', () => (sums.at(-1) === before ? undefined : true));
    expect(sums.at(-1)).toBeGreaterThan(before);

    await account.signOut();
    expect(isSignedIn(device)).toBe(false);
    await expect(client.alerts.list()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('a user whom the server does not know is refused in words', async () => {
    const { account } = await connect('page-0001');
    await account.signIn({ id: 'nobody', name: 'Nobody' });
    expect(account.get()).toMatchObject({ status: 'refused', reason: 'There is no such user. Choose another one.' });
  });

  it('an alert that one device makes fires on the other', async () => {
    const [first, second] = [await connect('page-0001'), await connect('page-0002')];
    await first.account.signIn(asha);
    await second.account.signIn(asha);
    const fired: AlertTriggered[] = [];
    second.client.on('alert_triggered', (alert) => fired.push(alert));
    await first.client.alerts.create({ alertType: 'price_above', coinId: 'bitcoin', condition: { targetPrice: 150 } });
    server.tell('bitcoin', 151);
    await until('the alert', () => (fired.length > 0 ? true : undefined));
    expect(fired[0]?.data).toMatchObject({ coinId: 'bitcoin', condition: { targetPrice: 150 } });
  });

  it('what happened while the link was cut is told late, and the log says what the SDK did', async () => {
    const { client, demo } = await connect('page-0001');
    const log = createSdkLog(client);
    const feed = createFeedStore(client, 'whales', visible);
    log.subscribe(() => undefined);
    feed.subscribe(() => undefined);
    await until('the history', () => feed.get().asked || undefined);
    await server.whale('bitcoin', 1_000_000);
    await until('a whale', () => (feed.get().lines.length === 1 ? true : undefined));

    await demo.breakIt('refuse', 60_000);
    await until('the loss', () => (client.connection.get().status === 'connected' ? undefined : true));
    await server.whale('bitcoin', 2_000_000);
    await demo.breakIt('none', 0);
    // As "Try now": in Node the client knows how long the server wants to be left alone.
    await client.connect();
    await until('the late whale', () => (feed.get().lines.length === 2 ? true : undefined));
    expect(feed.get().lines.map(({ arrival }) => arrival)).toEqual(['late', 'live']);
    const said = log.get().map(({ words }) => words);
    expect(said.at(-1)).toMatch(/^Lost the connection: the link broke off\. The next attempt is in /);
    expect(said.some((words) => words.startsWith('Connected again after '))).toBe(true);
  });

  it('a page that is not connected cannot be broken, and is told so', async () => {
    const { demo } = await connect('page-0001');
    const other = createDemoServer('page-0009', ask);
    await expect(other.breakIt('drop', 0)).rejects.toThrow('Wait until it is back');
    await expect(demo.breakIt('slow', 1_000)).resolves.toBeUndefined();
  });
});
