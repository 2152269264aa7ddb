/** What a signed-in user has: alerts on every device, and a portfolio that follows the prices. */
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DemoPage } from './demo-page.js';
import { DemoServer } from './demo-server.js';
import { hasChromium, Stage, until } from './stage.js';

const channel = 'coin:bitcoin';

describe.skipIf(!hasChromium)('a signed-in user', () => {
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
    server = await DemoServer.start({ pages: stage.pages, limits: { portfolioEveryMs: 20 } });
    server.tell('bitcoin', 100);
  });
  afterEach(async () => {
    for (const page of open.splice(0)) await page.close();
    await server.close();
  });

  async function visit(name?: string): Promise<DemoPage> {
    const visited = await DemoPage.visit(browser, server.url);
    open.push(visited);
    await visited.shows(channel, 100);
    if (name !== undefined) await visited.signIn(name);
    return visited;
  }

  it('signs in on the connection that stands: no price goes, and no second socket is opened', async () => {
    const visited = await visit();
    const before = server.app.connections.total;
    await visited.page.evaluate(() => {
      const seen: string[] = [];
      (window as unknown as { seen: string[] }).seen = seen;
      const look = (): void => {
        if (document.querySelector('[data-channel="coin:bitcoin"] [data-price="100"]') === null) seen.push('no price');
      };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    });
    await visited.signIn('Asha');
    expect(await visited.page.evaluate(() => (window as unknown as { seen: string[] }).seen)).toEqual([]);
    expect(server.app.connections.total).toBe(before);
    expect(await visited.status()).toBe('connected');
  });

  it('has the alert that one device made on the other, and both are told when it fires', async () => {
    const [first, second] = [await visit('Asha'), await visit('Asha')];
    const stranger = await visit('Ben');
    const panels: Locator[] = [];
    for (const device of [first, second, stranger]) panels.push(await device.open('alerts'));
    await panels[0]!.getByRole('button', { name: 'New alert' }).click();
    const dialog = first.page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('120');
    await dialog.getByRole('button', { name: 'Create alert' }).click();
    await panels[0]!.locator('[data-rule]:not([data-pending="true"])').waitFor();
    expect(await panels[0]!.locator('[data-rule]').innerText()).toContain('Bitcoin');

    server.tell('bitcoin', 121);
    for (const [index, device] of [first, second].entries()) {
      await device.page.locator('[data-toast]', { hasText: /Bitcoin.*121/ }).waitFor();
      await panels[index]!.locator('[data-fired]', { hasText: 'Bitcoin' }).waitFor();
      expect(device.problems).toEqual([]);
    }
    await stranger.shows(channel, 121);
    expect(await stranger.page.locator('[data-toast], [data-fired]').count()).toBe(0);
  });

  it('keeps its alerts over a reload, is told there of what fired meanwhile, and can delete them', async () => {
    const visited = await visit('Asha');
    const panel = await visited.open('alerts');
    await panel.getByRole('button', { name: 'New alert' }).click();
    const dialog = visited.page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('120');
    await dialog.getByRole('button', { name: 'Create alert' }).click();
    await panel.locator('[data-rule]:not([data-pending="true"])').waitFor();
    await visited.page.goto(`${server.url}favicon.svg`);
    server.tell('bitcoin', 122);
    await visited.page.goto(server.url);
    await visited.shows(channel, 122);
    // Who was signed in before still is.
    await visited.page.locator('[data-account="in"]').waitFor();
    await visited.open('alerts');
    await panel.locator('[data-fired]', { hasText: 'Bitcoin' }).waitFor();
    await panel
      .locator('[data-rule]')
      .getByRole('button', { name: /Delete/ })
      .click();
    await until('the rule to go', async () => ((await panel.locator('[data-rule]').count()) === 0 ? true : undefined));
  });

  it('sees a portfolio that follows the price of what is in it', async () => {
    const visited = await visit('Chitra');
    await visited.open('portfolio');
    const worth = (): Promise<number> =>
      visited.page
        .locator('[data-worth]')
        .getAttribute('data-worth')
        .then((text) => Number(text));
    await visited.page.locator('[data-holding="bitcoin"]').waitFor();
    expect(await worth()).toBeCloseTo(1.5);
    server.tell('bitcoin', 200);
    await until('the new worth', async () => (Math.abs((await worth()) - 3) < 1e-9 ? true : undefined));
    expect(await visited.page.locator('[data-holding="bitcoin"]').innerText()).toContain('$200');
    expect(visited.problems).toEqual([]);
    expect(await visited.violations()).toEqual([]);
  });
});
