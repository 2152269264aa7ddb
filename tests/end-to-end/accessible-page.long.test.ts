/** What assistive technology gets of the page: every panel, in both themes, on a desk and on a phone. */
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, Stage, until } from './stage.js';

type AxeResults = { violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] };
type AxeWindow = Window & { axe: { run: (context: Document, options: object) => Promise<AxeResults> } };

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds, one line a fault. */
async function findings(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate(() =>
    // A flash that is on its way out is no colour of the page.
    (window as unknown as AxeWindow).axe.run(document, { resultTypes: ['violations'] }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}

describe.skipIf(!hasChromium)('the dashboard', () => {
  let stage: Stage;
  let url: string;
  beforeAll(async () => {
    stage = await Stage.open();
    const demo = { DEMO_ACCOUNTS: 'true', DEMO_FAULTS: 'true', DEMO_HISTORY: 'true' };
    ({ url } = await stage.server({ ...demo, PRICE_UPDATE_INTERVAL: '1000', EVENTS_INTERVAL: '200' }));
  });
  afterAll(() => stage.close());

  async function visit(colorScheme: 'light' | 'dark', width: number): Promise<Page> {
    const context = await (await stage.browser()).newContext({
      ...{ colorScheme, reducedMotion: 'reduce', viewport: { width, height: 844 } },
    });
    const page = await context.newPage();
    await page.addInitScript({ path: axePath });
    await page.goto(url);
    await page.locator('[data-price]').first().waitFor();
    return page;
  }

  it.each([
    ['light', 1_440],
    ['dark', 1_440],
    ['light', 390],
    ['dark', 390],
  ] as const)('gives axe nothing to find: %s, %d px, each panel, signed out and in', async (scheme, width) => {
    const page = await visit(scheme, width);
    const look = async (isLooked = (_name: string) => true): Promise<void> => {
      for (const tab of await page.getByRole('tab').all()) {
        const name = await tab.innerText();
        if (!isLooked(name)) continue;
        await tab.click();
        await until(`the panel ${name}`, async () =>
          (await page.getByText('Loading…').count()) === 0 ? true : undefined,
        );
        expect(await findings(page), name).toEqual([]);
      }
    };
    await look();

    if (width < 800) await page.getByRole('tab', { name: 'Watchlist' }).click();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('combobox', { name: 'Add an instrument' }).waitFor();
    expect(await findings(page), 'the watchlist being changed').toEqual([]);
    await page.getByRole('button', { name: 'Done' }).click();

    await page.getByRole('tab', { name: 'Portfolio' }).click();
    await page.locator('#panel-portfolio').getByRole('button', { name: 'Asha' }).click();
    await page.locator('[data-holding]').first().waitFor();
    await look((name) => ['Chart', 'Alerts', 'Portfolio'].includes(name));
    await page.context().close();
  });
});
