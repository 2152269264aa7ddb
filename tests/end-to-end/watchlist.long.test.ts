/** The watchlist in a browser: what layout, a pointer and a reload take part in. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, Stage, until } from './stage.js';

describe.skipIf(!hasChromium)('the watchlist', () => {
  let stage: Stage;
  let url: string;
  beforeAll(async () => {
    stage = await Stage.open();
    ({ url } = await stage.server({
      ...{ DEMO_HISTORY: 'true', DEMO_INSTRUMENTS: '1000', PRICE_UPDATE_INTERVAL: '1000' },
    }));
  });
  afterAll(() => stage.close());

  const open: Page[] = [];
  afterEach(async () => {
    for (const page of open.splice(0)) await page.context().close();
  });

  async function visit(query = ''): Promise<Page> {
    const context = await (await stage.browser()).newContext({ viewport: { width: 1_440, height: 900 } });
    const page = await context.newPage();
    open.push(page);
    await page.goto(`${url}/${query}`);
    await page.locator('[data-price]').first().waitFor();
    return page;
  }
  const names = (page: Page): Promise<string[]> => page.locator('.pick').allInnerTexts();

  it('is moved by a pointer, and is as it was left after a reload', async () => {
    const page = await visit();
    const before = await names(page);
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const grip = await page.getByRole('button', { name: 'Move Gold', exact: true }).boundingBox();
    const first = await page.locator('[data-index="0"]').boundingBox();
    if (grip === null || first === null) throw new Error('There is nothing to drag.');
    await page.mouse.move(grip.x + 8, grip.y + 8);
    await page.mouse.down();
    await page.mouse.move(grip.x + 8, first.y + first.height / 2, { steps: 12 });
    await page.mouse.up();
    const moved = ['Gold', ...before.filter((name) => name !== 'Gold')];
    expect(await names(page)).toEqual(moved);

    await page.reload();
    await page.locator('[data-price]').first().waitFor();
    expect(await names(page)).toEqual(moved);
  });

  it('takes what is searched for, with keys alone, and brings it into sight', async () => {
    const page = await visit();
    await page.getByRole('button', { name: 'Add', exact: true }).press('Enter');
    const field = page.getByRole('combobox', { name: 'Add an instrument' });
    await until('the focus on the search', () => field.evaluate((own) => own === document.activeElement || undefined));
    await page.keyboard.type('s0500');
    await page.locator('.found-item[data-highlighted="true"]').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('[data-channel="coin:sample-0500"] [data-price]').waitFor();
    expect(await page.locator('[data-channel="coin:sample-0500"]').boundingBox()).not.toBeNull();
    expect(await field.inputValue()).toBe('');
  });

  it('makes an instrument the page’s, whose price the tab then says', async () => {
    const page = await visit();
    await page.locator('[data-channel="metal:gold"]').click();
    await until('its price in the title', async () => (/^₹[\d,.]+ XAU$/.test(await page.title()) ? true : undefined));
    expect(await page.getByRole('heading', { level: 2, name: /^Gold/ }).count()).toBe(1);
    await page.locator('.chart-place canvas').first().waitFor();
  });

  it('of a thousand rows has those in sight, and gets to the last one by one key', async () => {
    const page = await visit('?rows=1000');
    const table = page.getByRole('table', { name: 'Watchlist' });
    expect(await table.getAttribute('aria-rowcount')).toBe('1001');
    await page.locator('.pick').first().focus();
    await page.keyboard.press('End');
    const last = page.locator('[data-index="999"]');
    await until('the focus on the last row', () =>
      page.evaluate(() => document.activeElement?.closest('[data-index="999"]') !== null || undefined),
    );
    await last.locator('[data-price]').waitFor();
    expect(await page.locator('[data-index]').count()).toBeLessThan(100);
  });
});
