import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, isProblem, Stage, until } from './stage.js';

/** What the page's own script leaves behind before any of the dashboard's runs. */
type WatchedWindow = Window & { violations: string[]; repaints: string[] };

const policy = "default-src 'self'; connect-src 'self' ws://127.0.0.1:*";

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
      if (isProblem(message)) problems.push(message.text());
    });
    await page.addInitScript(() => {
      const watched = window as unknown as WatchedWindow;
      watched.violations = [];
      document.addEventListener('securitypolicyviolation', (event) => watched.violations.push(event.violatedDirective));
    });
    await page.goto(url);
    return { page, problems };
  }

  const panel = '[data-panel="events"]';
  const top = async (page: Page): Promise<string | undefined> => {
    const events = page.locator(`${panel} [data-event]`);
    return (await events.count()) === 0 ? undefined : events.first().innerText();
  };

  it('come by themselves, under a strict policy, and neither move the prices nor touch them', async () => {
    const { url } = await stage.server({ PRICE_UPDATE_INTERVAL: '600000', EVENTS_INTERVAL: '150' });
    const { page, problems } = await visit(url);
    const table = page.locator('.prices');
    await until('a price', async () => ((await table.locator('[data-price]').count()) > 0 ? true : undefined));
    const first = await until('an event', () => top(page));
    expect(first).toMatch(/^\d\d:\d\d:\d\d/);

    await page.evaluate(() => {
      const watched = window as unknown as WatchedWindow;
      watched.repaints = [];
      const prices = document.querySelector('.prices');
      if (prices === null) throw new Error('There is no table.');
      new MutationObserver((mutations) => {
        for (const { target, type } of mutations) {
          const element = target instanceof Element ? target : target.parentElement;
          // The age of a price and its trail go on by themselves.
          if (element?.closest('.age, .spark') === null) watched.repaints.push(`${type} of ${element.className}`);
        }
      }).observe(prices, { subtree: true, childList: true, characterData: true, attributes: true });
    });
    const before = await table.boundingBox();
    for (const kind of ['whale_movement', 'social_spike']) {
      const line = page.locator(`${panel} [data-event="${kind}"][data-arrival="live"]`);
      await until(kind, async () => ((await line.count()) > 0 ? true : undefined));
    }
    const listed = page.locator(`${panel} [data-event]`);
    await until('more than fit', async () => ((await listed.count()) > 40 ? true : undefined));
    const full = await top(page);
    await until('a newer event', async () => ((await top(page)) === full ? undefined : true));

    expect(await page.locator(`${panel} .tag`).first().innerText()).toBe('Simulated');
    expect(await table.boundingBox()).toEqual(before);
    // A long list scrolls in its own place: the page does not.
    expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
    expect(await page.evaluate(() => (window as unknown as WatchedWindow).repaints)).toEqual([]);
    const list = page.locator('[data-feed] ol').first();
    await list.focus();
    await page.keyboard.press('End');
    await until('keys to scroll the list', () => list.evaluate((element) => element.scrollTop > 0 || undefined));
    expect(await page.evaluate(() => (window as unknown as WatchedWindow).violations)).toEqual([]);
    expect(problems).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.getByRole('tab', { name: 'Events' }).click();
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
    const old = page.locator(`${panel} [data-arrival="before"]`);
    await until('an event from before', async () => ((await old.count()) > 0 ? true : undefined));
    await server.program.stop('SIGKILL');
    await until('the page to notice', async () =>
      (await page.locator('[data-feed]').first().getAttribute('data-live')) === 'false' ? true : undefined,
    );
    // What came stays, and looks old.
    expect(await page.locator(`${panel} [data-event]`).count()).toBeGreaterThan(0);

    await stage.server(env, server.port);
    const missed = page.locator(`${panel} [data-event="missed"]`);
    await until('the gap', async () => ((await missed.count()) > 0 ? true : undefined));
    expect(await missed.first().innerText()).toContain('whales may have been missed');
    await page.close();
  });
});
