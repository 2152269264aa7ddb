/** The page for those who read it on a small phone, with spaced text, in their own colours, or with keys alone. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import {
  coinPrice,
  hello,
  metalPrices,
  ScriptedServer,
  snapshot,
  subscribeAck,
  whale,
  type Message,
} from '@tickwire/testing';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, Stage, until } from './stage.js';

const now = new Date().toISOString();
const longId = 'long-and-unbreakable-donaudampfschifffahrtsgesellschaft';
const items = [
  { channel: 'coin:bitcoin', id: 'bitcoin', aliases: ['BTC'], currency: 'USD', source: 'replay' },
  { channel: `coin:${longId}`, id: longId, aliases: ['DONAUDAMPFSCHIFF'], currency: 'USD', source: 'simulated' },
  { channel: 'metal:gold', id: 'gold', aliases: ['XAU'], currency: 'INR', unit: 'gram', source: 'simulated' },
  { channel: 'metal:palladium', id: 'palladium', aliases: ['XPD'], currency: 'INR', unit: 'gram', source: 'simulated' },
];
const priceOf = (channel: string, price: number): Message => {
  const id = channel.slice(channel.indexOf(':') + 1);
  return channel.startsWith('metal:')
    ? { ...metalPrices({ [id]: { price, change: -10_234.25, changePercent: -12.47, unit: 'gram', timestamp: now } }) }
    : coinPrice(id, price, { data: { coinId: id, price, priceChange24h: 105.2, timestamp: now } });
};

const place = (sub: string) => ({ sub, seq: 2, epoch: 'e1' });
const movement: Message = whale(longId, 123_456_789_000, {
  ...place('whales'),
  data: {
    ...{ coinId: longId, txHash: '0x1', fromAddress: 'f'.repeat(64), toAddress: 'e'.repeat(64), timestamp: now },
    ...{ amount: 987_654_321_000.123, usdValue: 123_456_789_000, source: 'simulated' },
  },
});
const spike: Message = {
  type: 'social_spike',
  ...place('social'),
  data: {
    ...{ coinId: longId, platform: longId, mentions24h: 9_876_543_210, sentimentScore: 0, trendingScore: 1 },
    ...{ change: 123_456.78, timestamp: now, source: 'replay' },
  },
};

/** A server that has long names and large prices, or no list of them. */
async function marketServer(port = 0, hasCatalog = () => true): Promise<ScriptedServer> {
  return ScriptedServer.start(
    {
      connected: (peer) => peer.send(hello()),
      received: (peer, message) => {
        const { type, id } = message;
        if (type === 'ping') peer.send({ type: 'pong', id, ts: 0, echo: message['ts'] });
        if (type === 'catalog' && hasCatalog())
          peer.send({ type: 'ack', id, op: 'catalog', data: { revision: '1', items } });
        else if (type === 'catalog')
          peer.send({ type: 'error', id, op: 'catalog', data: { code: 'UNKNOWN_TYPE', message: 'No catalog' } });
        if (type !== 'subscribe') return;
        const { channels } = message['data'] as { channels: { channel: string }[] };
        const names = channels.map(({ channel }) => channel);
        peer.send(subscribeAck(id, names));
        const prices = names.filter((name) => /^(coin|metal):/.test(name));
        if (prices.length > 0)
          peer.send(snapshot(prices.map((channel) => ({ channel, seq: 1, message: priceOf(channel, 123_456_789.5) }))));
        if (names.includes('whales')) peer.send(movement);
        if (names.includes('social')) peer.send(spike);
      },
    },
    port,
  );
}

/** What reaches out of the window, or out of its own cell, or over what stands beside it. */
function faults(): string[] {
  const found: string[] = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) found.push(`page ${document.documentElement.scrollWidth}`);
  for (const element of document.querySelectorAll('body *')) {
    const { left, right, width: own } = element.getBoundingClientRect();
    const isUnseen = element.closest('.unseen') !== null || own === 0;
    if (!isUnseen && (left < 0 || right > width + 0.5)) found.push(`${element.tagName}.${element.className} ${right}`);
  }
  /** Where the words of an element stand that can be seen. */
  const wordsOf = (element: Element): DOMRect => {
    let [left, right] = [Infinity, -Infinity];
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
      if (text.parentElement?.closest('.unseen') !== null) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      for (const line of range.getClientRects()) {
        left = Math.min(left, line.left);
        right = Math.max(right, line.right);
      }
    }
    return left > right ? new DOMRect() : new DOMRect(left, 0, right - left, 0);
  };
  const words = [...document.querySelectorAll('.prices .row > *')].map((cell) => {
    return { cell, text: wordsOf(cell), box: cell.getBoundingClientRect() };
  });
  for (const { cell, text, box } of words) {
    if (text.width > 0 && (text.right > box.right + 0.5 || text.left < box.left - 0.5))
      found.push(`${cell.textContent} covers its neighbour`);
  }
  for (const event of document.querySelectorAll('.event')) {
    if (event.getBoundingClientRect().width === 0) continue;
    let end = event.getBoundingClientRect().left;
    for (const part of event.children) {
      const text = wordsOf(part);
      if (text.left < end - 0.5) found.push(`${part.textContent} is covered by what stands before it`);
      end = text.right;
    }
    if (end > event.getBoundingClientRect().right + 0.5) found.push(`${event.textContent} reaches out of its line`);
  }
  return found;
}

/** WCAG 1.4.12: what a reader may set, and the page has to bear. */
const spacing =
  '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }';

describe.skipIf(!hasChromium)('the dashboard', () => {
  let stage: Stage;
  let pages: Server;
  let market: ScriptedServer;
  beforeAll(async () => {
    stage = await Stage.open();
    pages = createServer((request, response) => {
      const name = new URL(request.url ?? '/', 'http://page').pathname;
      const file = path.join(
        stage.pages,
        name === '/' ? 'index.html' : path.basename(path.dirname(name)),
        name === '/' ? '' : path.basename(name),
      );
      const type = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
      readFile(file).then(
        (body) => response.setHeader('content-type', type[path.extname(file) as '.js']).end(body),
        () => response.writeHead(404).end(),
      );
    }).listen(0, '127.0.0.1');
    await once(pages, 'listening');
    market = await marketServer();
  });
  afterAll(async () => {
    pages.closeAllConnections();
    pages.close();
    await market.stop();
    await stage.close();
  });

  const open: Page[] = [];
  afterEach(async () => {
    for (const page of open.splice(0)) await page.context().close();
  });

  async function show(url: string, width: number, forcedColors: 'active' | 'none' = 'none'): Promise<Page> {
    const browser = await stage.browser();
    const context = await browser.newContext({ viewport: { width, height: 800 }, forcedColors });
    const page = await context.newPage();
    open.push(page);
    const { port } = pages.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/?ws=${encodeURIComponent(url)}`);
    return page;
  }

  async function visit(width: number, forcedColors: 'active' | 'none' = 'none'): Promise<Page> {
    const page = await show(market.url, width, forcedColors);
    await page
      .locator('[data-price]')
      .nth(items.length - 1)
      .waitFor();
    return page;
  }

  /** Brings each of the panels forward that share a place, the last one first. */
  async function eachPanel(page: Page, look: (panel: string) => Promise<void>): Promise<void> {
    for (const tab of (await page.getByRole('tab').all()).reverse()) {
      await tab.click();
      const panel = await tab.innerText();
      if (panel === 'Events')
        for (const type of [movement.type, spike.type]) await page.locator(`[data-event="${type}"]`).first().waitFor();
      await until(`the panel ${panel}`, async () =>
        (await page.getByText('Loading').count()) === 0 ? true : undefined,
      );
      await look(panel);
    }
  }

  it.each([
    [320, ''],
    [320, spacing],
    [400, spacing],
    [640, ''],
    [641, spacing],
    [1_280, spacing],
  ])(
    'F54, F64: fits %d px with long names and large prices, events among them, and covers nothing (%s)',
    async (width, style) => {
      const page = await visit(width);
      if (style !== '') await page.addStyleTag({ content: style });
      const folder = process.env['TICKWIRE_SCREENSHOTS'];
      await eachPanel(page, async (panel) => {
        if (folder !== undefined)
          await page.screenshot({ path: path.join(folder, `${width}${style === '' ? '' : '-spaced'}-${panel}.png`) });
        expect(await page.evaluate(faults), panel).toEqual([]);
      });
    },
  );

  it('F64: keeps its marks in the reader’s own colours', async () => {
    const page = await visit(320, 'active');
    const style = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const { borderTopWidth, borderTopStyle } = getComputedStyle(element);
          return `${borderTopWidth} ${borderTopStyle}`;
        });
    expect(await style('.pill-dot')).toMatch(/^[1-9][\d.]*px solid/);
    expect(await style('.tag')).toMatch(/^1px solid/);
    const flash = page.waitForFunction(() => {
      const shown = document.querySelector('[data-channel="coin:bitcoin"] .flash[data-direction="down"]');
      return shown === null ? false : getComputedStyle(shown).border;
    });
    for (const peer of market.peers)
      if (peer.socket.readyState === 1)
        peer.send({ ...priceOf('coin:bitcoin', 5), sub: 'coin:bitcoin', seq: 2, epoch: 'e1' });
    expect(await (await flash).jsonValue()).toMatch(/^2px solid/);
    const folder = process.env['TICKWIRE_SCREENSHOTS'];
    if (folder !== undefined) await page.screenshot({ path: path.join(folder, 'forced-colours.png'), fullPage: true });
  });

  const focused = (page: Page): Promise<string> =>
    until('the focus', () =>
      page.evaluate(() => (document.activeElement === document.body ? undefined : document.activeElement?.id)),
    );

  it('F64: moves the focus to the status when the list of prices has come after all', async () => {
    let hasCatalog = false;
    const refusing = await marketServer(0, () => hasCatalog);
    const page = await show(refusing.url, 800);
    const button = page.getByRole('button', { name: 'Ask again' });
    await button.focus();
    hasCatalog = true;
    await page.keyboard.press('Enter');
    await button.waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('connection-status');
    await refusing.stop();
  });

  it('F64: moves the focus to the status when the button that had it is gone', async () => {
    const page = await visit(800);
    const { port } = market;
    await market.stop();
    const button = page.getByRole('button', { name: 'Connect now' });
    await button.waitFor();
    market = await marketServer(port);
    await button.focus();
    await page.keyboard.press('Enter');
    await button.waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('connection-status');
  });
});
