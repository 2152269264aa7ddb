import { expect, it, vi } from 'vitest';
import { createGathering } from '../src/gathering.js';

function gathering(begin: 'now' | 'later') {
  let end: (() => void) | undefined;
  const run = vi.fn();
  const schedule = (ended: () => void) => {
    end = ended;
    return () => (end = undefined);
  };
  return { run, ...createGathering(schedule, run, begin), end: () => end?.(), isWaiting: () => end !== undefined };
}

it('runs once, later, for all that ask until then', () => {
  const { run, request, end } = gathering('later');
  request();
  request();
  expect(run).not.toHaveBeenCalled();
  end();
  expect(run).toHaveBeenCalledTimes(1);
});

it('F48: runs at once for the first, and once more for all that ask before its time is over', () => {
  const { run, request, end } = gathering('now');
  request();
  expect(run).toHaveBeenCalledTimes(1);
  request();
  request();
  expect(run).toHaveBeenCalledTimes(1);
  end();
  expect(run).toHaveBeenCalledTimes(2);
  end();
  expect(run).toHaveBeenCalledTimes(2);
  request();
  expect(run).toHaveBeenCalledTimes(3);
});

it.each(['now', 'later'] as const)('waits for nothing after a stop (%s)', (begin) => {
  const { run, request, stop, end, isWaiting } = gathering(begin);
  request();
  request();
  const before = run.mock.calls.length;
  stop();
  expect(isWaiting()).toBe(false);
  end();
  expect(run).toHaveBeenCalledTimes(before);
});

it.each(['now', 'later'] as const)('runs each time where the schedule does not wait (%s)', (begin) => {
  const run = vi.fn();
  const atOnce = (ended: () => void) => {
    ended();
    return () => undefined;
  };
  const { request } = createGathering(atOnce, run, begin);
  request();
  request();
  expect(run).toHaveBeenCalledTimes(2);
});
