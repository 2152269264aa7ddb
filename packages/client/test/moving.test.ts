import { coinPrice, hello, settle, whale, type FakeSocket } from '@tickwire/testing';
import { describe, expect, it } from 'vitest';
import { Harness } from './harness.js';

type Json = Record<string, unknown>;

const goingAway = { type: 'going_away', data: { reason: 'deploy', reconnectAfterMs: 1_000, deadlineMs: 8_000 } };
const price = (seq: number, epoch = 'e1'): Json => coinPrice('bitcoin', seq, { sub: 'coin:bitcoin', seq, epoch });
const movement = (seq: number, epoch = 'e1'): Json => whale('bitcoin', seq, { sub: 'whales', seq, epoch });

/** Answers the subscribe that is out; each channel stands at the seq given. */
function acknowledge(socket: FakeSocket, seqs: Record<string, number>, part: Json = { recovered: true }): Json[] {
  const asked = socket.taken().find((message) => message['type'] === 'subscribe');
  const subscribed = Object.entries(seqs).map(([channel, seq]) => {
    return { channel, kind: channel.startsWith('coin') ? 'state' : 'event', epoch: 'e1', seq, ...part };
  });
  socket.receive({ type: 'ack', id: asked?.['id'], op: 'subscribe', data: { subscribed } });
  return ((asked?.['data'] ?? {}) as { channels: Json[] }).channels;
}

/** Subscribed on a first socket, which goes away; the second one has been opened and not yet greeted. */
async function moving(): Promise<{ harness: Harness; old: FakeSocket; heard: unknown[]; statuses: string[] }> {
  const harness = await new Harness({ dialect: 'tickwire' }).connected();
  const heard: unknown[] = [];
  const seqOf = (message: unknown): number | undefined => (message as { seq?: number }).seq;
  harness.client.subscribe('coin:bitcoin', (tick) => heard.push(`p${String(tick.seq)}`));
  harness.client.subscribe('whales', (message) => heard.push(`w${String(seqOf(message))}`));
  harness.client.on('gap', ({ from, to }) => heard.push(`gap ${String(from)}-${String(to)}`));
  await settle();
  const old = harness.socket;
  acknowledge(old, { 'coin:bitcoin': 20, whales: 8 }, { recovered: false, reason: 'new' });
  old.receive(price(21));
  const statuses = harness.statuses();
  old.receive(goingAway);
  await harness.clock.advance(999);
  expect(harness.sockets.all).toHaveLength(1);
  await harness.clock.advance(201);
  expect(harness.sockets.alive).toBe(2);
  return { harness, old, heard, statuses };
}

/** The new socket is open and greeted. */
async function greeted(harness: Harness): Promise<FakeSocket> {
  const { socket } = harness;
  socket.open();
  socket.receive(hello());
  await settle();
  return socket;
}

describe('a server that goes away', () => {
  it('is heard until the next one has acked; nothing is lost, nothing doubled, and the user stays connected', async () => {
    const { harness, old, heard, statuses } = await moving();
    old.receive(movement(9));
    const next = await greeted(harness);
    // What the old one sends after the new one was asked comes over both.
    old.receive(movement(10));
    old.receive(price(22));
    expect(acknowledge(next, { 'coin:bitcoin': 22, whales: 11 })).toEqual([
      { channel: 'coin:bitcoin', epoch: 'e1', seq: 21 },
      { channel: 'whales', epoch: 'e1', seq: 9 },
    ]);
    expect(old.closedByClient).toMatchObject({ code: 1000 });
    for (const seq of [10, 11]) next.receive({ ...movement(seq), replay: true });
    next.receive({ ...price(22), replay: true });
    next.receive(price(23));
    old.receive(movement(12));
    expect(heard).toEqual(['p21', 'w9', 'w10', 'p22', 'w11', 'p23']);
    expect(statuses).toEqual([]);
    expect(harness.client.connection.get().status).toBe('connected');
    expect(harness.client.stats()).toMatchObject({ reconnects: 1, gaps: 0, duplicates: 2 });
    await harness.client.close();
    expect(harness.clock.pending).toBe(0);
  });

  it('cannot turn the epoch of the next one back', async () => {
    const { harness, old, heard } = await moving();
    const next = await greeted(harness);
    harness.client.subscribe('social', () => undefined);
    await settle();
    next.receive({ type: 'error', id: 'none', data: { code: 'INTERNAL' } });
    const [first] = next.taken().filter((message) => message['type'] === 'subscribe');
    const subscribed = [{ channel: 'whales', kind: 'event', epoch: 'e2', seq: 3, recovered: false, reason: 'epoch' }];
    next.receive({ type: 'ack', id: first?.['id'], op: 'subscribe', data: { subscribed } });
    next.receive(movement(4, 'e2'));
    // The other channel has no ack yet: the old socket is still there.
    expect(harness.sockets.alive).toBe(2);
    old.receive(movement(9));
    old.receive(price(22));
    next.receive(movement(5, 'e2'));
    expect(heard).toEqual(['p21', 'gap null-null', 'w4', 'p22', 'w5']);
    await harness.client.close();
  });

  it('that closes first leaves the attempt to be seen as such', async () => {
    const { harness, old, statuses } = await moving();
    old.drop(1012, 'deploy');
    expect(statuses).toEqual(['connecting']);
    const next = await greeted(harness);
    expect(acknowledge(next, { 'coin:bitcoin': 21, whales: 8 })).toHaveLength(2);
    expect(statuses).toEqual(['connecting', 'connected']);
    await harness.client.close();
  });

  it('is let go at its deadline, acks or not', async () => {
    const { harness, old } = await moving();
    await greeted(harness);
    await harness.clock.advance(6_700);
    expect(old.closedByClient).toBeUndefined();
    await harness.clock.advance(200);
    expect(old.closedByClient).toMatchObject({ code: 1000 });
    expect(harness.sockets.all).toHaveLength(2);
    expect(harness.client.connection.get().status).toBe('connected');
    await harness.client.close();
  });

  it('is still heard when the next one cannot be reached; there are never more than two sockets', async () => {
    const { harness, old, heard, statuses } = await moving();
    harness.socket.drop(1006);
    old.receive(movement(9));
    expect(statuses).toEqual(['reconnecting']);
    await harness.clock.advance(1_000);
    expect(harness.sockets.all).toHaveLength(3);
    expect(harness.sockets.alive).toBe(2);
    const next = await greeted(harness);
    expect(acknowledge(next, { 'coin:bitcoin': 21, whales: 9 })).toHaveLength(2);
    expect(harness.sockets.alive).toBe(1);
    expect(heard).toEqual(['p21', 'w9']);
    await harness.client.close();
  });

  it('still answers what it was asked', async () => {
    const harness = await new Harness({ dialect: 'tickwire' }).connected();
    const old = harness.socket;
    const catalog = harness.client.catalog();
    const refused = harness.client.history('whales');
    const [first, second] = old.taken();
    old.receive(goingAway);
    await harness.clock.advance(1_200);
    await greeted(harness);
    expect(harness.sockets.alive).toBe(2);
    old.receive({ type: 'ack', id: first?.['id'], op: 'catalog', data: { items: [] } });
    old.receive({ type: 'error', id: second?.['id'], data: { code: 'UNKNOWN_CHANNEL', message: 'no' } });
    await expect(catalog).resolves.toEqual({ items: [] });
    await expect(refused).rejects.toMatchObject({ code: 'UNKNOWN_CHANNEL' });
    expect(harness.sockets.alive).toBe(1);
    await harness.client.close();
  });

  it('and its successor end together when the client closes', async () => {
    const { harness, old } = await moving();
    const { socket } = harness;
    await harness.client.close();
    expect([old.closedByClient, socket.closedByClient]).not.toContain(undefined);
    expect(harness.clock.pending).toBe(0);
  });
});

describe('F68: a server that goes away on each new connection', () => {
  it('is dialled with a back-off, as one whose links break', async () => {
    const harness = new Harness({ dialect: 'tickwire' });
    void harness.client.connect();
    const away = { type: 'going_away', data: { reason: 'deploy', reconnectAfterMs: 250, deadlineMs: 300_000 } };
    const greeted = new Set<unknown>();
    for (let passed = 0; passed < 120_000; passed += 50) {
      for (const socket of harness.sockets.all) {
        if (greeted.has(socket)) continue;
        greeted.add(socket);
        socket.onSent = ({ type, id }) => {
          if (type === 'ping') queueMicrotask(() => socket.receive({ type: 'pong', id }));
        };
        socket.open();
        socket.receive(hello());
        socket.receive(away);
      }
      await harness.clock.advance(50);
    }
    // Twice at once, then after 1.1, 2.1, 4.1, 8.1, and each 15 s: half of the limit by this chance.
    expect(harness.sockets.all.length).toBeGreaterThan(5);
    expect(harness.sockets.all.length).toBeLessThan(16);
    expect(harness.client.connection.get().status).toBe('connected');
    await harness.client.close();
    await harness.clock.advance(3_000);
  });
});
