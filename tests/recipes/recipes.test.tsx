// @vitest-environment node
/** The recipes of docs/recipes: their code compiles, and does on a page what the page says. */
import { closePage } from '../../packages/react/test/page.js';
import * as client from '@tickwire/client';
import * as react from '@tickwire/react';
import { createScriptedServer, metalPrices, until, type ScriptedServer } from '@tickwire/testing';
import * as testing from '@tickwire/testing';
import * as testingLibrary from '@testing-library/react';
import * as React from 'react';
import type { ComponentType, ReactElement } from 'react';
import * as jsxRuntime from 'react/jsx-runtime';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import useWebSocket from 'react-use-websocket';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { blocks, indexText, loader, pages, problems, type Load } from './recipe-code.js';

/** What a test of a recipe is called, and what it does. */
type Declared = readonly [title: string, run: () => Promise<void>];

let server: ScriptedServer;
let load: Load;
const opened: { close(): unknown }[] = [];
const declared: Declared[] = [];
/** The blocks that some test below has run. */
const proved = new Set<string>();

beforeEach(async () => {
  server = await createScriptedServer({
    prices: { 'coin:bitcoin': 100, 'metal:gold': 200 },
    received: (peer, message) => {
      if (message['metals'] !== undefined) peer.send(metalPrices({ gold: 200, silver: 25 }));
    },
  });
  vi.stubGlobal('WebSocket', WebSocket);
  class OpenedClient extends client.PriceWebSocketClient {
    constructor(...given: ConstructorParameters<typeof client.PriceWebSocketClient>) {
      super(...given);
      opened.push(this);
    }
  }
  const outside = new Map<string, object>([
    ['@tickwire/client', { ...client, PriceWebSocketClient: OpenedClient }],
    ['@tickwire/react', react],
    ['@tickwire/testing', testing],
    ['@testing-library/react', testingLibrary],
    ['react', React],
    ['react/jsx-runtime', jsxRuntime],
    ['react-use-websocket', { __esModule: true, default: useWebSocket, ReadyState: { OPEN: 1 } }],
    ['vitest', { it: (...test: Declared) => void declared.push(test), expect }],
  ]);
  const read = loader(outside, (code) => code.replaceAll('wss://prices.example/ws', server.url));
  load = (page, name) => {
    proved.add(`${page} ${name}`);
    return read(page, name);
  };
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  await server.stop();
  vi.unstubAllGlobals();
});
afterAll(closePage);

/** A component of a recipe on the page. */
function shown(component: unknown, props: object = {}): HTMLElement {
  const container = document.body.appendChild(document.createElement('div'));
  const root = createRoot(container);
  root.render(React.createElement(component as ComponentType, props));
  opened.push({
    close: () => {
      root.unmount();
      container.remove();
    },
  });
  return container;
}

async function comes(container: HTMLElement, expected: string): Promise<void> {
  await until(`${expected} on the page`, () => container.textContent === expected).catch((error: unknown) => {
    throw new Error(`${String(error)}; it shows ${container.textContent}`);
  });
}

describe('the code of the recipes', () => {
  it('compiles, and each block says which file it is', () => {
    expect(blocks.filter(({ name }) => name === '')).toEqual([]);
    expect(blocks.length).toBeGreaterThan(12);
    expect(problems()).toEqual([]);
  });

  it('stands on pages that the index names', () => {
    const named = [...indexText.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, page]) => page);
    expect([...named, 'README.md'].sort()).toEqual([...pages].sort());
  });
});

describe('from one hook to the provider', () => {
  const page = 'from-one-hook-to-the-provider.md';

  it('begins with one hook', async () => {
    const container = shown(load(page, 'one-hook.tsx')['Metals']);
    await comes(container, 'Gold: 200Silver: –');
    server.price('metal:silver', 25);
    await comes(container, 'Gold: 200Silver: 25');
  });

  it('goes on with the provider', async () => {
    const container = shown(load(page, 'provider.tsx')['App']);
    await comes(container, 'Gold: 200Bitcoin: 100');
    server.price('coin:bitcoin', 101);
    await comes(container, 'Gold: 200Bitcoin: 101');
    expect(server.peers).toHaveLength(1);
  });

  it('has both on one page, over one connection', async () => {
    const one = shown(load(page, 'one-hook.tsx')['Metals']);
    const all = shown(load(page, 'provider.tsx')['App']);
    await comes(one, 'Gold: 200Silver: –');
    await comes(all, 'Gold: 200Bitcoin: 100');
    expect(server.peers).toHaveLength(1);
  });

  it('creates an alert for who is signed in', async () => {
    const getToken = vi.fn(() => Promise.resolve('secret'));
    const container = shown(load(page, 'signed-in.tsx')['Account'], { userId: '1', getToken });
    await until('the credential', () => server.peers.some(({ types }) => types.includes('authenticate')));
    const button = 'Tell me above 60,000';
    await comes(container, `${button}0 set, 0 fired`);
    container.querySelector('button')?.click();
    await comes(container, `${button}1 set, 0 fired`);
    server.event('user', { alertId: 1 });
    await comes(container, `${button}1 set, 1 fired`);
  });
});

describe('Next.js, app router', () => {
  const page = 'next-app-router.md';

  it('renders the prices of the server, hydrates without a mismatch, and goes on live', async () => {
    const Page = load(page, 'app/page.tsx')['default'] as () => Promise<ReactElement<{ initialPrices: object }>>;
    const element = await Page();
    const html = renderToString(element);
    expect(server.peers).toHaveLength(1);
    expect(html).toContain('<output data-freshness="unverified">100</output>');
    expect(html).toContain('<output data-freshness="unverified">200</output>');

    const container = document.createElement('div');
    container.innerHTML = html;
    const complaints = vi.fn();
    // As Next.js hands them over: as text.
    const props = JSON.parse(JSON.stringify(element.props)) as object;
    const Prices = load(page, 'app/prices.tsx')['Prices'] as ComponentType;
    const root = hydrateRoot(container, React.createElement(Prices, props), { onRecoverableError: complaints });
    opened.push({ close: () => root.unmount() });
    await until('a live price', () => container.querySelector('output')?.dataset['freshness'] === 'fresh');
    server.price('coin:bitcoin', 101);
    await comes(container, 'Bitcoin: 101Gold: 200');
    expect(complaints).not.toHaveBeenCalled();
    expect(load(page, 'app/snapshot.ts')).toHaveProperty('snapshot');
  });
});

describe('a chart', () => {
  it('has a sparkline of the prices that came', async () => {
    const fake = testing.createFakeClient({ prices: { 'coin:bitcoin': 100 } });
    opened.push(fake);
    const Sparkline = load('chart.md', 'sparkline.tsx')['Sparkline'] as ComponentType<{ channel: string }>;
    const container = shown(() => (
      <react.PriceStreamProvider client={fake} flush="sync">
        <Sparkline channel="coin:bitcoin" />
      </react.PriceStreamProvider>
    ));
    await until('a line', () => /^0,20/.test(container.querySelector('polyline')?.getAttribute('points') ?? ''));
  });
});

describe('tests of your components', () => {
  const page = 'testing-components.md';

  it.each(['bitcoin.test.tsx', 'metals.test.tsx'])('%s passes', async (name) => {
    load(page, 'bitcoin.tsx');
    declared.length = 0;
    load(page, name);
    expect(declared).toHaveLength(1);
    vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
    for (const [, run] of declared) await run();
    testingLibrary.cleanup();
  });

  it('fakes a price in at most ten lines', () => {
    const { code = '' } = blocks.find(({ name }) => name === 'bitcoin.test.tsx') ?? {};
    const lines = code.slice(code.indexOf('createFakeClient(')).split('\n');
    expect(lines.findIndex((line) => line.includes("findByText('51000')"))).toBeLessThan(10);
  });
});

describe('moving here', () => {
  const page = 'moving.md';

  it.each(['before-use-websocket.tsx', 'after-use-websocket.tsx'])('%s shows the price', async (name) => {
    const container = shown(load(page, name)['Prices']);
    await until('a subscription', () => server.peers.some(({ types }) => types.includes('subscribe')));
    server.price('coin:bitcoin', 101);
    await comes(container, 'Bitcoin: 101');
  });

  it.each(['before-seed.tsx', 'after-seed.tsx'])('%s shows the price', async (name) => {
    await comes(shown(load(page, name)['Gold']), 'Gold: 200');
  });
});

it('every block but those that need a browser has been run', () => {
  const inBrowser = ['chart.md price-chart.tsx', 'thousand-rows.md watchlist.tsx'];
  expect([...proved, ...inBrowser].sort()).toEqual(blocks.map(({ page, name }) => `${page} ${name}`).sort());
});
