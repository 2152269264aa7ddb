/** Each button of the break-it panel does what it says, and the SDK what the panel says of it. */
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DemoPage } from './demo-page.js';
import { DemoServer } from './demo-server.js';
import { hasChromium, Stage, until } from './stage.js';

const channel = 'coin:bitcoin';

describe.skipIf(!hasChromium)('the break-it panel', () => {
  let stage: Stage;
  let browser: Browser;
  let server: DemoServer;
  let visited: DemoPage;
  let panel: Locator;
  beforeAll(async () => {
    stage = await Stage.open();
    browser = await stage.browser();
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    server = await DemoServer.start({ pages: stage.pages });
    server.tell('bitcoin', 101);
    visited = await DemoPage.visit(browser, server.url);
    await visited.shows(channel, 101);
    panel = await visited.open('connection');
  });
  afterEach(async () => {
    await visited.close();
    await server.close();
  });

  const press = (kind: string): Promise<void> => panel.locator(`[data-fault="${kind}"]`).click();
  const toldBy = (tone: string, words: RegExp): Promise<void> =>
    panel.locator(`.sdk-log li[data-tone="${tone}"]`, { hasText: words }).first().waitFor();
  /** Tells one price after the other until something is to be seen. */
  async function tellUntil(what: string, look: () => Promise<boolean>): Promise<number> {
    let price = 200;
    await until(what, async () => {
      price += 1;
      server.tell('bitcoin', price);
      return (await look()) ? true : undefined;
    });
    return price;
  }

  it('freezes the server: the silence is noticed, the link given up, and the prices come when it thaws', async () => {
    await press('freeze');
    await toldBy('you', /froze/);
    server.tell('bitcoin', 102);
    await toldBy('bad', /sign of life|Lost the connection/);
    await visited.leaves('connected');
    expect(await panel.locator('.connection-state').innerText()).not.toBe('');
    // What it shows is the last that it was told.
    await visited.shows(channel, 101);
    await press('none');
    await visited.reaches('connected');
    await visited.shows(channel, 102);
    await toldBy('good', /Connected again/);
  });

  it('refuses: attempts are told with when the next one is, and “Try now” does not wait for it', async () => {
    await press('refuse');
    await toldBy('you', /turn this page away/);
    await toldBy('wait', /was in vain/);
    await visited.leaves('connected');
    expect(server.app.connections.size).toBe(0);
    await press('none');
    const again = panel.getByRole('button', { name: 'Try now' });
    // It may come back by itself before anybody can press.
    await until('the way back', async () => {
      if ((await visited.status()) === 'connected') return true;
      await again.click({ timeout: 500 }).catch(() => undefined);
      return undefined;
    });
    server.tell('bitcoin', 103);
    await visited.shows(channel, 103);
  });

  it('slows the link down: it is said, and the connection stays the same', async () => {
    const before = server.app.connections.total;
    await tellUntil('what is usual', async () => (await panel.locator('[data-fact="rate"]').innerText()) !== '');
    await press('slow');
    await toldBy('you', /slowed/);
    await tellUntil(
      'the lateness',
      async () => (await panel.locator('.sdk-log li', { hasText: 'later than usual' }).count()) > 0,
    );
    await press('none');
    const last = await tellUntil(
      'the usual pace',
      async () => (await panel.locator('.sdk-log li', { hasText: 'as usual again' }).count()) > 0,
    );
    await visited.shows(channel, last);
    expect(server.app.connections.total).toBe(before);
  });

  it('loses messages: the holes are noticed, what was in them is asked for, and every whale is listed in order', async () => {
    const before = server.app.connections.total;
    let told = 0;
    const whale = (): Promise<void> => {
      told += 1;
      return server.whale('bitcoin', told * 1_000_000);
    };
    await whale();
    await visited.open('events');
    const shown = visited.page.locator('[data-panel="events"] [data-event="whale_movement"] .event-much .figure');
    await shown.first().waitFor();
    await visited.open('connection');
    await press('lose');
    await toldBy('you', /lose messages/);
    await until('a hole that was filled', async () => {
      await whale();
      return (await panel.locator('.sdk-log li', { hasText: 'Asked for what was missing of "whales"' }).count()) > 0
        ? true
        : undefined;
    });
    await press('none');
    await whale();
    await visited.open('events');
    const last = Array.from({ length: Math.min(told, 8) }, (_each, index) => `$${told - index}M`);
    await until('the last whales', async () =>
      (await shown.allInnerTexts()).slice(0, last.length).join() === last.join() ? true : undefined,
    );
    expect(await visited.page.locator('[data-event="missed"]').count()).toBe(0);
    expect(server.app.connections.total).toBe(before);
  });

  it('hits its own page and no other', async () => {
    const other = await DemoPage.visit(browser, server.url);
    await other.shows(channel, 101);
    await press('freeze');
    await toldBy('you', /froze/);
    server.tell('bitcoin', 104);
    await other.shows(channel, 104);
    expect(await visited.page.locator(`[data-channel="${channel}"] [data-price="104"]`).count()).toBe(0);
    await other.close();
  });
});
