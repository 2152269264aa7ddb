/** The dashboard through everything that happens to a connection, in a real browser. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DemoPage, type VisitOptions } from './demo-page.js';
import { DemoServer } from './demo-server.js';
import { hasChromium, Stage, until } from './stage.js';

const channel = 'coin:bitcoin';

describe.skipIf(!hasChromium)('the dashboard', () => {
  let stage: Stage;
  let browser: Browser;
  let server: DemoServer;
  const open: DemoPage[] = [];
  beforeAll(async () => {
    stage = await Stage.open();
    browser = await stage.browser();
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    server = await DemoServer.start({ pages: stage.pages });
    server.tell('bitcoin', 101);
  });
  afterEach(async () => {
    for (const page of open.splice(0)) await page.close();
    await server.close();
  });

  async function visit(options: VisitOptions = {}): Promise<DemoPage> {
    const visited = await DemoPage.visit(browser, server.url, options);
    open.push(visited);
    return visited;
  }

  it('shows prices as they are told, under a policy that forbids all code but its own files', async () => {
    const visited = await visit();
    await visited.shows(channel, 101);
    server.tell('bitcoin', 102.5);
    await visited.shows(channel, 102.5);
    server.tell('pepe', 0.000_001_23);
    await visited.shows('coin:pepe', 0.000_001_23);
    expect(await visited.page.locator('[data-channel="coin:pepe"]').first().innerText()).toContain('0.00000123');
    for (const panel of ['events', 'alerts', 'portfolio', 'connection']) await visited.open(panel);
    expect(await visited.violations()).toEqual([]);
    expect(visited.problems).toEqual([]);
    // The policy does what it says.
    await visited.page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "taken over"';
      document.head.append(script);
    });
    await until('the violation', async () => ((await visited.violations()).length > 0 ? true : undefined));
    expect(await visited.page.title()).not.toBe('taken over');
  });

  it('comes back with new prices after its link was cut, and has shown the last ones meanwhile', async () => {
    const visited = await visit();
    await visited.shows(channel, 101);
    await visited.open('connection');
    const before = server.app.connections.total;
    await visited.page.locator('[data-fault="drop"]').click();
    await until('another connection', () => (server.app.connections.total > before ? true : undefined));
    await visited.reaches('connected');
    server.tell('bitcoin', 99);
    await visited.shows(channel, 99);
    await visited.logs(/Lost the connection/);
    await visited.logs(/Connected again/);
    expect(visited.problems).toEqual([]);
  });

  it('keeps the last prices while the server is away, and goes on when it is there again', async () => {
    const visited = await visit();
    await visited.shows(channel, 101);
    await visited.page.evaluate(() => (document.body.dataset['loaded'] = 'once'));
    // Parts of the page that come later are there.
    await visited.page.locator('[data-panel="detail"] canvas').first().waitFor();
    const { port } = server;
    await server.close();
    await visited.leaves('connected');
    await visited.shows(channel, 101);
    server = await DemoServer.start({ pages: stage.pages, port });
    server.tell('bitcoin', 103);
    await visited.reaches('connected');
    await visited.shows(channel, 103);
    expect(await visited.page.evaluate(() => document.body.dataset['loaded'])).toBe('once');
    expect(visited.problems).toEqual([]);
  });

  it('has what was told while nobody saw it, a minute long, and loses no event of it', async () => {
    const visited = await visit({ hasOwnTime: true });
    await visited.shows(channel, 101);
    await visited.open('events');
    await server.whale('bitcoin', 1_000_000);
    const whales = visited.page.locator('[data-panel="events"] [data-event="whale_movement"] .figure');
    await whales.first().waitFor();
    await visited.hide(true);
    await visited.page.clock.fastForward(30_000);
    for (const millions of [2, 3, 4]) await server.whale('bitcoin', millions * 1_000_000);
    server.tell('bitcoin', 104);
    await visited.page.clock.fastForward(30_000);
    await visited.hide(false);
    await visited.shows(channel, 104);
    await visited.reaches('connected');
    await until('all whales', async () => ((await whales.count()) === 4 ? true : undefined));
    expect(await whales.allInnerTexts()).toEqual(['$4M', '$3M', '$2M', '$1M']);
    expect(await visited.page.locator('[data-event="missed"]').count()).toBe(0);
    expect(visited.problems).toEqual([]);
  });

  it('is back with new prices when it comes back from the back/forward cache', async () => {
    const visited = await visit();
    await visited.shows(channel, 101);
    await visited.page.evaluate(() => (document.body.dataset['loaded'] = 'once'));
    await visited.page.goto(`${server.url}favicon.svg`);
    server.tell('bitcoin', 105);
    await visited.page.evaluate(() => setTimeout(() => history.back(), 0));
    // A locator that waits is left behind by the cache; and a page that was loaded anew would not know that it had been.
    const isBack = (): boolean =>
      document.body.dataset['loaded'] === 'once' &&
      document.querySelector('[data-channel="coin:bitcoin"] [data-price="105"]') !== null;
    await until('the page', async () => (await visited.page.evaluate(isBack).catch(() => false)) || undefined);
    expect(visited.problems).toEqual([]);
  });
});
