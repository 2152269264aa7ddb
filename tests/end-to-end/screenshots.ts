/** `pnpm screenshots`: takes the pictures of the dashboard that the README shows. The same seed, the same day; PORT=3002 moves it. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { buildServer, loadConfig, type Clock } from '@tickwire/example-server';
import type { Page } from 'playwright-core';
import { root, Stage, until } from './stage.js';

const folder = path.join(root, 'docs/images');
/** What the foot of the page names. */
const port = Number(process.env['PORT'] ?? 3_001);
/** When it is in the pictures. */
const day = Date.parse('2026-01-15T14:30:00Z');

/** The time of the pictures; it goes on as the machine's does. */
function clockFrom(at: number): Clock {
  const began = performance.now();
  return {
    now: () => Math.round(at + performance.now() - began),
    monotonic: () => performance.now(),
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  };
}

const devices = {
  desktop: { viewport: { width: 1_440, height: 900 }, deviceScaleFactor: 1 },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5, isMobile: true, hasTouch: true },
} as const;
type Device = keyof typeof devices;

/** Does what somebody does in the first minute: signs in, opens a chart, wants to be told of a price. */
async function settle(page: Page, url: string): Promise<void> {
  await page.clock.install({ time: day });
  await page.goto(url);
  await page.locator('[data-channel="metal:palladium"] [data-price]').waitFor();
  await page.getByRole('button', { name: 'Sign in' }).first().click();
  await page.getByRole('button', { name: /asha/i }).first().click();
  await page.locator('[data-account="in"]').waitFor();
  await page.locator('[data-channel="coin:bitcoin"] button').first().click();
  await page.locator('[data-panel="detail"] canvas').first().waitFor();
  await page.locator('[data-new-alert="coin:bitcoin"]').first().click();
  await page.getByRole('dialog').getByRole('textbox').fill('66000');
  await page.getByRole('dialog').getByRole('button', { name: 'Create alert' }).click();
  await page.locator('[data-panel="detail"]').getByText('66,000').first().waitFor();
}

/** Cuts the link and waits until the log says that it stands again. */
async function breakIt(page: Page): Promise<void> {
  await show(page, 'connection');
  await page.locator('[data-fault="drop"]').click();
  await page.locator('.sdk-log li', { hasText: 'Connected again' }).waitFor();
  await page.locator('.sdk-log li', { hasText: 'Resumed' }).waitFor();
}

async function show(page: Page, panel: string): Promise<void> {
  const tab = page.locator(`#tab-${panel}`);
  if ((await tab.count()) > 0) await tab.click();
  await page.locator(`[data-panel="${panel}"]`).waitFor();
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled' });
  console.log(`docs/images/${name}.png`);
}

const stage = await Stage.open();
const config = loadConfig({
  ...{ LOG_LEVEL: 'silent', PRICE_SEED: '7', PRICE_UPDATE_INTERVAL: '1000', PRICE_VOLATILITY: '0.02' },
  ...{ EVENTS_INTERVAL: '300', PAGES_DIR: stage.pages, WS_LOOP_DELAY_MS: '60000' },
  ...{ DEMO_ACCOUNTS: 'true', DEMO_FAULTS: 'true', DEMO_HISTORY: 'true' },
});
await mkdir(folder, { recursive: true });
const browser = await stage.browser();
for (const device of Object.keys(devices) as Device[]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    // Another server for each, so that each begins at the same moment.
    const app = buildServer(config, { clock: clockFrom(day), random: () => 0.5 });
    await app.listen({ host: '127.0.0.1', port });
    const context = await browser.newContext({ ...devices[device], colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await settle(page, `http://localhost:${port}/`);
    await show(page, 'events');
    await until('some events', async () => ((await page.locator('[data-event]').count()) > 15 ? true : undefined));
    if (device === 'desktop') await take(page, `desktop-${colorScheme}`);
    else {
      for (const panel of ['watchlist', 'detail']) {
        await show(page, panel);
        await take(page, `phone-${panel}-${colorScheme}`);
      }
      await breakIt(page);
      await take(page, `phone-connection-${colorScheme}`);
    }
    await context.close();
    await app.close();
  }
}
await stage.close();
