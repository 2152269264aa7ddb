import { afterEach, describe, expect, it, vi } from 'vitest';

/** Everything of the platform that a module could use while it loads. */
const platform: [object, string][] = [
  [Math, 'random'],
  [Date, 'now'],
  [performance, 'now'],
  [globalThis, 'setTimeout'],
  [globalThis, 'setInterval'],
  [globalThis, 'setImmediate'],
  [globalThis, 'queueMicrotask'],
  [globalThis, 'fetch'],
  [process, 'on'],
];

afterEach(() => vi.restoreAllMocks());

describe('loading the client', () => {
  it.each([
    ['index', async () => import('../src/index.js')],
    ['compat', async () => import('../src/compat.js')],
    ['format', async () => import('../src/format.js')],
  ])('(%s) takes no chance and no time, starts nothing, and listens to nothing', async (_name, load) => {
    // Its dependencies are the platform's business; only the package's own rooms load anew.
    await load();
    vi.resetModules();
    const calls: string[] = [];
    for (const [owner, name] of platform) {
      const real = (owner as Record<string, (...given: unknown[]) => unknown>)[name];
      vi.spyOn(owner as Record<string, () => unknown>, name).mockImplementation(function (this: unknown, ...given) {
        const from = new Error().stack ?? '';
        if (/packages\/(client|protocol)\/src/.test(from)) calls.push(name);
        return real?.apply(this, given);
      });
    }
    vi.stubGlobal('addEventListener', () => calls.push('addEventListener'));
    vi.stubGlobal('document', { addEventListener: () => calls.push('document.addEventListener') });
    const entry = await load();
    vi.unstubAllGlobals();
    expect(calls).toEqual([]);
    expect(Object.keys(entry).length).toBeGreaterThan(0);
  });
});
