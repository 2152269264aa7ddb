import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, Stage, until } from './stage.js';

/** What the page's own script leaves behind before any of the dashboard's runs. */
type WatchedWindow = Window & { violations: string[]; repaints: string[] };

const policy = "default-src 'self'; connect-src ws://127.0.0.1:*";

describe.skipIf(!hasChromium)('the events beside the prices', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
    const index = path.join(stage.pages, 'index.html');
    const meta = `<meta http-equiv="content-security-policy" content="${policy}" />`;
    await writeFile(index, (await readFile(index, 'utf8')).replace('<head>', `<head>${meta}`));
  });
  afterAll(() => stage.close());

  /** Opens the dashboard and keeps what its console complains of. */
  async function visit(url: string): Promise<{ page: Page; problems: string[] }> {
    const page = await (await stage.browser()).newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    await page.addInitScript(() => {
      const watched = window as unknown as WatchedWindow;
      watched.violations = [];
      document.addEventListener('securitypolicyviolation', (event) => watched.violations.push(event.violatedDirective));
    });
    await page.goto(url);
    return { page, problems };
  }

  const top = async (page: Page): Promise<string | undefined> =>
    (await page.locator('[data-event]').count()) === 0 ? undefined : page.locator('[data-event]').first().innerText();

  it('come by themselves, under a strict policy, and neither move the prices nor touch them', async () => {
    const { url } = await stage.server({ PRICE_UPDATE_INTERVAL: '600000', EVENTS_INTERVAL: '150' });
    const { page, problems } = await visit(url);
    const table = page.locator('table.prices');
    await until('a price', async () => ((await table.locator('[data-price]').count()) > 0 ? true : undefined));
    const first = await until('an event', () => top(page));
    expect(first).toMatch(/^\d\d:\d\d:\d\d/);

    await page.evaluate(() => {
      const watched = window as unknown as WatchedWindow;
      watched.repaints = [];
      const prices = document.querySelector('table.prices');
      if (prices === null) throw new Error('There is no table.');
      new MutationObserver((mutations) => {
        for (const { target, type } of mutations) {
          const element = target instanceof Element ? target : target.parentElement;
          // The age of a price goes on by itself.
          if (element?.closest('.updated') === null) watched.repaints.push(`${type} of ${element.className}`);
        }
      }).observe(prices, { subtree: true, childList: true, characterData: true, attributes: true });
    });
    const before = await table.boundingBox();
    for (const kind of ['whale_movement', 'social_spike']) {
      const line = page.locator(`[data-event="${kind}"][data-news="true"]`);
      await until(kind, async () => ((await line.count()) > 0 ? true : undefined));
    }
    await until('a full list', async () => ((await page.locator('[data-event]').count()) === 20 ? true : undefined));
    const full = await top(page);
    await until('a newer event', async () => ((await top(page)) === full ? undefined : true));

    expect(await page.locator('[data-event]').count()).toBe(20);
    expect(await page.locator('.events .tag').first().innerText()).toBe('Simulated');
    expect(await table.boundingBox()).toEqual(before);
    // A full list is no taller than the prices: it scrolls.
    expect((await page.locator('.events').boundingBox())?.height).toBeCloseTo(before?.height ?? 0, 0);
    expect(await page.evaluate(() => (window as unknown as WatchedWindow).repaints)).toEqual([]);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.matches('.events ol'))).toBe(true);
    expect(await page.evaluate(() => (window as unknown as WatchedWindow).violations)).toEqual([]);
    expect(problems).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const list = page.locator('.events ol');
    expect(await list.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
    await page.close();
  });

  it('are there at once from the history, and say what a restart of the server has cost', async () => {
    const env = { EVENTS_INTERVAL: '100' };
    const server = await stage.server(env);
    const earlier = await visit(server.url);
    await until('an event', () => top(earlier.page));
    await earlier.page.close();

    const { page } = await visit(server.url);
    const old = page.locator('[data-event][data-news="false"]');
    await until('an event from before', async () => ((await old.count()) > 0 ? true : undefined));
    await server.program.stop('SIGKILL');
    await until('the page to notice', async () =>
      (await page.locator('.events').getAttribute('data-live')) === 'false' ? true : undefined,
    );
    // What came stays, and looks old.
    expect(await page.locator('[data-event]').count()).toBeGreaterThan(0);

    await stage.server(env, server.port);
    const missed = page.locator('[data-event="missed"]');
    await until('the gap', async () => ((await missed.count()) > 0 ? true : undefined));
    expect(await missed.first().innerText()).toContain('Events may have been missed');
    await page.close();
  });
});
