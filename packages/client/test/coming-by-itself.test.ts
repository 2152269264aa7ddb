import { hello, settle, type FakeSocket } from '@tickwire/testing';
import { describe, expect, it } from 'vitest';
import { Harness } from './harness.js';

type Json = Record<string, unknown>;

const user = (seq: number, recovered: boolean | null = false, epoch = 'u1'): Json => ({
  channel: 'user',
  kind: 'event',
  epoch,
  seq,
  ...(recovered === null ? {} : { recovered }),
  ...(recovered === false ? { reason: 'new' } : {}),
});
const alert = (seq: number, more: Json = {}): Json => ({
  type: 'alert_triggered',
  data: { alertId: seq, alertType: 'price_above', coinId: 1, condition: {}, triggeredAt: '2026-01-01T00:00:00Z' },
  sub: 'user',
  seq,
  epoch: 'u1',
  ...more,
});
const announcement = (seq: number): Json => ({
  type: 'announcement',
  data: { message: 'x' },
  sub: 'global',
  seq,
  epoch: 'g1',
});

/** What a server may do with the request that resumes `user`. */
type Server = (socket: FakeSocket, request: Json) => void;

/** A server on which `alice` authenticates; her channel stands at `seq`. */
function serve(socket: FakeSocket, seq: number, answer: Server, part: Json = {}): void {
  socket.onSent = (message) =>
    queueMicrotask(() => {
      const { type, id } = message;
      const channels = ((message['data'] as Json | undefined)?.['channels'] ?? []) as Json[];
      if (type === 'ping') socket.receive({ type: 'pong', id });
      if (type === 'authenticate') {
        socket.receive({
          type: 'ack',
          id,
          op: 'authenticate',
          data: { userId: 'alice', subscribed: [user(seq)], ...part },
        });
      }
      if (type === 'subscribe' && channels.some(({ channel }) => channel === 'user')) answer(socket, message);
      if (type === 'history')
        socket.receive({ type: 'error', id, data: { code: 'UNKNOWN_TYPE', message: 'no history' } });
    });
}

/** Heard of three alerts, then the link broke; on the next one the channel stands at 9 and this server answers. */
async function comeBack(
  answer: Server,
  part?: Json,
): Promise<{ harness: Harness; heard: unknown[]; errors: unknown[] }> {
  const harness = new Harness({ dialect: 'tickwire', token: 'jwt' });
  const heard: unknown[] = [];
  const errors = harness.record('error');
  harness.client.on('alert_triggered', ({ data }) => heard.push(data.alertId));
  harness.client.on('gap', ({ from, to, channel }) => heard.push(`${channel} ${String(from)}-${String(to)}`));
  void harness.client.connect();
  serve(harness.socket, 0, () => undefined);
  harness.socket.open();
  harness.socket.receive(hello());
  await settle();
  for (const seq of [1, 2, 3]) harness.socket.receive(alert(seq));
  harness.socket.drop(1006);
  await harness.clock.advance(1_000);
  serve(harness.socket, 9, answer, part);
  harness.socket.open();
  harness.socket.receive(hello());
  await settle();
  return { harness, heard, errors };
}

const acked =
  (entry: Json): Server =>
  (socket, { id }) =>
    socket.receive({ type: 'ack', id, op: 'subscribe', data: { subscribed: [entry] } });

describe('F51: a channel that comes by itself', () => {
  it('is asked for from its position once the user is accepted, apart from what is wanted', async () => {
    const asked: unknown[] = [];
    const { harness } = await comeBack((_socket, { data }) => asked.push(data));
    expect(asked).toEqual([{ channels: [{ channel: 'user', epoch: 'u1', seq: 3 }] }]);
    await harness.client.close();
  });

  it('is not asked for where there is nothing to resume', async () => {
    const harness = new Harness({ dialect: 'tickwire', token: 'jwt' });
    void harness.client.connect();
    const asked: unknown[] = [];
    serve(harness.socket, 5, (_socket, message) => asked.push(message));
    harness.socket.open();
    harness.socket.receive(hello());
    await settle();
    harness.socket.receive(alert(6));
    harness.socket.receive(announcement(2));
    harness.client.subscribe('coin:bitcoin', () => undefined);
    await settle();
    expect(asked).toEqual([]);
    await harness.client.close();
  });

  it.each<[string, Server]>([
    ['acks it as new', acked(user(9))],
    ['acks it as too old', acked({ ...user(9), reason: 'too_old' })],
    [
      'refuses the channel',
      (socket, { id }) => {
        const rejected = [{ channel: 'user', code: 'UNKNOWN_CHANNEL', retryable: false }];
        socket.receive({ type: 'ack', id, op: 'subscribe', data: { subscribed: [], rejected } });
      },
    ],
    [
      'refuses the request',
      (socket, { id }) => {
        socket.receive({ type: 'error', id, op: 'subscribe', data: { code: 'BAD_MESSAGE', message: 'no' } });
      },
    ],
    ['does not answer', () => undefined],
  ])('on a server that resumes nothing and %s: one gap, no error, and what comes next comes', async (_case, answer) => {
    const { harness, heard, errors } = await comeBack(answer);
    await harness.clock.advance(5_000);
    harness.socket.receive(alert(10));
    harness.socket.receive(alert(11));
    await settle();
    expect(heard).toEqual([1, 2, 3, 'user 4-9', 10, 11]);
    expect(errors).toEqual([]);
    await harness.client.close();
    expect(harness.clock.pending).toBe(0);
  });

  it('that is refused for a while is asked for again after it', async () => {
    let times = 0;
    const { harness, heard } = await comeBack((socket, message) => {
      times += 1;
      if (times > 1) {
        acked(user(9, true))(socket, message);
        for (const seq of [4, 5, 6, 7, 8, 9]) socket.receive(alert(seq, { replay: true }));
        return;
      }
      const rejected = [{ channel: 'user', code: 'SERVER_BUSY', retryable: true, retryAfterMs: 700 }];
      socket.receive({ type: 'ack', id: message['id'], op: 'subscribe', data: { subscribed: [], rejected } });
    });
    await harness.clock.advance(700);
    expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await harness.client.close();
  });

  it('delivers once what comes live before the server has answered', async () => {
    const { harness, heard } = await comeBack((socket, message) => {
      socket.receive(alert(10));
      acked(user(10, true))(socket, message);
      for (const seq of [4, 5, 6, 7, 8, 9, 10]) socket.receive(alert(seq, { replay: true }));
      socket.receive(alert(11));
    });
    expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    await harness.client.close();
  });

  it('has begun anew: one gap of an unknown range, whichever word of it comes first', async () => {
    const { harness, heard } = await comeBack(
      (socket, message) => {
        socket.receive(alert(2, { epoch: 'u2' }));
        acked({ ...user(2, false, 'u2'), reason: 'epoch' })(socket, message);
        socket.receive({ type: 'gap', data: { channel: 'user', from: null, to: null, reason: 'epoch', epoch: 'u2' } });
        socket.receive(alert(3, { epoch: 'u2' }));
      },
      { subscribed: [user(1, false, 'u2')] },
    );
    expect(heard).toEqual([1, 2, 3, 'user null-null', 2, 3]);
    await harness.client.close();
  });

  it('is resumed without the server having told where it stands', async () => {
    const { harness, heard } = await comeBack(
      (socket, message) => {
        acked(user(4, true))(socket, message);
        socket.receive(alert(4, { replay: true }));
      },
      { subscribed: undefined },
    );
    expect(heard).toEqual([1, 2, 3, 4]);
    await harness.client.close();
  });

  it('survives its holder: the position stays when nobody holds it, and it is never let go on the wire', async () => {
    const harness = await new Harness({ dialect: 'tickwire', lingerMs: 0 }).connected();
    harness.client.on('announcement', () => undefined);
    const held = harness.client.subscribe('global', () => undefined);
    await settle();
    const [asked] = harness.socket.taken().filter(({ type }) => type === 'subscribe');
    const place = { channel: 'global', kind: 'event', epoch: 'g1', seq: 4, recovered: false, reason: 'new' };
    harness.socket.receive({ type: 'ack', id: asked?.['id'], op: 'subscribe', data: { subscribed: [place] } });
    harness.socket.receive(announcement(5));
    held.unsubscribe();
    await settle();
    expect(harness.socket.taken()).toEqual([]);
    harness.socket.drop(1006);
    await harness.clock.advance(1_000);
    harness.socket.open();
    harness.socket.receive(hello());
    await settle();
    expect(harness.socket.taken()).toMatchObject([
      { type: 'hello' },
      { type: 'subscribe', data: { channels: [{ channel: 'global', epoch: 'g1', seq: 5 }] } },
    ]);
    await harness.client.close();
  });

  it('is asked for in whole again when who held it wanted only a part', async () => {
    const harness = await new Harness({ dialect: 'tickwire', lingerMs: 0 }).connected();
    harness.client.on('announcement', () => undefined);
    const filter = [{ key: 'coinId', cmp: 'eq', val: 'bitcoin' }] as const;
    const held = harness.client.subscribe('global', () => undefined, { filter: [...filter] });
    await settle();
    held.unsubscribe();
    await settle();
    const asked = harness.socket.taken().filter(({ type }) => type === 'subscribe');
    expect(asked.slice(-2)).toMatchObject([
      { data: { channels: [{ channel: 'global', filter }] } },
      { data: { channels: [{ channel: 'global' }] } },
    ]);
    expect(JSON.stringify(asked.at(-1))).not.toContain('filter');
    await harness.client.close();
  });
});
