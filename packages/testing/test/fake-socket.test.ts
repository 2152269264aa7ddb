import { describe, expect, it } from 'vitest';
import { FakeSockets, settle } from '@tickwire/testing';

function opened(): { sockets: FakeSockets; events: string[] } {
  const sockets = new FakeSockets();
  const socket = new sockets.WebSocket('ws://a', 'p');
  const events: string[] = [];
  socket.onopen = () => events.push('open');
  socket.onmessage = (event: unknown) => events.push((event as { data: string }).data);
  socket.onerror = () => events.push('error');
  socket.onclose = (event: unknown) => events.push(`close ${(event as { code: number }).code}`);
  return { sockets, events };
}

describe('a fake socket', () => {
  it('behaves like one: opens, delivers, sends, closes', async () => {
    const { sockets, events } = opened();
    const socket = sockets.last;
    expect(() => socket.send('early')).toThrow('still connecting');
    socket.open();
    socket.receive({ type: 'pong' });
    socket.send('{"type":"ping"}');
    expect(socket.taken()).toEqual([{ type: 'ping' }]);
    expect(socket.taken()).toEqual([]);
    socket.close(1000, 'done');
    socket.send('lost');
    await settle();
    expect(events).toEqual(['open', '{"type":"pong"}', 'close 1000']);
    expect(socket.sent).toHaveLength(1);
    expect(socket.closedByClient).toEqual({ code: 1000, reason: 'done' });
  });

  it('raises an error and 1006 when it is closed while connecting, as ws does', async () => {
    const { sockets, events } = opened();
    sockets.last.close();
    await settle();
    expect(events).toEqual(['error', 'close 1006']);
    expect(sockets.alive).toBe(0);
  });

  it('may never answer a close', async () => {
    const { sockets, events } = opened();
    sockets.last.answersClose = false;
    sockets.last.open();
    sockets.last.close();
    await settle();
    expect(events).toEqual(['open']);
    sockets.last.drop(1006);
    expect(events).toEqual(['open', 'close 1006']);
  });
});
