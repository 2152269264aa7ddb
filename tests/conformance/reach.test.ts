import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { reach, readAddress } from './reach.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}
const at = (port: number, scheme = 'ws') => new URL(`${scheme}://127.0.0.1:${port}/ws`);
const found = (url: URL, patienceMs = 5_000) => reach(url, patienceMs);

describe('an address', () => {
  it.each([
    ['localhost:3001', 'localhost:3001 does not begin with ws:// or wss://'],
    ['3001', '3001 is no address: expected one like ws://localhost:3001/ws'],
    ['https://a.example/ws', "A WebSocket's address begins with ws:// or wss://: try wss://a.example/ws"],
    ['ws://a.example/ws#top', 'The address of a WebSocket has no part after #'],
  ])('like %s is refused in words', (text, words) => {
    expect(readAddress(text)).toBe(words);
  });

  it('of a WebSocket is taken', () => {
    expect(readAddress('wss://a.example/ws')).toEqual(new URL('wss://a.example/ws'));
  });
});

describe('what is at an address', () => {
  it.each([
    ['403', {}, 'It wants an origin or a token'],
    ['404', {}, 'check port and path'],
    ['200', {}, 'check port and path'],
    ['307', { location: 'ws://b.example/' }, 'Name the address that it leads to: ws://b.example/'],
    ['503', { 'retry-after': '7' }, 'Wait 7 s, or raise its limits'],
    ['429', {}, 'Wait, or raise its limits'],
  ])('may be an HTTP server that answers %s', async (status, headers, words) => {
    const server = createHttpServer();
    server.on('upgrade', (_request, socket) => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 ${status} X\r\n${lines.join('')}content-length: 0\r\n\r\n`);
    });
    const port = await listening(server);
    expect(await found(at(port))).toEqual({
      ok: false,
      why: `127.0.0.1:${port} answers the upgrade of /ws with HTTP status ${status}`,
      next: expect.stringContaining(words) as string,
    });
  });

  it('may be nothing', async () => {
    const port = await listening(createServer());
    await closers.pop()?.();
    expect(await found(at(port))).toMatchObject({ ok: false, why: `Nothing listens at 127.0.0.1:${port}` });
  });

  it('may be a server that says nothing', async () => {
    const port = await listening(createServer());
    expect(await found(at(port), 200)).toMatchObject({
      ok: false,
      why: `127.0.0.1:${port} did not answer within 200 ms`,
    });
  });

  it('may have TLS, or not, against the address', async () => {
    const plain = await listening(createHttpServer());
    expect(await found(at(plain, 'wss'))).toMatchObject({
      why: `127.0.0.1:${plain} does not answer in TLS`,
      next: `If it has none, try ws://127.0.0.1:${plain}/ws`,
    });
    const secure = await listening(createTlsServer());
    expect(await found(at(secure))).toMatchObject({ next: `If it has TLS, try wss://127.0.0.1:${secure}/ws` });
  });

  it.each([
    ['a frame that names its type', (say: (text: string) => void) => say('{"type":"welcome","data":{}}'), 'welcome'],
    ['a frame that is none', (say: (text: string) => void) => say('hello there'), undefined],
    ['silence', () => undefined, undefined],
  ])('may be a WebSocket server that begins with %s', async (_case, begin, firstType) => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    server.on('connection', (socket) => begin((text) => socket.send(text)));
    await once(server, 'listening');
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    expect(await found(at(port), 300)).toEqual({ ok: true, ...(firstType === undefined ? {} : { firstType }) });
  });
});
