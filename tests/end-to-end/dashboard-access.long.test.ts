/** The dashboard for everybody: axe finds nothing, in light and in dark, at a desk and on a phone; keys reach everything. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DemoPage } from './demo-page.js';
import { DemoServer } from './demo-server.js';
import { hasChromium, Stage, until } from './stage.js';

type AxeWindow = Window & { axe: { run(context: string): Promise<AxeResults> } };

const desk = { viewport: { width: 1_440, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const panels = ['watchlist', 'detail', 'events', 'alerts', 'portfolio', 'connection'];

describe.skipIf(!hasChromium)('the dashboard', () => {
  let stage: Stage;
  let browser: Browser;
  let server: DemoServer;
  let axe: string;
  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    stage = await Stage.open();
    browser = await stage.browser();
    server = await DemoServer.start({ pages: stage.pages });
    for (const coin of ['bitcoin', 'ethereum', 'solana', 'pepe']) server.tell(coin, 101);
    await server.whale('bitcoin', 5_000_000);
  });
  afterAll(async () => {
    await server.close();
    await stage.close();
  });

  /** What axe has to say of a part of the page as it is now. */
  async function complaints({ page }: DemoPage, part: string): Promise<string[]> {
    // As a debugger would: the policy of the page lets no script of others in.
    const hasAxe = await page.evaluate(() => 'axe' in window);
    if (!hasAxe) await page.evaluate(axe);
    const { violations } = await page.evaluate((where) => (window as unknown as AxeWindow).axe.run(where), part);
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  }

  it.each([
    ['at a desk, in light', desk, 'light'],
    ['at a desk, in dark', desk, 'dark'],
    ['on a phone, in light', phone, 'light'],
    ['on a phone, in dark', phone, 'dark'],
  ] as const)('has nothing that axe complains of %s', async (_where, device, colorScheme) => {
    const visited = await DemoPage.visit(browser, server.url, { ...device, colorScheme, reducedMotion: 'reduce' });
    await visited.shows('coin:bitcoin', 101);
    const found: string[] = [];
    const look = async (part: string): Promise<void> => {
      for (const complaint of await complaints(visited, part)) found.push(`${part}: ${complaint}`);
    };
    await look('html');
    await visited.signIn('Asha');
    await visited.page.locator('[data-channel="coin:bitcoin"] button').first().click();
    for (const panel of panels) {
      await visited.open(panel);
      await look(`[data-panel="${panel}"]`);
    }
    await visited.open('alerts');
    await visited.page.locator('[data-panel="alerts"]').getByRole('button', { name: 'New alert' }).click();
    await visited.page.getByRole('dialog').waitFor();
    await look('dialog[open]');
    await visited.page.keyboard.press('Escape');
    expect(found).toEqual([]);
    expect(visited.problems).toEqual([]);
    await visited.close();
  });

  it('is looked at by an axe that finds what is wrong', async () => {
    const visited = await DemoPage.visit(browser, server.url);
    await visited.shows('coin:bitcoin', 101);
    await visited.page.evaluate(() => {
      const [button] = document.querySelectorAll('header button');
      button?.replaceChildren();
      button?.removeAttribute('title');
    });
    expect((await complaints(visited, 'header')).join()).toContain('button-name');
    await visited.close();
  });

  it('can be used with keys alone: a row is chosen, a panel opened, and the focus is to be seen wherever it is', async () => {
    const visited = await DemoPage.visit(browser, server.url);
    const { page } = visited;
    await visited.shows('coin:bitcoin', 101);
    const reached = new Set<string>();
    const unseen: string[] = [];
    await page.locator('body').press('Tab');
    for (let count = 0; count < 60; count += 1) {
      const { name, isSeen } = await page.evaluate(() => {
        const element = document.activeElement ?? document.body;
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        const place = element.closest('[data-panel]')?.getAttribute('data-panel') ?? element.className;
        return {
          name: element === document.body ? 'body' : place,
          isSeen: (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none',
        };
      });
      if (name === 'body' && reached.size > 0) break;
      reached.add(name);
      if (!isSeen && name !== 'body') unseen.push(name);
      await page.keyboard.press('Tab');
    }
    expect(unseen).toEqual([]);
    expect([...reached]).toEqual(expect.arrayContaining(['watchlist', 'events']));
    await page.locator('[data-channel="coin:ethereum"] button').first().focus();
    await page.keyboard.press('Enter');
    await page.locator('[data-channel="coin:ethereum"][data-selected="true"]').waitFor();
    await page.locator('[role="tab"]').first().focus();
    await page.keyboard.press('End');
    await until('the last tab', () =>
      page.evaluate(() => (document.activeElement?.id === 'tab-connection' ? true : undefined)),
    );
    await page.locator('[data-panel="connection"] [data-fault="drop"]').waitFor();
    await visited.close();
  });
});
