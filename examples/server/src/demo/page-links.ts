/**
 * Faults that a page asks for to see what its client does about them. They hit the connections of that page alone: those whose
 * address carries the page's own id, `/ws?page=…`.
 */
import type { Clock } from '../clock.js';
import type { SocketLike } from '../plugins/connection.js';
import { FaultyLink, type FaultKind, type PausableSocket } from './faulty-link.js';

/** What the links of a server are made of. */
export interface PageLinksOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** In [0, 1). */
  readonly random: () => number;
  /** Pages that are known at a time; the connections of further ones cannot be broken. */
  readonly maxPages: number;
}

/** A page: known while it has a connection or a fault. */
interface Page {
  readonly links: Set<FaultyLink>;
  fault: FaultKind | undefined;
  /** By the monotonic clock. */
  endsAt: number;
  cancel: (() => void) | undefined;
}

const pageId = /^[\w-]{8,64}$/;

/** The page whose id the address of an upgrade carries. */
export function pageOf(url: string): string | undefined {
  const mark = url.indexOf('?');
  const id = mark < 0 ? undefined : new URLSearchParams(url.slice(mark + 1)).get('page');
  return typeof id === 'string' && isPageId(id) ? id : undefined;
}

/** Whether a page may be called so. */
export function isPageId(id: string): boolean {
  return pageId.test(id);
}

/** The connections of all pages, and what is wrong with them. */
export class PageLinks {
  readonly #options: PageLinksOptions;
  readonly #pages = new Map<string, Page>();

  constructor(options: PageLinksOptions) {
    this.#options = options;
  }

  /** Pages that are known. */
  get size(): number {
    return this.#pages.size;
  }

  /**
   * Puts the socket of a page behind the page's faults; `undefined` when it stays as it is.
   *
   * @param onClose calls back once when the socket is closed
   */
  between(id: string, socket: PausableSocket, onClose: (listener: () => void) => unknown): SocketLike | undefined {
    const page = this.#pages.get(id) ?? this.#know(id);
    if (page === undefined) return undefined;
    const { clock, random } = this.#options;
    const link = new FaultyLink(socket, { clock, random });
    page.links.add(link);
    onClose(() => {
      link.forget();
      page.links.delete(link);
      this.#forgetIdle(id, page);
    });
    if (page.fault !== undefined) link.suffer(page.fault);
    return link;
  }

  /**
   * Breaks the connections of a page for a while, or mends them with `none`.
   *
   * @returns how many connections it has; `undefined` when no such page is known
   */
  break(id: string, kind: FaultKind | 'none', forMs: number): number | undefined {
    const page = this.#pages.get(id);
    if (page === undefined) return undefined;
    const { clock } = this.#options;
    const connections = page.links.size;
    this.#mend(page);
    if (kind !== 'none' && kind !== 'drop') {
      page.fault = kind;
      page.endsAt = clock.monotonic() + forMs;
      page.cancel = clock.after(forMs, () => {
        this.#mend(page);
        this.#forgetIdle(id, page);
      });
    }
    if (kind !== 'none') for (const link of page.links) link.suffer(kind);
    return connections;
  }

  /** For how long upgrades of this page are refused, in ms; 0: they are not. */
  refusedMs(id: string): number {
    const page = this.#pages.get(id);
    return page?.fault === 'refuse' ? Math.max(0, page.endsAt - this.#options.clock.monotonic()) : 0;
  }

  /** Ends every fault. */
  stop(): void {
    for (const page of this.#pages.values()) this.#mend(page);
  }

  #know(id: string): Page | undefined {
    if (this.#pages.size >= this.#options.maxPages) return undefined;
    const page: Page = { links: new Set(), fault: undefined, endsAt: 0, cancel: undefined };
    this.#pages.set(id, page);
    return page;
  }

  #mend(page: Page): void {
    page.cancel?.();
    page.cancel = undefined;
    page.fault = undefined;
    for (const link of page.links) link.mend();
  }

  #forgetIdle(id: string, page: Page): void {
    if (page.links.size === 0 && page.fault === undefined) this.#pages.delete(id);
  }
}
