/** Gives elements sizes where there is no layout: what holds the rows is 800 px high, everything else 50. */
import { vi } from 'vitest';

/** From now on, in this test file. */
export function layOut(): void {
  class SizedObserver {
    readonly #tell: ResizeObserverCallback;
    constructor(tell: ResizeObserverCallback) {
      this.#tell = tell;
    }
    observe(target: Element): void {
      const height = target.classList.contains('rows') ? 800 : 50;
      const entry = { target, contentRect: { width: 600, height } } as unknown as ResizeObserverEntry;
      queueMicrotask(() => this.#tell([entry], this));
    }
    unobserve(): void {
      // Sizes never change here.
    }
    disconnect(): void {
      // Nothing is told later.
    }
  }
  vi.stubGlobal('ResizeObserver', SizedObserver);
  // What is not shown has none.
  Object.defineProperty(HTMLElement.prototype, 'offsetParent', { configurable: true, get: () => document.body });
}
