import { describe, expect, it } from 'vitest';
import { FakeClock, hello, settle, until } from '@tickwire/testing';
import { Harness } from '../harness.js';
import { causesOf, numbersOf, staged, upTo } from './stage.js';

const stage = staged();
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe('a machine that slept for ten minutes', () => {
  it('asks once, waits 3 s, opens one socket and resumes where it was', async () => {
    const clock = new FakeClock();
    const server = await stage().numbered();
    const proxy = await stage().proxy(server.port);
    const client = stage().client(proxy.url, { clock, random: () => 0 });
    const heard = await numbersOf(client);
    const causes = causesOf(client);
    proxy.stall();
    server.publish('whales');
    await clock.sleep(600_000);
    expect(client.connection.get().status).toBe('connected');
    await clock.advance(2_999);
    expect(causes).toEqual([]);
    await clock.advance(1);
    expect(causes).toEqual(['HEARTBEAT_TIMEOUT']);
    await clock.advance(250);
    await until('the resume', () => heard.length === 1);
    await clock.advance(60_000);
    expect(heard).toEqual(upTo(1));
    expect(proxy.counters.accepted).toBe(2);
    expect(server.resumed).toBe(1);
  });

  it('keeps a link that is still there', async () => {
    const clock = new FakeClock();
    const server = await stage().numbered();
    const client = stage().client(server.url, { clock });
    const heard = await numbersOf(client);
    for (let night = 1; night <= 3; night += 1) {
      const { messages } = client.stats();
      await clock.sleep(600_000);
      await until('the answer', () => client.stats().messages > messages);
      await clock.advance(3_000);
      server.publish('whales');
      await until('the next event', () => heard.length === night);
    }
    expect(server.peers).toHaveLength(1);
  });
});

/** Timers of a page that has been hidden for long: they fire on whole minutes. */
class ThrottledClock extends FakeClock {
  override setTimeout(callback: () => void, delayMs: number): number {
    const due = Math.ceil((this.monotonic() + delayMs) / 60_000) * 60_000;
    return super.setTimeout(callback, due - this.monotonic());
  }

  /** What a network does is not throttled. */
  arrival(callback: () => void, afterMs: number): void {
    super.setTimeout(callback, afterMs);
  }
}

describe('timers that fire once a minute', () => {
  it.each([
    { server: 'sends a heartbeat every 15 s and answers', answers: true, beats: true },
    { server: 'only answers pings', answers: true, beats: false },
    { server: 'sends heartbeats and never answers', answers: false, beats: true },
  ])('drop no connection whose server $server', async ({ answers, beats }) => {
    const clock = new ThrottledClock();
    const harness = new Harness({ clock });
    await harness.connected();
    const { socket, client, sockets } = harness;
    socket.onSent = ({ type, id }) => {
      // The answer takes its time, and comes between two ticks of the timers.
      if (type === 'ping' && answers) clock.arrival(() => socket.receive({ type: 'pong', id, ts: 1 }), 200);
    };
    for (let at = 0; at < hourMs; at += 15_000) {
      await clock.advance(15_000);
      if (beats) socket.receive({ type: 'heartbeat', data: { serverTime: 1, heads: {} } });
    }
    expect(client.connection.get()).toMatchObject({ status: 'connected', mute: false });
    expect(sockets.all).toHaveLength(1);
    await client.close();
  });

  it('still find a dead peer, within three of them', async () => {
    const clock = new ThrottledClock();
    const { client } = await new Harness({ clock }).connected();
    const causes = causesOf(client);
    await clock.advance(180_000);
    expect(causes).toEqual(['HEARTBEAT_TIMEOUT']);
    await client.close();
  });
});

describe('a wall clock that is set while connected', () => {
  it.each([2 * hourMs, -2 * hourMs])('by %i ms drops nothing, pings as before and asks for no token', async (jump) => {
    const reasons: string[] = [];
    const token = ({ reason }: { reason: string }): string => {
      reasons.push(reason);
      return 'secret';
    };
    const harness = new Harness({ token });
    await harness.connected();
    const { socket, client, clock, sockets } = harness;
    const id = harness.sockets.last.sent
      .map((text) => JSON.parse(text) as Record<string, unknown>)
      .find(({ type }) => type === 'authenticate')?.['id'];
    const expiresAt = clock.now() + hourMs;
    socket.receive({ type: 'ack', id, op: 'authenticate', data: { userId: '1', expiresAt, scopes: [] } });
    harness.answerPings();
    await settle();
    const pingsAt: number[] = [];
    const answer = socket.onSent;
    socket.onSent = (message) => {
      if (message['type'] === 'ping') pingsAt.push(clock.monotonic());
      answer?.(message);
    };
    for (let turn = 0; turn < 4; turn += 1) {
      clock.jumpWall(turn % 2 === 0 ? jump : -jump);
      await clock.advance(150_000);
    }
    expect(client.connection.get()).toMatchObject({ status: 'connected', authenticated: true });
    expect(sockets.all).toHaveLength(1);
    expect(reasons).toEqual(['initial']);
    // Every 15 s by the clock that never jumps.
    expect(pingsAt).toEqual(Array.from({ length: 40 }, (_, index) => (index + 1) * 15_000));
    await client.close();
  });
});

/** Timers as platforms have them: a delay above 2^31 − 1 ms fires at once. */
class OverflowingClock extends FakeClock {
  overflows = 0;

  override setTimeout(callback: () => void, delayMs: number): number {
    if (delayMs > 2 ** 31 - 1) this.overflows += 1;
    return super.setTimeout(callback, delayMs > 2 ** 31 - 1 ? 1 : delayMs);
  }
}

describe('delays of forty days', () => {
  it('never fire at once: not a token’s, not an option’s, not a server’s', async () => {
    const clock = new OverflowingClock();
    let asked = 0;
    const long = 40 * dayMs;
    const harness = new Harness({
      clock,
      dialect: 'tickwire',
      token: () => {
        asked += 1;
        return 'secret';
      },
      reconnect: { minDelayMs: long, baseDelayMs: long, maxDelayMs: long, stableAfterMs: long },
      heartbeat: { idleMs: long, timeoutMs: long },
      connectTimeoutMs: long,
      lingerMs: long,
      staleAfterMs: long,
      requestTimeoutMs: long,
    });
    const { client } = harness;
    const errors: unknown[] = harness.record('error');
    const stale: unknown[] = harness.record('stale');
    const subscription = client.subscribe('coin:bitcoin', () => undefined);
    const { socket } = harness;
    await clock.advance(hourMs);
    socket.open();
    await clock.advance(hourMs);
    socket.receive(hello());
    await settle();
    const sent = socket.taken();
    const id = sent.find(({ type }) => type === 'authenticate')?.['id'];
    const expiresAt = clock.now() + long;
    socket.receive({ type: 'ack', id, op: 'authenticate', data: { userId: '1', expiresAt, scopes: [] } });
    socket.receive({ type: 'price_update', data: { coinId: 'bitcoin', price: 1 } });
    const history = client.history('whales').catch(() => 'never');
    subscription.unsubscribe();
    await clock.advance(hourMs);
    expect(client.connection.get()).toMatchObject({ status: 'connected', authenticated: true });
    const types = socket.sent.map((text) => (JSON.parse(text) as { type: string }).type);
    expect(types).toEqual(['hello', 'authenticate', 'subscribe', 'history']);
    expect(asked).toBe(1);
    socket.drop(1012, 'restart;ra=99999999999999;sp=99999999999999');
    await clock.advance(hourMs);
    expect(client.connection.get().status).toBe('reconnecting');
    expect(harness.sockets.all).toHaveLength(1);
    expect(errors).toEqual([]);
    expect(stale).toEqual([]);
    expect(clock.overflows).toBe(0);
    await client.close();
    await history;
  });
});
