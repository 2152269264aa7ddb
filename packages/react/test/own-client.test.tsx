// @vitest-environment node
/** A provider that makes its own client, over a real socket. */
import { closePage } from './page.js';
import { until } from '@tickwire/testing';
import { StrictMode, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { PriceStreamProvider, useConnection, usePrice, usePriceClient } from '../src/index.js';
import { priceServer, type PriceServer } from './price-server.js';
import { jwt } from './tokens.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
afterAll(() => closePage());

async function serverWith(prices: Record<string, number>): Promise<PriceServer> {
  const started = await priceServer(prices);
  undo.push(() => started.server.stop());
  return started;
}

function show(page: ReactNode) {
  const container = document.createElement('div');
  const root = createRoot(container);
  root.render(page);
  undo.push(() => root.unmount());
  return {
    text: () => container.textContent,
    render: (next: ReactNode) => root.render(next),
    unmount: () => root.unmount(),
  };
}

function Price() {
  return `${useConnection(({ status }) => status)} ${usePrice('coin:bitcoin')?.price ?? 'none'}`;
}

const tokensOf = ({ server }: PriceServer) =>
  server.peers.map(({ received }) =>
    received.flatMap(({ type, data }) => (type === 'authenticate' ? [(data as { token: string }).token] : [])),
  );

describe('a provider of its own client', () => {
  it('F25: opens one socket in StrictMode, and closes it after it is gone', async () => {
    const server = await serverWith({ 'coin:bitcoin': 1 });
    const page = show(
      <StrictMode>
        <PriceStreamProvider url={server.url}>
          <Price />
        </PriceStreamProvider>
      </StrictMode>,
    );
    await until('it is live', () => page.text() === 'connected 1');
    expect(server.server.peers).toHaveLength(1);
    page.unmount();
    await until('its socket is gone', () => server.server.open === 0);
  });

  it.each<[string, () => string | (() => string) | undefined]>([
    ['no token', () => undefined],
    ['a text', () => 'one'],
    ['a function that a hot update makes anew', () => () => 'opaque'],
    ['a function that gives a new token of the same user', () => () => jwt('alice', { nonce: Math.random() })],
  ])('F25, F49: keeps its socket over three hot updates that mount it anew, with %s', async (_what, token) => {
    const server = await serverWith({ 'coin:bitcoin': 1 });
    const edited = (times: number) => (
      <PriceStreamProvider key={times} url={server.url} token={token()}>
        <Price />
      </PriceStreamProvider>
    );
    const page = show(edited(0));
    await until('it is live', () => page.text() === 'connected 1');
    for (let times = 1; times <= 3; times += 1) {
      page.render(edited(times));
      await until('it is mounted anew', () => page.text() === 'connected 1');
    }
    server.send('coin:bitcoin', 2);
    await until('it is live', () => page.text() === 'connected 2');
    expect(server.server.peers).toHaveLength(1);
  });

  it('F44: ends the socket of one user when the next one mounts it within the linger', async () => {
    const server = await serverWith({ 'coin:bitcoin': 1 });
    const of = (user: string) => (
      <PriceStreamProvider key={user} url={server.url} token={() => jwt(user)}>
        <Price />
      </PriceStreamProvider>
    );
    const page = show(of('alice'));
    await until('alice is authenticated', () => tokensOf(server)[0]?.length === 1);
    page.render(of('bob'));
    await until('bob is authenticated', () => tokensOf(server)[1]?.length === 1);
    expect(tokensOf(server)).toEqual([[jwt('alice')], [jwt('bob')]]);
    await until('the first socket is gone', () => server.server.open === 1);
  });

  it('F44: gives two providers of two users a socket each, though their functions look alike', async () => {
    const server = await serverWith({ 'coin:bitcoin': 1 });
    const of = (user: string) => (
      <PriceStreamProvider key={user} url={server.url} token={() => jwt(user)}>
        <Price />
      </PriceStreamProvider>
    );
    const page = show(of('alice'));
    await until('alice is authenticated', () => tokensOf(server)[0]?.length === 1);
    page.render([of('alice'), of('bob')]);
    await until('bob is authenticated', () => tokensOf(server)[1]?.length === 1);
    expect(tokensOf(server)).toEqual([[jwt('alice')], [jwt('bob')]]);
    await until('both are live', () => page.text() === 'connected 1connected 1');
  });

  it('F46: authenticates the living connection with another text, and keeps its prices', async () => {
    const server = await serverWith({ 'coin:bitcoin': 1 });
    const seen: string[] = [];
    function Watch() {
      const text = Price();
      seen.push(text);
      return text;
    }
    const of = (token: string) => (
      <PriceStreamProvider url={server.url} token={token}>
        <Watch />
      </PriceStreamProvider>
    );
    const page = show(of('one'));
    await until('it is live', () => page.text() === 'connected 1');
    await until('it is authenticated', () => tokensOf(server)[0]?.length === 1);
    const first = seen.length;
    page.render(of('two'));
    await until('it is authenticated anew', () => tokensOf(server)[0]?.length === 2);
    expect(server.server.peers).toHaveLength(1);
    expect(seen.slice(first).every((text) => text.endsWith(' 1'))).toBe(true);
  });

  it('is another client for another url and another session', async () => {
    const [first, second] = [await serverWith({ 'coin:bitcoin': 1 }), await serverWith({ 'coin:bitcoin': 2 })];
    const of = (url: string, session: string) => (
      <PriceStreamProvider url={url} session={session} token={() => jwt(session)}>
        <Price />
      </PriceStreamProvider>
    );
    const page = show(of(first.url, 'alice'));
    await until('it is live', () => page.text() === 'connected 1');
    page.render(of(second.url, 'alice'));
    await until('the other is live', () => page.text() === 'connected 2');
    page.render(of(second.url, 'bob'));
    await until('bob is authenticated', () => tokensOf(second)[1]?.length === 1);
    expect(tokensOf(second)).toEqual([[jwt('alice')], [jwt('bob')]]);
    await until('the others are gone', () => first.server.open === 0 && second.server.open === 1);
  });

  it('renders on a server without opening anything, each request with a client of its own', () => {
    const { window: page } = globalThis;
    Reflect.deleteProperty(globalThis, 'window');
    undo.push(() => Object.assign(globalThis, { window: page }));
    const clients = new Set<unknown>();
    function Page() {
      clients.add(usePriceClient());
      return Price();
    }
    for (const user of ['alice', 'bob', 'alice']) {
      const html = renderToString(
        <PriceStreamProvider url="ws://localhost:1/ws" session={user}>
          <Page />
        </PriceStreamProvider>,
      );
      expect(html).toBe('idle none');
    }
    expect(clients.size).toBe(3);
  });
});
