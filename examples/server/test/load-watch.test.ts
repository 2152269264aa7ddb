import { afterEach, describe, expect, it } from 'vitest';
import { defaultLimits } from '../src/limits.js';
import { createProcessMeter, heapPercentOf, loadOf, type LoadMeter } from '../src/plugins/load-watch.js';
import { startTestServer, type TestServer } from './test-server.js';

const calm = { heapPercent: 40, loopDelayMs: 20, unsentBytes: 0 };

describe('the load of the process', () => {
  it.each([
    [calm, 'fine'],
    [{ ...calm, heapPercent: 84.9 }, 'fine'],
    [{ ...calm, heapPercent: 85 }, 'refuse'],
    [{ ...calm, heapPercent: 92 }, 'shed'],
    [{ ...calm, loopDelayMs: 251 }, 'refuse'],
    [{ ...calm, unsentBytes: 268_435_456 }, 'fine'],
    [{ ...calm, unsentBytes: 268_435_457 }, 'shed'],
  ])('%o is %s', (reading, load) => {
    expect(loadOf(reading, defaultLimits)).toBe(load);
  });

  const mib = 2 ** 20;
  it.each([
    ['--max-old-space-size=128', 176, 64, 50],
    ['--max-old-space-size=128, all used', 176, 128, 100],
    ['--max-old-space-size=40', 88, 34, 85],
    ['4 GiB', 4_144, 2_048, 50],
    ['a limit below what is held back for young objects', 45, 15, 100],
  ])('is what may grow old and has: %s', (_case, limitMib, oldMib, percent) => {
    const spaces = [
      { name: 'old_space', bytes: oldMib * mib - mib },
      { name: 'code_space', bytes: mib },
      { name: 'new_space', bytes: 16 * mib },
      { name: 'new_large_object_space', bytes: 16 * mib },
    ];
    expect(heapPercentOf(spaces, limitMib * mib)).toBe(percent);
  });

  it('is measured in this process', () => {
    const meter = createProcessMeter();
    const { heapPercent, loopDelayMs } = meter.read();
    meter.stop();
    expect(heapPercent).toBeGreaterThan(0);
    expect(heapPercent).toBeLessThan(100);
    expect(loopDelayMs).toBeGreaterThanOrEqual(0);
  });
});

describe('a server with too much to do', () => {
  let server: TestServer;
  afterEach(() => server.close());

  const meterOf = (reading: { heapPercent: number; loopDelayMs: number }): LoadMeter => ({
    read: () => reading,
    stop: () => undefined,
  });

  it('refuses newcomers with 503, keeps those whom it has, and takes newcomers again when it is over', async () => {
    const reading = { heapPercent: 40, loopDelayMs: 20 };
    const lines: string[] = [];
    server = await startTestServer(
      { loadSampleMs: 20 },
      { LOG_LEVEL: 'info' },
      { meter: meterOf(reading), logTo: { write: (line) => void lines.push(line) } },
    );
    const early = await server.openTickwire();
    reading.heapPercent = 88;
    await expect
      .poll(async () => {
        const late = server.open();
        return Promise.race([late.refused, late.next('hello').then(() => 101)]);
      })
      .toBe(503);
    await early.settle();
    reading.heapPercent = 40;
    await expect
      .poll(async () => {
        const late = server.open();
        return Promise.race([late.refused, late.next('hello').then(() => 101)]);
      })
      .toBe(101);
    const told = lines.map((line) => JSON.parse(line) as { load?: string; heapPercent?: number });
    expect(told.filter(({ load }) => load !== undefined)).toMatchObject([
      { load: 'refuse', heapPercent: 88 },
      { load: 'fine', heapPercent: 40 },
    ]);
  });

  it('lets connections go with 1013 before the memory is at its end', async () => {
    const reading = { heapPercent: 40, loopDelayMs: 20 };
    server = await startTestServer({ loadSampleMs: 20 }, {}, { meter: meterOf(reading) });
    const clients = await Promise.all(Array.from({ length: 5 }, () => server.openTickwire()));
    reading.heapPercent = 95;
    const { code, reason } = await Promise.race(clients.map((client) => client.closed));
    reading.heapPercent = 40;
    expect([code, reason]).toEqual([1013, 'overload;ra=5000']);
    await expect.poll(() => server.app.connections.size).toBeLessThan(5);
  });
});
