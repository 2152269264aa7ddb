import { describe, expect, it } from 'vitest';
import { until } from '@tickwire/testing';
import { begin, causesOf, countedWebSocket, pause, quickly, numbersOf, staged, statesOf, upTo } from './stage.js';

const stage = staged();

describe('a link that is reset in the middle of a message', () => {
  it('loses nothing and doubles nothing: the rest is resumed from the last whole message', async () => {
    const server = await stage().numbered();
    // Some servers repeat what the client has had: it is dropped and counted.
    server.overlap = 2;
    const proxy = await stage().proxy(server.port);
    const client = stage().client(proxy.url, { heartbeat: { idleMs: 100, timeoutMs: 5_000 } });
    const gaps: unknown[] = [];
    client.on('gap', (gap) => gaps.push(gap));
    const heard = await numbersOf(client);
    for (let round = 1; round <= 12; round += 1) {
      // A frame has some 250 bytes: the cut wanders through header and body.
      proxy.cutAfter(300 + round * 41, 'down', 'reset');
      for (let n = 0; n < 5; n += 1) server.publish('whales');
      await until(`loss ${round}`, () => server.peers.length > round);
      await until(`resume ${round}`, () => heard.length === round * 5);
    }
    expect(heard).toEqual(upTo(60));
    expect(gaps).toEqual([]);
    expect(client.stats()).toMatchObject({ invalid: 0, gaps: 0, reconnects: 12 });
    expect(server.resumed).toBe(12);
    expect(client.stats().duplicates).toBeGreaterThanOrEqual(12);
  });
});

describe('a link that ends without a close frame', () => {
  it('is 1006, and replaced', async () => {
    const server = await stage().numbered();
    const proxy = await stage().proxy(server.port);
    const client = stage().client(proxy.url);
    await client.connect();
    const states = statesOf(client);
    proxy.halfClose('down');
    await until(
      'the next connection',
      () => server.peers.length === 2 && client.connection.get().status === 'connected',
    );
    expect(states[0]).toMatchObject({ status: 'reconnecting', cause: { code: 'CONNECT_FAILED', closeCode: 1006 } });
    await until('the old one to be gone', () => proxy.counters.open === 1);
  });
});

describe('a link that is reset twenty times', () => {
  it('has one socket at a time, dials no faster than the back-off and converges afterwards', async () => {
    const server = await stage().numbered();
    const proxy = await stage().proxy(server.port);
    const { WebSocket, made, mostAlive } = countedWebSocket();
    const client = stage().client(proxy.url, { WebSocket, random: () => 0.9 });
    const plans: { attempt: number; delayMs: number }[] = [];
    client.on('connection', (connection) => {
      if (connection.status !== 'reconnecting') return;
      plans.push({ attempt: connection.attempt, delayMs: connection.retryAt - Date.now() });
    });
    const heard = await numbersOf(client);
    for (let flap = 0; flap < 20; flap += 1) {
      proxy.refuse();
      proxy.reset();
      server.publish('whales');
      await pause(20);
      await proxy.accept();
      await pause(40);
    }
    await until('all of them', () => heard.length === 20);
    expect(heard).toEqual(upTo(20));
    expect(mostAlive()).toBe(1);
    expect(made.length).toBe(plans.length + 1);
    // Each plan is that of its retry; the retries count on while no connection lasts.
    for (const { attempt, delayMs } of plans) {
      const ceilingMs = Math.min(quickly.maxDelayMs, quickly.baseDelayMs * 2 ** (attempt - 2));
      expect(delayMs).toBeLessThanOrEqual(Math.round(10 + 0.9 * (ceilingMs - 10)));
    }
  });
});

describe('a byte that is changed on its way', () => {
  it('in the text costs that message alone: it is counted, and the next one is delivered', async () => {
    const server = await stage().numbered();
    const proxy = await stage().proxy(server.port);
    const client = stage().client(proxy.url);
    const heard: number[] = [];
    const invalid: string[] = [];
    client.on('invalid', (event) => invalid.push(event.code));
    await client.subscribe('coin:bitcoin', (tick) => heard.push(tick.price)).ready();
    // The first byte of the text after the header of the frame: no JSON begins with `z`.
    proxy.corrupt(4);
    server.publish('coin:bitcoin');
    await until('the bad one', () => invalid.length === 1);
    server.publish('coin:bitcoin');
    await until('the good one', () => heard.length === 1);
    expect(heard).toEqual([2]);
    expect(invalid).toEqual(['BAD_JSON']);
    expect(client.stats()).toMatchObject({ invalid: 1, reconnects: 0 });
  });

  it.each([
    { part: 'opcode', index: 0, mask: 0x08 },
    { part: 'reserved bit', index: 0, mask: 0x40 },
    { part: 'mask bit', index: 1, mask: 0x80 },
    { part: 'text, which is UTF-8 no more', index: 20, mask: 0x80 },
  ])('in the $part costs the connection, and it is replaced with nothing lost', async ({ index, mask }) => {
    const server = await stage().numbered();
    const proxy = await stage().proxy(server.port);
    const client = stage().client(proxy.url);
    const causes = causesOf(client);
    const heard = await numbersOf(client);
    proxy.corrupt(index, 'down', 'open', mask);
    server.publish('whales');
    await until('the loss', () => causes.length === 1);
    server.publish('whales');
    await until('both', () => heard.length === 2);
    expect(heard).toEqual([1, 2]);
    expect(causes).toEqual(['CONNECT_FAILED']);
    expect(server.peers).toHaveLength(2);
  });

  it('in the answer to the upgrade costs the attempt', async () => {
    const server = await stage().numbered();
    const proxy = await stage().proxy(server.port);
    proxy.corrupt(9, 'down', 'new');
    const client = stage().client(proxy.url);
    const causes = causesOf(client);
    begin(client);
    await until('the failure', () => causes.length === 1);
    proxy.heal();
    await until('the connection', () => client.connection.get().status === 'connected');
    expect(new Set(causes)).toEqual(new Set(['CONNECT_FAILED']));
  });
});
