/** The dashboard in a browser's page, as somebody who looks at it sees it; what it complains of is kept. */
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { until } from './stage.js';

type WatchedWindow = Window & { violations: string[]; isHidden: boolean };

/** How a page is visited. */
export interface VisitOptions extends BrowserContextOptions {
  /** Whether the test moves the time of the page. @default false */
  readonly hasOwnTime?: boolean;
}

/** A visited page. */
export class DemoPage {
  readonly page: Page;
  /** Errors that were thrown, and words of the console that are no failed connections. */
  readonly problems: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.problems.push(error.message));
    page.on('console', (message) => {
      const isComplaint = message.type() === 'error' || message.type() === 'warning';
      if (isComplaint && !/WebSocket connection|Failed to load resource/.test(message.text())) {
        this.problems.push(message.text());
      }
    });
  }

  /** Opens the page in a browser profile of its own: nobody else's list, and nobody signed in. */
  static async visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<DemoPage> {
    const { hasOwnTime = false, ...context } = options;
    const page = await (await browser.newContext({ viewport: { width: 1_440, height: 900 }, ...context })).newPage();
    // A bound for what never comes; a busy machine is slower than playwright thinks.
    page.setDefaultTimeout(120_000);
    const visited = new DemoPage(page);
    if (hasOwnTime) await page.clock.install();
    await page.addInitScript(() => {
      const watched = window as unknown as WatchedWindow;
      watched.violations = [];
      watched.isHidden = false;
      document.addEventListener('securitypolicyviolation', (event) => watched.violations.push(event.violatedDirective));
      Object.defineProperty(document, 'visibilityState', { get: () => (watched.isHidden ? 'hidden' : 'visible') });
      Object.defineProperty(document, 'hidden', { get: () => watched.isHidden });
    });
    await page.goto(url);
    return visited;
  }

  /** Hides the page as another tab in front of it would, or shows it again. */
  async hide(isHidden: boolean): Promise<void> {
    await this.page.evaluate((hidden) => {
      (window as unknown as WatchedWindow).isHidden = hidden;
      document.dispatchEvent(new Event('visibilitychange'));
    }, isHidden);
  }

  /** What the policy of the page has forbidden. */
  async violations(): Promise<string[]> {
    return this.page.evaluate(() => (window as unknown as WatchedWindow).violations);
  }

  /** Waits for a price of a channel to be shown. */
  async shows(channel: string, price: number): Promise<void> {
    await this.page.locator(`[data-channel="${channel}"] [data-price="${price}"]`).first().waitFor();
  }

  /** Brings a panel to the front, where it shares a place with others. */
  async open(panel: string): Promise<Locator> {
    const tab = this.page.locator(`#tab-${panel}`);
    if ((await tab.count()) > 0) await tab.click();
    return this.page.locator(`[data-panel="${panel}"]`);
  }

  async status(): Promise<string | null> {
    return this.page.locator('#connection-status').getAttribute('data-status');
  }

  async reaches(status: string): Promise<void> {
    await until(`the page to be ${status}`, async () => ((await this.status()) === status ? true : undefined));
  }

  async leaves(status: string): Promise<void> {
    await until(`the page not to be ${status}`, async () => ((await this.status()) === status ? undefined : true));
  }

  async signIn(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).first().click();
    await this.page
      .getByRole('button', { name: new RegExp(name) })
      .first()
      .click();
    await this.page.locator('[data-account="in"]').waitFor();
  }

  /** Waits for a line of the log of what the SDK did. */
  async logs(words: RegExp): Promise<void> {
    await this.page.locator('.sdk-log li', { hasText: words }).first().waitFor();
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
