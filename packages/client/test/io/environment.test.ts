import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemEnvironment } from '../../src/io/environment.js';

/** A page as far as the environment looks at it. */
class Page {
  readonly window = new EventTarget();
  readonly document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  readonly navigator = { onLine: true };
  readonly #before = new Map<string, PropertyDescriptor | undefined>();
  added = 0;

  install(): void {
    const counted = (target: EventTarget) => ({
      addEventListener: (...given: Parameters<EventTarget['addEventListener']>) => {
        this.added += 1;
        target.addEventListener(...given);
      },
      removeEventListener: (...given: Parameters<EventTarget['removeEventListener']>) => {
        this.added -= 1;
        target.removeEventListener(...given);
      },
    });
    Object.assign(this.document, counted(new EventTarget()));
    const documentTarget = new EventTarget();
    Object.assign(this.document, counted(documentTarget), {
      dispatchEvent: (event: Event) => documentTarget.dispatchEvent(event),
    });
    const globals: Record<string, unknown> = {
      ...counted(this.window),
      document: this.document,
      navigator: this.navigator,
    };
    for (const [name, value] of Object.entries(globals)) {
      this.#before.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
  }

  remove(): void {
    for (const [name, descriptor] of this.#before) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    }
  }
}

describe('the environment of a page', () => {
  const page = new Page();
  beforeEach(() => page.install());
  afterEach(() => page.remove());

  it('tells of the network, of visibility, of the back/forward cache and of resuming', () => {
    const heard: unknown[] = [];
    const undo = systemEnvironment.subscribe((change) => heard.push(change));
    page.navigator.onLine = false;
    page.window.dispatchEvent(new Event('offline'));
    page.navigator.onLine = true;
    page.window.dispatchEvent(new Event('online'));
    page.document.visibilityState = 'hidden';
    page.document.dispatchEvent(new Event('visibilitychange'));
    page.document.visibilityState = 'visible';
    page.document.dispatchEvent(new Event('visibilitychange'));
    page.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }));
    page.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    page.document.dispatchEvent(new Event('resume'));
    undo();
    page.window.dispatchEvent(new Event('online'));
    expect(heard).toEqual([
      { online: false, visible: true, woke: false },
      { online: true, visible: true, woke: true },
      { online: true, visible: false, woke: false },
      { online: true, visible: true, woke: true },
      { online: true, visible: true, woke: true },
      { online: true, visible: true, woke: true },
    ]);
  });

  it('counts a frozen page as hidden until it resumes', () => {
    const heard: unknown[] = [];
    const undo = systemEnvironment.subscribe((change) => heard.push(change));
    page.document.dispatchEvent(new Event('freeze'));
    page.document.dispatchEvent(new Event('resume'));
    undo();
    expect(heard).toEqual([
      { online: true, visible: false, woke: false },
      { online: true, visible: true, woke: true },
    ]);
  });

  it('has no listener left after 1,000 cycles', () => {
    for (let cycle = 0; cycle < 1_000; cycle += 1) {
      const undo = systemEnvironment.subscribe(() => undefined);
      undo();
      undo();
    }
    expect(page.added).toBe(0);
  });
});

describe('the environment of Node', () => {
  it('is online and visible, and says nothing', () => {
    expect(systemEnvironment.read()).toEqual({ online: true, visible: true });
    systemEnvironment.subscribe(() => undefined)();
  });

  it('survives globals that throw', () => {
    const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
    Object.defineProperty(globalThis, 'navigator', {
      configurable: true,
      get: () => {
        throw new Error('sandboxed');
      },
    });
    expect(systemEnvironment.read()).toEqual({ online: true, visible: true });
    if (before === undefined) Reflect.deleteProperty(globalThis, 'navigator');
    else Object.defineProperty(globalThis, 'navigator', before);
  });
});
