/** The facade: the tests of the metals seed document, word for word but for their ports, and what they leave open. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { PriceStreamServer } from '../src/index.js';
import { StreamClient } from './stream-client.js';

const fixture = readFileSync(path.join(import.meta.dirname, 'fixtures/seed-price-stream-tests.txt'), 'utf8');
const quiet = { environment: { LOG_LEVEL: 'silent', WS_LOOP_DELAY_MS: '60000' } };

describe('the tests of the seed document', () => {
  const servers: PriceStreamServer[] = [];
  const sockets: WebSocket[] = [];

  /** The document's servers and sockets, ended after its tests: it forgets to. Each takes a free port, where it is dialled. */
  class Server extends PriceStreamServer {
    constructor() {
      super(0, quiet);
      servers.push(this);
    }
  }
  class Socket extends WebSocket {
    constructor(url: string) {
      super(url.replace('3001', String(servers.at(-1)?.port)));
      this.on('error', () => undefined);
      sockets.push(this);
    }
  }

  /** The document's runner gives a test that takes a parameter the callback that ends it. */
  function itWithDone(title: string, body: (done?: () => void) => unknown): void {
    it(title, async () => {
      if (body.length === 0) await body();
      else await new Promise<void>((resolve) => void body(resolve));
    });
  }

  // The second block of the document dials a server that runs already.
  function describeSeed(title: string, body: () => void): void {
    describe(title, () => {
      beforeAll(async () => {
        if (!title.endsWith('Integration')) return;
        await new Server().start();
      });
      body();
    });
  }
  runInNewContext(fixture, {
    describe: describeSeed,
    it: itWithDone,
    beforeEach,
    afterEach,
    expect,
    PriceStreamServer: Server,
    WebSocket: Socket,
  });

  afterAll(async () => {
    for (const socket of sockets) socket.terminate();
    await Promise.all(servers.map((server) => server.stop()));
  });
});

describe('PriceStreamServer', () => {
  let server: PriceStreamServer;
  beforeEach(() => {
    server = new PriceStreamServer(0, quiet);
  });
  afterEach(() => server.stop());

  it.each(['', '/ws'])('takes clients that dial with the path "%s", and lets them go', async (suffix) => {
    await server.start();
    const client = new StreamClient(`ws://127.0.0.1:${server.port}${suffix}`);
    await client.next('hello');
    expect(server.clients.size).toBe(1);
    await client.close();
    await expect.poll(() => server.clients.size).toBe(0);
  });

  it('says good-bye when it is stopped, and starts again on the same port', async () => {
    await server.start();
    const { port } = server;
    const client = new StreamClient(`ws://127.0.0.1:${port}`);
    await client.next('hello');
    const stopping = server.stop();
    expect(server.isRunning).toBe(false);
    const next = new PriceStreamServer(port, quiet);
    await next.start();
    expect((await client.closed).code).toBe(1012);
    await stopping;
    await next.stop();
    expect(next.clients.size).toBe(0);
    await next.start();
    expect(next.isRunning).toBe(true);
    await next.stop();
    await next.stop();
  });

  it('starts once however often it is told to', async () => {
    const [first, second] = await Promise.all([server.start(), server.start()]);
    expect(first).toBe(second);
  });

  it('rejects when the port is taken, and can be tried again', async () => {
    await server.start();
    const other = new PriceStreamServer(server.port, quiet);
    await expect(other.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(other.isRunning).toBe(false);
    await server.stop();
    await other.start();
    expect(other.isRunning).toBe(true);
    await other.stop();
  });
});
