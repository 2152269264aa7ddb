import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { LeakCheck } from '@tickwire/lab';
import { FakeClock, FaultProxy, ScriptedServer, until, type FaultProxyOptions } from '@tickwire/testing';

let check: LeakCheck;
let server: ScriptedServer;
let proxies: FaultProxy[] = [];
let dialled: WebSocket[] = [];

beforeEach(async () => {
  check = LeakCheck.start();
  server = await ScriptedServer.start();
});

afterEach(async () => {
  for (const socket of dialled) socket.terminate();
  for (const proxy of proxies) await proxy.close();
  await server.stop();
  dialled = [];
  proxies = [];
  await check.end();
});

async function start(options: FaultProxyOptions = {}): Promise<FaultProxy> {
  const proxy = await FaultProxy.start(server.port, options);
  proxies.push(proxy);
  return proxy;
}

/** A client behind the proxy, with what it is told. */
function dial(proxy: FaultProxy): { socket: WebSocket; told: string[] } {
  const socket = new WebSocket(proxy.url);
  const told: string[] = [];
  socket.on('open', () => told.push('open'));
  socket.on('message', (data: Buffer) => told.push(data.toString()));
  socket.on('error', () => told.push('error'));
  socket.on('close', (code) => told.push(`close ${code}`));
  dialled.push(socket);
  return { socket, told };
}

async function open(proxy: FaultProxy): Promise<ReturnType<typeof dial>> {
  const client = dial(proxy);
  await until('an open socket', () => client.told.includes('open') && server.open > 0);
  return client;
}

describe('a WebSocket behind a fault proxy', () => {
  it('works as without it', async () => {
    const client = await open(await start());
    client.socket.send('{"type":"ping"}');
    await until('the ping', () => server.last.types.length === 1);
    server.last.send({ type: 'pong' });
    await until('the pong', () => client.told.length === 2);
    client.socket.close(1000);
    await until('the close', () => client.told.length === 3);
    expect(client.told).toEqual(['open', '{"type":"pong"}', 'close 1000']);
  });

  it('opens only after the delay of the upgrade; later frames are not held', async () => {
    const clock = new FakeClock();
    const proxy = await start({ clock });
    proxy.delayUpgrade(9_000);
    const client = dial(proxy);
    await until('the answer to be held', () => proxy.heldBytes > 0);
    await clock.advance(8_999);
    expect(client.told).toEqual([]);
    await clock.advance(1);
    await until('it to open', () => client.told.includes('open'));
    server.last.send({ type: 'pong' });
    await until('the frame', () => client.told.length === 2);
    expect(clock.pending).toBe(0);
  });

  it('closes with 1006 on a FIN without a close frame', async () => {
    const proxy = await start();
    const client = await open(proxy);
    proxy.halfClose();
    await until('the close', () => client.told.length === 2);
    expect(client.told).toEqual(['open', 'close 1006']);
    await until('the server to learn of it', () => server.open === 0);
  });

  it('gets no part of a message that is cut in its middle', async () => {
    const proxy = await start();
    const client = await open(proxy);
    proxy.cutAfter(10, 'down', 'reset');
    server.last.send({ type: 'announcement', data: { message: 'cut in its middle' } });
    await until('the close', () => client.told.includes('close 1006'));
    expect(client.told.filter((event) => event !== 'error')).toEqual(['open', 'close 1006']);
  });

  it('gets a corrupted message as it is, and the next one whole', async () => {
    const proxy = await start();
    const client = await open(proxy);
    // Two bytes of header stand before the text.
    proxy.corrupt(2, 'down');
    server.last.send({ type: 'pong' });
    server.last.send({ type: 'pong' });
    await until('both', () => client.told.length === 3);
    expect(client.told).toEqual(['open', 'z"type":"pong"}', '{"type":"pong"}']);
  });

  it('works through slices of one byte', async () => {
    const proxy = await start();
    proxy.slice(1);
    const client = await open(proxy);
    client.socket.send('{"type":"ping"}');
    await until('the ping', () => server.last.types.length === 1);
    expect(server.last.types).toEqual(['ping']);
  });

  it('never opens when the connection is taken and not answered', async () => {
    const proxy = await start();
    proxy.acceptSilent();
    const client = dial(proxy);
    await until('its request', () => proxy.log.some((entry) => entry.event === 'up'));
    expect([client.told, proxy.counters.open]).toEqual([[], 1]);
    client.socket.terminate();
    await until('it to leave', () => proxy.counters.open === 0);
  });

  it('knows nothing of a blackhole: both ends stay open', async () => {
    const proxy = await start();
    const client = await open(proxy);
    proxy.stall();
    client.socket.send('{"type":"ping"}');
    server.last.send({ type: 'pong' });
    await until('both to be held', () => proxy.heldBytes > 30);
    expect([client.told, server.last.types, server.open]).toEqual([['open'], [], 1]);
    const again = await open(proxy);
    expect([again.told, proxy.counters.mostOpen]).toEqual([['open'], 2]);
  });
});
