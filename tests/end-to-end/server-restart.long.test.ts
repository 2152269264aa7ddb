import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, Stage, until } from './stage.js';

describe.skipIf(!hasChromium)('an open page', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage.close());

  it('shows new prices after the server was killed and started again, without a reload', async () => {
    const env = { PRICE_UPDATE_INTERVAL: '200' };
    const first = await stage.server(env);
    const page = await (await stage.browser()).newPage();
    await page.goto(first.url);
    await page.evaluate(() => {
      document.body.dataset['loaded'] = 'once';
    });
    const cell = page.locator('[data-channel="coin:bitcoin"] [data-price]');
    const price = async (): Promise<string | undefined> =>
      (await cell.count()) === 0 ? undefined : ((await cell.getAttribute('data-price')) ?? undefined);
    const status = (): Promise<string | null> => page.locator('#connection-status').getAttribute('data-status');
    const before = await until('a price', async () => ((await price()) === '' ? undefined : price()));
    await until('another price', async () => ((await price()) === before ? undefined : true));

    await first.program.stop('SIGKILL');
    await until('the page to notice', async () => ((await status()) === 'connected' ? undefined : true));
    expect(await page.locator('#connection-status').innerText()).toMatch(/\w{4}/);
    const last = await price();
    expect(last).not.toBe('');

    await stage.server(env, first.port);
    await until('the page to be live again', async () => ((await status()) === 'connected' ? true : undefined));
    await until('a new price', async () => ((await price()) === last ? undefined : true));
    expect(await page.evaluate(() => document.body.dataset['loaded'])).toBe('once');
    await page.close();
  });
});
