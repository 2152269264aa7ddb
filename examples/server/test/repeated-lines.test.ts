import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RepeatedLines } from '../src/repeated-lines.js';
import { createManualClock } from './manual-clock.js';
import { coinTick } from './manual-source.js';
import { startTestServer } from './test-server.js';

const warn = 40;
const error = 50;

function setUp() {
  const clock = createManualClock();
  const lines: unknown[][] = [];
  const repeated = new RepeatedLines({ clock, everyMs: 10_000 });
  const method = (...args: unknown[]): void => void lines.push(args);
  const log = (level: number, ...args: unknown[]): void => repeated.log(undefined, args, method, level);
  return { clock, lines, repeated, log };
}
const full = () => ({ err: new Error('There are 10000 channels already') });

describe('the same error', () => {
  it('F33: is told once with all that it has, then counted, one line each ten seconds while it goes on', () => {
    const { clock, lines, log } = setUp();
    for (let index = 0; index < 5_000; index += 1) log(error, full(), 'a broadcast was refused');
    expect(lines).toMatchObject([[{ err: expect.any(Error) as Error }, 'a broadcast was refused']]);
    clock.advance(10_000);
    const counted = { error: 'Error: There are 10000 channels already' };
    expect(lines[1]).toEqual([{ repeated: 4_999, ...counted }, 'a broadcast was refused']);
    log(error, full(), 'a broadcast was refused');
    clock.advance(10_000);
    expect(lines.slice(2)).toEqual([[{ repeated: 1, ...counted }, 'a broadcast was refused']]);
    clock.advance(10_000);
    expect(clock.waiting).toBe(0);
    log(error, full(), 'a broadcast was refused');
    expect(lines).toHaveLength(4);
  });

  it('F33: is another one under another text, with other words, or at another level', () => {
    const { lines, log } = setUp();
    for (let index = 0; index < 3; index += 1) {
      log(error, full(), 'a broadcast was refused');
      log(error, full(), 'a request failed');
      log(error, { err: new Error('other') }, 'a broadcast was refused');
      log(warn, 'The file could not be written');
      log(error, new TypeError('bare'));
    }
    expect(lines).toHaveLength(5);
  });

  it('F33: costs a bounded number of lines, whatever words an outsider makes up', () => {
    const { clock, lines, log } = setUp();
    for (let index = 0; index < 5_000; index += 1) log(error, { err: new Error(`no ${index}`) }, 'refused');
    expect(lines.length).toBeLessThanOrEqual(21);
    clock.advance(10_000);
    expect(lines.length).toBeLessThanOrEqual(22);
    expect(lines.at(-1)?.[0]).toMatchObject({ repeated: 4_979 });
  });

  it('F33: is not what a line without trouble says, nor a line that counts by itself', () => {
    const { clock, lines, log } = setUp();
    for (let index = 0; index < 3; index += 1) {
      log(30, 'listening');
      log(warn, { refusals: { full: 2 } }, 'upgrades were refused');
    }
    expect(lines).toHaveLength(6);
    expect(clock.waiting).toBe(0);
  });

  it('F33: is counted to the end, and leaves no timer', () => {
    const { clock, lines, repeated, log } = setUp();
    for (let index = 0; index < 3; index += 1) log(error, full(), 'x');
    repeated.stop();
    expect(lines.at(-1)?.[0]).toMatchObject({ repeated: 2 });
    log(error, full(), 'x');
    expect(lines).toHaveLength(3);
    expect(clock.waiting).toBe(0);
  });
});

describe('a server on which the same fails again and again', () => {
  async function start() {
    const lines: { level: number; msg: string; repeated?: number; err?: { stack: string } }[] = [];
    const logTo = { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) };
    const digest = createHash('sha256').update('s3cret').digest('hex');
    const environment = { LOG_LEVEL: 'warn', API_KEYS: `feed:${digest}:publish` };
    const server = await startTestServer({ maxChannels: 1 }, environment, { logTo });
    return { server, lines };
  }

  it('F33: tells of a full engine and of a bad source in two lines each', async () => {
    const { server, lines } = await start();
    await server.app.realtime.broadcastGlobal({ type: 'announcement', data: { message: 'hi' } });
    for (let index = 0; index < 1_000; index += 1) server.source.tell(coinTick('bitcoin', index), coinTick('nope', 1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(lines.map(({ msg }) => msg)).toEqual(['a broadcast was refused', 'a broadcast was refused']);
    expect(lines.every(({ err }) => err?.stack.includes('PublishError'))).toBe(true);
    await server.close();
    expect(lines.slice(2).map(({ repeated }) => repeated)).toEqual([999, 999]);
  });

  it('F33: tells of a publisher that is refused each time in two lines', async () => {
    const { server, lines } = await start();
    for (let index = 0; index < 20; index += 1) {
      const response = await fetch(`${server.base}/api/publish`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'feed.s3cret' },
        body: '{"type":"price_update","data":{"coinId":"nope","price":1}}',
      });
      expect(response.status).toBe(404);
    }
    await server.close();
    expect(lines.map(({ repeated }) => repeated)).toEqual([undefined, 19]);
  });
});
