import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LeakCheck } from '@tickwire/lab';
import { FakeClock, FaultProxy, until, type FaultProxyOptions } from '@tickwire/testing';
import { End, TcpPairs } from './tcp-pair.js';

let check: LeakCheck;
let opened: TcpPairs[] = [];

beforeEach(() => {
  check = LeakCheck.start();
  opened = [];
});

afterEach(async () => {
  for (const pairs of opened) await pairs.close();
  await check.end();
});

async function start(options: FaultProxyOptions = {}): Promise<TcpPairs> {
  const pairs = await TcpPairs.start(options);
  opened.push(pairs);
  return pairs;
}

const events = (pairs: TcpPairs, connection: number): string[] =>
  pairs.proxy.log.filter((entry) => entry.connection === connection).map((entry) => entry.event);

describe('a fault proxy without rules', () => {
  it('passes bytes both ways and writes them down', async () => {
    const pairs = await start();
    const { client, server } = await pairs.open();
    client.socket.write('ask');
    expect(await server.has(3)).toBe('ask');
    server.socket.write('answer');
    expect(await client.has(6)).toBe('answer');
    const log = JSON.parse(JSON.stringify(pairs.proxy.log)) as unknown;
    expect(log).toMatchObject([
      { connection: 1, event: 'accepted', atMs: expect.any(Number) as number },
      { connection: 1, event: 'up', bytes: 3 },
      { connection: 1, event: 'down', bytes: 6 },
    ]);
  });

  it('passes an end on in its direction only, and closes when both have ended', async () => {
    const pairs = await start();
    const { client, server } = await pairs.open();
    client.socket.end('last words');
    await until('the end', () => server.ended);
    expect(server.text).toBe('last words');
    server.socket.end('and mine');
    await until('both to close', () => client.closed && server.closed);
    expect([client.text, client.error]).toEqual(['and mine', undefined]);
    await until('the link to close', () => events(pairs, 1).includes('closed'));
  });

  it('passes a reset on', async () => {
    const pairs = await start();
    const { client, server } = await pairs.open();
    server.socket.resetAndDestroy();
    await until('the reset', () => client.closed);
    expect(client.error).toBe('ECONNRESET');
  });

  it('counts connections: accepted, open, most open at once', async () => {
    const pairs = await start();
    const first = await pairs.open();
    await pairs.open();
    first.client.socket.destroy();
    await until('it to leave', () => pairs.proxy.counters.open === 1);
    await pairs.open();
    expect(pairs.proxy.counters).toEqual({ accepted: 3, open: 2, mostOpen: 2 });
  });

  it('resets its client when the target takes no connection', async () => {
    const pairs = await start();
    const behind = await FaultProxy.start(pairs.proxy.port);
    pairs.proxy.refuse();
    const client = new End(connect(behind.port, '127.0.0.1'));
    await until('the reset', () => client.closed);
    expect(client.error).toBe('ECONNRESET');
    await behind.close();
  });
});

describe('bytes that are held', () => {
  it('come after the latency, and in order whatever the jitter', async () => {
    const clock = new FakeClock();
    const chances = [0.9, 0];
    const pairs = await start({ clock, random: () => chances.shift() ?? 0.5 });
    const { client, server } = await pairs.open();
    pairs.proxy.latency(100, 50);
    client.socket.write('first');
    await until('the first', () => pairs.proxy.heldBytes === 5);
    client.socket.write('second');
    await until('the second', () => pairs.proxy.heldBytes === 11);
    await clock.advance(139);
    expect([pairs.proxy.heldBytes, server.text]).toEqual([11, '']);
    await clock.advance(1);
    expect(await server.has(11)).toBe('firstsecond');
    expect(pairs.proxy.heldBytes).toBe(0);
  });

  it('pass at once when the latency is lifted', async () => {
    const clock = new FakeClock();
    const pairs = await start({ clock });
    const { client, server } = await pairs.open();
    pairs.proxy.latency(60_000);
    client.socket.write('late');
    await until('it to be held', () => pairs.proxy.heldBytes === 4);
    pairs.proxy.heal();
    expect(await server.has(4)).toBe('late');
    expect(clock.pending).toBe(0);
  });

  it('trickle at the rate', async () => {
    const clock = new FakeClock();
    const pairs = await start({ clock });
    const { client, server } = await pairs.open();
    pairs.proxy.rate(1_000);
    server.socket.write('x'.repeat(100));
    await client.has(20);
    for (const bytes of [40, 60, 80]) {
      await until('a pause', () => clock.pending === 1);
      await clock.advance(19);
      expect(client.text).toHaveLength(bytes - 20);
      await clock.advance(1);
      await client.has(bytes);
    }
  });

  it('arrive in slices', async () => {
    const pairs = await start();
    const { client, server } = await pairs.open();
    pairs.proxy.slice(1);
    client.socket.write('abcdefghijklmnopqrstuvwxyz');
    expect(await server.has(26)).toBe('abcdefghijklmnopqrstuvwxyz');
    // The reader may find two of them at once when the machine is busy.
    expect(server.reads.length).toBeGreaterThan(13);
  });

  it('are bounded: the source is no longer read', async () => {
    const pairs = await start({ heldBytesLimit: 100_000 });
    const { client, server } = await pairs.open();
    pairs.proxy.stall();
    client.socket.write(Buffer.alloc(8_000_000, 'x'));
    await until('the limit', () => pairs.proxy.heldBytes > 100_000);
    const held = pairs.proxy.heldBytes;
    // A read that is under way may still come in, of at most 64 KiB.
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(held).toBeLessThan(200_000);
    expect(pairs.proxy.heldBytes).toBeLessThan(200_000);
    pairs.proxy.heal();
    expect(await server.has(8_000_000)).toHaveLength(8_000_000);
  });
});

describe('a stall', () => {
  it('swallows both ways, closes nothing, and brings everything once healed', async () => {
    const pairs = await start();
    const { client, server } = await pairs.open();
    expect(pairs.proxy.stall('both')).toBe(1);
    client.socket.write('up');
    server.socket.write('down');
    await until('both to be held', () => pairs.proxy.heldBytes === 6);
    expect([client.text, server.text, client.closed, server.closed]).toEqual(['', '', false, false]);
    pairs.proxy.heal();
    expect([await client.has(4), await server.has(2)]).toEqual(['down', 'up']);
  });

  it.each(['up', 'down'] as const)('swallows one way: %s', async (direction) => {
    const pairs = await start();
    const { client, server } = await pairs.open();
    pairs.proxy.stall(direction);
    client.socket.write('ping');
    server.socket.write('ping');
    const [open, stalled] = direction === 'up' ? [client, server] : [server, client];
    expect(await open.has(4)).toBe('ping');
    await until('the other one to be held', () => pairs.proxy.heldBytes === 4);
    expect(stalled.text).toBe('');
  });

  it('hides the end and the reset of a side from the other one', async () => {
    const pairs = await start();
    const ending = await pairs.open();
    const resetting = await pairs.open();
    pairs.proxy.stall();
    ending.client.socket.end();
    resetting.client.socket.resetAndDestroy();
    await until('both to leave', () => pairs.proxy.counters.open === 0);
    expect([ending.server.ended, resetting.server.closed]).toEqual([false, false]);
    pairs.proxy.heal();
    await until('the end and the reset', () => ending.server.ended && resetting.server.closed);
    expect(resetting.server.error).toBe('ECONNRESET');
  });

  it('leaves new links alone, unless they are meant too', async () => {
    const pairs = await start();
    const old = await pairs.open();
    pairs.proxy.stall('both', 'open');
    const fresh = await pairs.open();
    fresh.client.socket.write('fresh');
    expect(await fresh.server.has(5)).toBe('fresh');
    expect(pairs.proxy.stall('both', 'new')).toBe(0);
    const later = await pairs.open();
    later.client.socket.write('later');
    old.client.socket.write('old');
    await until('both to be held', () => pairs.proxy.heldBytes === 8);
    expect([old.server.text, later.server.text]).toEqual(['', '']);
  });
});

describe('the end of a link', () => {
  it('is a reset on both sides', async () => {
    const pairs = await start();
    const { client, server } = await pairs.open();
    pairs.proxy.reset();
    await until('both to close', () => client.closed && server.closed);
    expect([client.error, server.error]).toEqual(['ECONNRESET', 'ECONNRESET']);
  });

  it('is a FIN to the client while the other direction goes on', async () => {
    const pairs = await start();
    const { client, server } = await pairs.open();
    pairs.proxy.halfClose();
    await until('the FIN', () => client.ended);
    server.socket.write('lost');
    client.socket.write('still here');
    expect(await server.has(10)).toBe('still here');
    expect([client.text, client.error, server.ended]).toEqual(['', undefined, false]);
  });

  it('is a FIN to the server', async () => {
    const pairs = await start();
    const { client, server } = await pairs.open();
    pairs.proxy.halfClose('up');
    await until('the FIN', () => server.ended);
    server.socket.write('still here');
    expect(await client.has(10)).toBe('still here');
  });

  it('comes after exactly so many bytes, as a reset', async () => {
    const pairs = await start();
    const { client, server } = await pairs.open();
    server.socket.write('before');
    await client.has(6);
    expect(pairs.proxy.cutAfter(4, 'down', 'reset')).toBe(1);
    server.socket.write('12345678');
    await until('both to learn of it', () => (client.closed || client.ended) && server.closed);
    // A reader that finds the last bytes and the reset at once is told of an end by the platform.
    expect([client.text, client.error ?? 'end', server.error]).toEqual([
      'before1234',
      expect.stringMatching(/^(ECONNRESET|end)$/) as string,
      'ECONNRESET',
    ]);
  });

  it('comes after exactly so many bytes, as an end, in the other direction too', async () => {
    const pairs = await start();
    const { client, server } = await pairs.open();
    pairs.proxy.cutAfter(3, 'up', 'end');
    client.socket.write('123456');
    await until('both to end', () => client.ended && server.ended);
    // Nobody has been cut off: who goes on writing is not heard, and not reset.
    client.socket.write('more');
    await until('it to be read', () => pairs.proxy.log.some(({ event, bytes }) => event === 'up' && bytes === 4));
    client.socket.end();
    server.socket.end('more');
    await until('both to close', () => client.closed && server.closed);
    expect([server.text, client.text]).toEqual(['123', '']);
    expect([client.error, server.error]).toEqual([undefined, undefined]);
  });

  it('comes on each new link until it is healed', async () => {
    const pairs = await start();
    pairs.proxy.cutAfter(0, 'up', 'reset', 'new');
    for (const _ of [1, 2]) {
      const client = pairs.dial();
      await until('the cut', () => client.closed);
      expect(client.error).toBe('ECONNRESET');
    }
    pairs.proxy.heal();
    // The far ends of the links that were cut may arrive later than this one's.
    pairs.dial().socket.write('well');
    await until('the word', () => pairs.servers.some(({ text }) => text === 'well'));
  });
});

describe('a corruption', () => {
  it('changes one byte, once, wherever the reads fall', async () => {
    const pairs = await start();
    const { client, server } = await pairs.open();
    pairs.proxy.slice(2);
    expect(pairs.proxy.corrupt(3, 'up')).toBe(1);
    client.socket.write('aaaaaaaa');
    expect(await server.has(8)).toBe('aaa`aaaa');
    server.socket.write('aaaa');
    expect(await client.has(4)).toBe('aaaa');
  });
});

describe('the port', () => {
  it('refuses, and takes connections again, the same one; links stay', async () => {
    const pairs = await start();
    const { client, server } = await pairs.open();
    pairs.proxy.refuse();
    const refused = pairs.dial();
    await until('the refusal', () => refused.closed);
    expect(refused.error).toBe('ECONNREFUSED');
    client.socket.write('still here');
    expect(await server.has(10)).toBe('still here');
    await pairs.proxy.accept();
    const again = await pairs.open();
    again.client.socket.write('back');
    expect(await again.server.has(4)).toBe('back');
    expect(pairs.proxy.counters).toEqual({ accepted: 2, open: 2, mostOpen: 2 });
  });

  it('accepts and never answers; whoever gives up is let go', async () => {
    const pairs = await start();
    pairs.proxy.acceptSilent();
    const client = pairs.dial();
    client.socket.write('anybody there?');
    await until('the bytes', () => events(pairs, 1).includes('up'));
    expect([pairs.servers.length, client.text, client.closed]).toEqual([0, '', false]);
    pairs.proxy.heal();
    const { server } = await pairs.open();
    expect(server.closed).toBe(false);
    expect([client.text, client.closed]).toEqual(['', false]);
    client.socket.end();
    await until('it to close', () => client.closed);
    await until('the count', () => pairs.proxy.counters.open === 1);
  });

  it('closes everything, twice if asked to', async () => {
    const pairs = await start();
    const { client, server } = await pairs.open();
    pairs.proxy.latency(60_000);
    client.socket.write('never');
    await until('it to be held', () => pairs.proxy.heldBytes === 5);
    await Promise.all([pairs.proxy.close(), pairs.proxy.close()]);
    await until('both to close', () => client.ended && server.ended);
    const late = pairs.dial();
    await until('the refusal', () => late.closed);
    await pairs.proxy.accept();
    expect(late.error).toBe('ECONNREFUSED');
  });
});

describe('an idle timeout', () => {
  it('ends a link on which nothing passes, in either direction, and spares one that talks', async () => {
    const clock = new FakeClock();
    const pairs = await start({ clock });
    pairs.proxy.idleTimeout(30_000);
    const idle = await pairs.open();
    const busy = await pairs.open();
    await clock.advance(29_000);
    busy.server.socket.write('a');
    expect(await busy.client.has(1)).toBe('a');
    await clock.advance(1_000);
    await until('the idle one to end', () => idle.client.ended && idle.server.ended);
    await clock.advance(28_000);
    busy.client.socket.write('b');
    expect(await busy.server.has(1)).toBe('b');
    pairs.proxy.heal();
    await clock.advance(60_000);
    expect(busy.client.ended).toBe(false);
    expect(clock.pending).toBe(0);
  });
});

describe('the log', () => {
  it('keeps the newest entries only', async () => {
    const pairs = await start({ logLimit: 3 });
    for (let ms = 0; ms < 10; ms += 1) pairs.proxy.latency(ms);
    expect(pairs.proxy.log).toHaveLength(3);
    expect(pairs.proxy.log.at(-1)?.event).toContain('"latencyMs":9');
  });
});
