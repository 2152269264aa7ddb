// @vitest-environment node
/** The hooks over a real socket: real client, real server, real frames. */
import { closePage } from './page.js';
import { PriceWebSocketClient } from '@tickwire/client';
import { metalPrices, ScriptedServer, until } from '@tickwire/testing';
import { StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  PriceStreamProvider,
  usePrice,
  useWebSocketPrices,
  type UseWebSocketPricesOptions,
  type WebSocketPrices,
} from '../src/index.js';
import { priceServer, type PriceServer } from './price-server.js';
import { tickOf } from './price-ticks.js';
import { jwt } from './tokens.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

afterAll(async () => {
  // What a test left to linger ends before the page does.
  await wait(1_100);
  await closePage();
});

async function serverWith(
  prices: Record<string, number> = {},
  port = 0,
  isGoodToken?: (token: unknown) => boolean,
): Promise<PriceServer> {
  const started = await priceServer(prices, port, undefined, isGoodToken);
  undo.push(() => started.server.stop());
  return started;
}

/** Renders without `act`: frames and sockets keep their own time here. */
function show(page: ReactNode) {
  const container = document.createElement('div');
  const root = createRoot(container);
  root.render(page);
  const page_ = {
    text: () => container.textContent,
    render: (next: ReactNode) => root.render(next),
    unmount: () => root.unmount(),
  };
  undo.push(page_.unmount);
  return page_;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const frames = async (count: number) => {
  for (let frame = 0; frame < count; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
};

describe('useWebSocketPrices', () => {
  /** Shows what the hook gives, and keeps it for the test. */
  function Prices({ url, onRender, ...options }: { url: string; onRender?: (given: Given) => void } & Options) {
    const given = useWebSocketPrices(url, { ...options });
    onRender?.(given);
    return `${given.status} ${given.prices['gold']?.price ?? 'none'}`;
  }
  type Options = UseWebSocketPricesOptions<string, string>;
  type Given = WebSocketPrices<string>;

  it('opens one socket and sends one subscribe, no unsubscribe, in StrictMode', async () => {
    const { url, server, received, send } = await serverWith({ 'metal:gold': 5_420.5 });
    const page = show(
      <StrictMode>
        <Prices url={url} />
      </StrictMode>,
    );
    await until('the snapshot is shown', () => page.text() === 'connected 5420.5');
    send('metal:gold', 5_421);
    await until('the next price is shown', () => page.text() === 'connected 5421');
    expect(server.peers).toHaveLength(1);
    const channels = received('subscribe').flatMap((message) => (message['data'] as { channels: unknown[] }).channels);
    expect(channels).toMatchObject([
      { channel: 'metal:gold' },
      { channel: 'metal:silver' },
      { channel: 'metal:platinum' },
      { channel: 'metal:palladium' },
    ]);
    expect(received('subscribe')).toHaveLength(1);
    expect(received('unsubscribe')).toHaveLength(0);
  });

  it('shares its socket between components, and keeps it over renders with other literals', async () => {
    const { url, server, received } = await serverWith({ 'metal:gold': 1, 'coin:bitcoin': 2 });
    const pair = () => (
      <>
        <Prices url={url} metals={['gold']} token={() => null} />
        <Prices url={url} metals={['gold']} coins={['bitcoin']} />
        <Prices url={url} metals={['gold']} />
      </>
    );
    const page = show(pair());
    await until('all are live', () => page.text() === 'connected 1'.repeat(3));
    for (let times = 0; times < 5; times += 1) {
      page.render(pair());
      await frames(1);
    }
    expect(server.peers).toHaveLength(2);
    expect(received('unsubscribe')).toHaveLength(0);
  });

  it('lets its socket go a linger after its last component', async () => {
    const { url, server } = await serverWith({ 'metal:gold': 1 });
    const page = show(<Prices url={url} />);
    await until('it is live', () => page.text() === 'connected 1');
    page.render(null);
    await until('it is gone', () => page.text() === '');
    page.render(<Prices url={url} />);
    await until('it is live again', () => page.text() === 'connected 1');
    // Longer than a linger: the first one was called off.
    await wait(1_100);
    expect(server.open).toBe(1);
    page.unmount();
    await until('the socket is gone', () => server.open === 0);
    expect(server.peers).toHaveLength(1);
  });

  it('opens nothing while it is not enabled, and lets go when it is no longer', async () => {
    const { url, server } = await serverWith({ 'metal:gold': 1 });
    const page = show(<Prices url={url} enabled={false} />);
    await wait(100);
    expect(page.text()).toBe('idle none');
    expect(server.peers).toHaveLength(0);
    page.render(<Prices url={url} enabled />);
    await until('it is live', () => page.text() === 'connected 1');
    page.render(<Prices url={url} enabled={false} />);
    await until('it rests, with its price', () => page.text() === 'idle 1');
    await until('the socket is gone', () => server.open === 0);
  });

  it('gives the cause while it reconnects, and recovers by itself when the server is back', async () => {
    const first = await serverWith({ 'metal:gold': 1 });
    const seen: Given[] = [];
    const page = show(<Prices url={first.url} onRender={(given) => seen.push(given)} />);
    await until('it is live', () => page.text() === 'connected 1');
    await first.server.stop();
    await until('it notices', () => seen.at(-1)?.status === 'reconnecting');
    expect(seen.at(-1)).toMatchObject({ connected: false, error: { name: 'PriceStreamError', retryable: true } });
    expect(seen.at(-1)?.prices['gold']?.price).toBe(1);
    await serverWith({ 'metal:gold': 2 }, first.server.port);
    await until('it is back', () => page.text() === 'connected 2');
    expect(seen.at(-1)).toMatchObject({ connected: true, error: null });
  });

  it('gives a wrong URL or name as an error, and opens nothing', async () => {
    const { url, server } = await serverWith();
    const seen: Given[] = [];
    const page = show(<Prices url="nonsense:" onRender={(given) => seen.push(given)} />);
    await until('the URL has failed', () => page.text() === 'failed none');
    expect(seen.at(-1)?.error?.code).toBe('CONFIGURATION');
    page.render(<Prices url={url} metals={['Gold']} onRender={(given) => seen.push(given)} />);
    await until('the name has failed', () => seen.at(-1)?.error?.message.includes('metal:Gold') === true);
    expect(seen.at(-1)).toMatchObject({ status: 'failed', connected: false, error: { code: 'CONFIGURATION' } });
    expect(server.peers).toHaveLength(0);
  });

  it('gives the refusal of a channel as an error, beside the prices of the others, until a server has it', async () => {
    const first = await priceServer({ 'metal:gold': 1 }, 0, new Set(['metal:silver']));
    undo.push(() => first.server.stop());
    const seen: Given[] = [];
    const page = show(<Prices url={first.url} metals={['gold', 'silver']} onRender={(given) => seen.push(given)} />);
    await until('it is live', () => page.text() === 'connected 1');
    await until('the refusal is shown', () => seen.at(-1)?.error?.code === 'UNKNOWN_CHANNEL');
    expect(seen.at(-1)).toMatchObject({ connected: true, status: 'connected' });
    expect(seen.at(-1)?.error?.message).toContain('metal:silver');
    await first.server.stop();
    await serverWith({ 'metal:gold': 2, 'metal:silver': 3 }, first.server.port);
    await until('it is back', () => page.text() === 'connected 2');
    await until('nothing is refused any more', () => seen.at(-1)?.error === null);
    expect(seen.at(-1)?.prices['silver']?.price).toBe(3);
  });

  it('gives the refusal of a channel that the dialect of the server does not carry', async () => {
    const server = await ScriptedServer.start({ connected: (peer) => peer.send(metalPrices({ gold: 5 })) });
    undo.push(() => server.stop());
    const seen: Given[] = [];
    const options = { metals: ['gold'], coins: ['bitcoin'] };
    const page = show(<Prices url={server.url} {...options} onRender={(given) => seen.push(given)} />);
    await until('it is live', () => page.text() === 'connected 5');
    await until('the refusal is shown', () => seen.at(-1)?.error?.code === 'UNKNOWN_CHANNEL');
    expect(seen.at(-1)?.error?.message).toContain('coin:bitcoin');
  });

  it('F46: sends a token in a message and never in the URL, and another one over the same socket, with its prices', async () => {
    const { url, server, received } = await serverWith({ 'metal:gold': 1 });
    const seen: Given[] = [];
    const page = show(<Prices url={url} token="first" onRender={(given) => seen.push(given)} />);
    await until('it is live', () => page.text() === 'connected 1');
    await until('the token is sent', () => received('authenticate').length === 1);
    page.render(<Prices url={url} token="second" onRender={(given) => seen.push(given)} />);
    await until('the other token is sent', () => received('authenticate').length === 2);
    expect(received('authenticate').map((message) => message['data'])).toMatchObject([
      { token: 'first' },
      { token: 'second' },
    ]);
    expect(server.peers).toHaveLength(1);
    const first = seen.findIndex(({ prices }) => prices['gold'] !== undefined);
    expect(seen.slice(first).every(({ prices }) => prices['gold']?.price === 1)).toBe(true);
  });

  it('F46: several hooks that get another token at once stay on their one socket', async () => {
    const { url, server, received } = await serverWith({ 'metal:gold': 1 });
    const seen: Given[] = [];
    const pair = (token: string) => (
      <>
        <Prices url={url} token={token} onRender={(given) => seen.push(given)} />
        <Prices url={url} token={token} onRender={(given) => seen.push(given)} />
        <Prices url={url} token={token} onRender={(given) => seen.push(given)} />
      </>
    );
    const page = show(pair('one'));
    await until('all are live', () => page.text() === 'connected 1connected 1connected 1');
    const first = seen.length;
    page.render(pair('two'));
    await until('the other token is sent', () => received('authenticate').length === 2);
    await until('all are live again', () => page.text() === 'connected 1connected 1connected 1');
    expect(seen.slice(first).every(({ prices }) => prices['gold']?.price === 1)).toBe(true);
    expect(received('authenticate').map((message) => message['data'])).toMatchObject([
      { token: 'one' },
      { token: 'two' },
    ]);
    expect(server.peers).toHaveLength(1);
  });

  it('F46: keeps its prices while it is not enabled, as stale ones, and its socket where that is short', async () => {
    const { url, server } = await serverWith({ 'metal:gold': 1 });
    const seen: Given[] = [];
    const prices = (enabled: boolean) => (
      <Prices url={url} token="one" enabled={enabled} onRender={(given) => seen.push(given)} />
    );
    const page = show(prices(true));
    await until('it is live', () => page.text() === 'connected 1');
    const first = seen.length;
    page.render(prices(false));
    await until('it rests', () => page.text() === 'idle 1');
    expect(seen.at(-1)?.prices['gold']?.freshness).toBe('stale');
    page.render(prices(true));
    await until('it is live again', () => page.text() === 'connected 1');
    expect(seen.at(-1)?.prices['gold']?.freshness).toBe('fresh');
    expect(seen.slice(first).every(({ prices: { gold } }) => gold?.price === 1)).toBe(true);
    expect(server.peers).toHaveLength(1);
  });

  it('F46: keeps its prices, as stale ones, while it moves to a socket of its own because others use the first', async () => {
    const { url, server } = await serverWith({ 'metal:gold': 1 });
    const seen: Given[] = [];
    const pair = (token: string) => (
      <>
        <Prices url={url} token="one" />
        <Prices url={url} token={token} onRender={(given) => seen.push(given)} />
      </>
    );
    const page = show(pair('one'));
    await until('both are live', () => page.text() === 'connected 1connected 1');
    const first = seen.length;
    page.render(pair('two'));
    await until('it has a socket of its own', () => server.peers.length === 2);
    await until('both are live again', () => page.text() === 'connected 1connected 1');
    const golds = seen.slice(first).map(({ prices }) => prices['gold']);
    expect(golds.map((gold) => gold?.price)).toEqual(golds.map(() => 1));
    expect(golds.map((gold) => gold?.freshness)).toContain('stale');
    await until('its price is confirmed', () => seen.at(-1)?.prices['gold']?.freshness === 'fresh');
  });

  it('F41: shows initial prices without calling them fresh, and those of one server never as those of another', async () => {
    const [first, second] = [await serverWith(), await serverWith({ 'metal:gold': 2 })];
    const seen: Given[] = [];
    const gold = { ...tickOf('metal:gold', 1), receivedAt: new Date().getTime() };
    const prices = (url: string) => (
      <Prices url={url} initialPrices={{ gold }} onRender={(given) => seen.push(given)} />
    );
    const page = show(prices(first.url));
    await until('it is live', () => page.text() === 'connected 1');
    expect(seen.map((given) => given.prices['gold']?.freshness)).not.toContain('fresh');
    const before = seen.length;
    page.render(prices(second.url));
    await until('the other is live', () => page.text() === 'connected 2');
    expect(seen.slice(before).map((given) => given.prices['gold']?.price)).not.toContain(1);
  });

  it('F44: leaves the shared socket when its user changes, which then serves the first user alone', async () => {
    const { url, server } = await serverWith({ 'metal:gold': 1 });
    const alice = () => jwt('alice');
    const bob = () => jwt('bob');
    const pair = (second: () => string) => (
      <>
        <Prices url={url} token={alice} />
        <Prices url={url} token={second} />
      </>
    );
    const page = show(pair(alice));
    await until('both are live', () => page.text() === 'connected 1connected 1');
    expect(server.peers).toHaveLength(1);
    page.render(pair(bob));
    await until('the second has a socket', () => server.peers.length === 2);
    const tokens = () =>
      server.peers.map(({ received }) =>
        received.flatMap(({ type, data }) => (type === 'authenticate' ? [(data as { token: string }).token] : [])),
      );
    await until('it is authenticated', () => tokens()[1]?.length === 1);
    expect(tokens()).toEqual([[jwt('alice')], [jwt('bob')]]);
    expect(page.text()).toContain('connected 1');
    await until('both are live again', () => page.text() === 'connected 1connected 1');
  });

  it('F45: opens one socket for ten components with inline token functions, in StrictMode too', async () => {
    const { url, server, received } = await serverWith({ 'metal:gold': 1 });
    const ten = () => (
      <StrictMode>
        {Array.from({ length: 10 }, (_, index) => (
          <Prices key={index} url={url} metals={['gold']} token={() => 'opaque'} />
        ))}
      </StrictMode>
    );
    const page = show(ten());
    await until('all are live', () => page.text() === 'connected 1'.repeat(10));
    for (let times = 0; times < 5; times += 1) {
      page.render(ten());
      await frames(1);
    }
    expect(page.text()).toBe('connected 1'.repeat(10));
    expect(server.peers).toHaveLength(1);
    expect(received('authenticate')).toHaveLength(1);
    expect(received('unsubscribe')).toHaveLength(0);
  });

  it('F49: keeps its socket when a hot update mounts it anew, with another token function', async () => {
    const { url, server } = await serverWith({ 'metal:gold': 1 });
    const page = show(<Prices key="before" url={url} token={() => 'opaque'} />);
    await until('it is live', () => page.text() === 'connected 1');
    // What Fast Refresh does to a component whose hooks were edited.
    page.render(<Prices key="after" url={url} token={() => 'opaque'} />);
    await until('it is live again', () => page.text() === 'connected 1');
    expect(server.peers).toHaveLength(1);
  });

  it('F50: says that nothing is asked for, opens nothing, and takes null as absent', async () => {
    const { url, server, received } = await serverWith({ 'metal:gold': 1 });
    const seen: Given[] = [];
    let asked = 0;
    const token = () => {
      asked += 1;
      return null;
    };
    const nothing = { metals: [], coins: null, token } as unknown as Options;
    const page = show(<Prices url={url} {...nothing} onRender={(given) => seen.push(given)} />);
    await until('it is shown', () => page.text() === 'idle none');
    expect(seen.at(-1)).toMatchObject({ empty: true, error: null, prices: {} });
    await frames(3);
    expect(server.peers).toHaveLength(0);
    expect(asked).toBe(0);
    const absent = { metals: null, coins: null, token: null, session: null, initialPrices: null } as unknown as Options;
    page.render(<Prices url={url} {...absent} onRender={(given) => seen.push(given)} />);
    await until('it is live', () => page.text() === 'connected 1');
    expect(seen.at(-1)).toMatchObject({ empty: false });
    expect(received('subscribe')).toHaveLength(1);
  });

  it('F47: refuses what is too much, serves the rest, and holds nothing once it is gone', async () => {
    const { url, server } = await serverWith({ 'coin:c0': 1 });
    const seen: Given[] = [];
    const many = Array.from({ length: 10_001 }, (_, index) => `c${index}`);
    const page = show(
      <>
        <Prices url={url} coins={many} onRender={(given) => seen.push(given)} />
        <Prices url={url} coins={['c0']} />
      </>,
    );
    await until('the refusal is shown', () => seen.at(-1)?.error?.code === 'TOO_MANY_SUBSCRIPTIONS');
    await until('the others are served', () => seen.at(-1)?.prices['c0']?.price === 1);
    page.unmount();
    await until('the socket is gone', () => server.open === 0, 20_000);
  }, 60_000);

  it('F43: shows a wrong name beside the prices of the others', async () => {
    const { url } = await serverWith({ 'coin:bitcoin': 1 });
    const seen: Given[] = [];
    show(<Prices url={url} coins={['bitcoin', 'Ethereum']} onRender={(given) => seen.push(given)} />);
    await until('the good one is live', () => seen.at(-1)?.prices['bitcoin']?.price === 1);
    expect(seen.at(-1)).toMatchObject({ connected: true, error: { code: 'CONFIGURATION' } });
    expect(seen.at(-1)?.error?.message).toContain('coin:Ethereum');
  });

  it('F61: tries again after a refused token: by retry, when enabled anew, and for the next component', async () => {
    let good = false;
    const { url, server } = await serverWith({ 'metal:gold': 1 }, 0, () => good);
    const seen: Given[] = [];
    const getToken = () => (good ? 'good' : 'bad');
    const prices = (more: Options = {}, key = 'one') => (
      <Prices key={key} url={url} token={getToken} {...more} onRender={(given) => seen.push(given)} />
    );
    const page = show(prices());
    const failed = () => seen.at(-1)?.status === 'failed' && seen.at(-1)?.error?.code === 'TOKEN_REJECTED';
    await until('it has failed', failed, 10_000);
    seen.at(-1)?.retry();
    await until('it tries again', () => seen.at(-1)?.status !== 'failed');
    await until('it has failed again', failed, 10_000);
    page.render(prices({ enabled: false }));
    await until('it rests', () => seen.at(-1)?.status === 'idle');
    page.render(prices());
    await until('it has tried again', () => server.peers.length >= 3 && failed(), 10_000);
    good = true;
    page.render(prices({}, 'two'));
    await until('it is live', () => seen.at(-1)?.connected === true && seen.at(-1)?.prices['gold']?.price === 1);
    expect(seen.at(-1)?.error).toBeNull();
  }, 30_000);
});

describe('a provider', () => {
  it('renders a component at most once a frame in a burst, and no other component at all', async () => {
    const { url, send } = await serverWith({ 'coin:bitcoin': 1, 'metal:gold': 1 });
    const client = new PriceWebSocketClient(url);
    undo.push(() => client.close());
    const renders = { bitcoin: 0, gold: 0 };
    function Bitcoin() {
      renders.bitcoin += 1;
      return usePrice('coin:bitcoin')?.price ?? 'none';
    }
    function Gold() {
      renders.gold += 1;
      return usePrice('metal:gold')?.price ?? 'none';
    }
    const page = show(
      <PriceStreamProvider client={client}>
        <Bitcoin /> <Gold />
      </PriceStreamProvider>,
    );
    await until('both are live', () => page.text() === '1 1');
    let framesSeen = 0;
    let counting = true;
    const count = () => {
      framesSeen += 1;
      if (counting) requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
    const before = { ...renders };
    for (let price = 2; price <= 1_001; price += 1) send('coin:bitcoin', price);
    await until('the last price is shown', () => page.text() === '1001 1');
    counting = false;
    expect(renders.bitcoin - before.bitcoin).toBeLessThanOrEqual(framesSeen + 1);
    expect(renders.bitcoin - before.bitcoin).toBeLessThan(500);
    expect(renders.gold).toBe(before.gold);
  });

  it('subscribes once and unsubscribes never in StrictMode, and leaves the client open when it goes', async () => {
    const { url, server, received } = await serverWith({ 'coin:bitcoin': 1, 'metal:gold': 2 });
    const client = new PriceWebSocketClient(url);
    undo.push(() => client.close());
    function Price({ channel }: { channel: 'coin:bitcoin' | 'metal:gold' }) {
      return usePrice(channel)?.price ?? 'none';
    }
    const page = show(
      <StrictMode>
        <PriceStreamProvider client={client}>
          <Price channel="coin:bitcoin" /> <Price channel="metal:gold" />
        </PriceStreamProvider>
      </StrictMode>,
    );
    await until('both are shown', () => page.text() === '1 2');
    expect(server.peers).toHaveLength(1);
    expect(received('subscribe')).toHaveLength(1);
    expect(received('unsubscribe')).toHaveLength(0);
    page.unmount();
    await until('the channels are let go', () => received('unsubscribe').length > 0);
    expect(server.open).toBe(1);
  });
});
