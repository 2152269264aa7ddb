/** The servers that the checks themselves are tried on; each ends after its test. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buildServer, loadConfig, PriceStreamServer } from '@tickwire/example-server';
import { afterEach } from 'vitest';
import { WebSocketServer } from 'ws';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

const quick = {
  PRICE_UPDATE_INTERVAL: '50',
  LOG_LEVEL: 'silent',
  WS_MAX_CONNECTIONS: '1000',
  WS_LOOP_DELAY_MS: '60000',
};

export async function ourServer(): Promise<string> {
  const config = loadConfig(quick);
  const app = buildServer({ ...config, limits: { ...config.limits, heartbeatMs: 200, sweepMs: 20 } });
  await app.listen({ host: '127.0.0.1', port: 0 });
  closers.push(() => app.close());
  return `ws://127.0.0.1:${(app.server.address() as AddressInfo).port}/ws`;
}

export async function facade(): Promise<string> {
  const server = new PriceStreamServer(0, { environment: quick });
  await server.start();
  closers.push(() => server.stop());
  return `ws://127.0.0.1:${server.port}`;
}

/** A server that greets and then answers as it is told. */
export async function brokenServer(hello: object, answer: (text: string) => readonly string[]): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => {
    socket.send(JSON.stringify(hello));
    socket.on('message', (data: Buffer) => {
      for (const text of answer(data.toString())) socket.send(text);
    });
  });
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of server.clients) socket.terminate();
    return new Promise((resolve) => server.close(resolve));
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
