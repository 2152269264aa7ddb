import { describe, expect, it } from 'vitest';
import { CountingTarget } from '@tickwire/lab';

describe('a target that counts', () => {
  it('counts a listener once, by type and capture, and forgets it when it is removed', () => {
    const target = new CountingTarget();
    const listener = (): void => undefined;
    target.addEventListener('online', listener);
    target.addEventListener('online', listener);
    target.addEventListener('online', listener, { capture: true });
    target.addEventListener('offline', listener);
    expect([target.listeners, target.types]).toEqual([3, { online: 2, offline: 1 }]);
    target.removeEventListener('online', listener);
    target.removeEventListener('online', listener);
    target.removeEventListener('online', listener, true);
    expect(target.types).toEqual({ offline: 1 });
  });

  it('delivers as the target does, objects and functions, and removed ones nothing', () => {
    const page = new EventTarget();
    const target = new CountingTarget(page);
    const seen: string[] = [];
    const listener = (event: Event): number => seen.push(`function ${event.type}`);
    target.addEventListener('online', listener);
    target.addEventListener('online', { handleEvent: (event) => seen.push(`object ${event.type}`) });
    page.dispatchEvent(new Event('online'));
    target.removeEventListener('online', listener);
    target.dispatchEvent(new Event('online'));
    expect(seen).toEqual(['function online', 'object online', 'object online']);
  });

  it('forgets one that was meant for one event, and those of an aborted signal', () => {
    const target = new CountingTarget();
    const abort = new AbortController();
    let calls = 0;
    target.addEventListener('online', () => (calls += 1), { once: true });
    target.addEventListener('online', () => (calls += 1), { signal: abort.signal });
    target.dispatchEvent(new Event('online'));
    expect([calls, target.listeners]).toEqual([2, 1]);
    abort.abort();
    target.addEventListener('online', () => (calls += 1), { signal: abort.signal });
    target.addEventListener('online', null);
    target.dispatchEvent(new Event('online'));
    expect([calls, target.listeners]).toEqual([2, 0]);
  });
});
