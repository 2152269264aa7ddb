import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { afterEach, describe, expect, it } from 'vitest';
import { withLeakCheck } from '@tickwire/lab';
import { hello, until } from '@tickwire/testing';
import { PriceWebSocketClient, type ClientOptions, type Connection, type PriceStreamError } from '@tickwire/client';

/** A server that answers upgrades in HTTP, each with the next of `answers`, and takes them when none is left. */
class RefusingServer {
  readonly requests: { url: string | undefined; authorization: string | undefined }[] = [];
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });

  private constructor(http: Server, answers: string[]) {
    this.#http = http;
    http.on('upgrade', (request, stream, head) => {
      this.requests.push({ url: request.url, authorization: request.headers.authorization });
      stream.on('error', () => undefined);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === undefined || answer === '101') {
        this.#sockets.handleUpgrade(request, stream, head, (socket) => socket.send(JSON.stringify(hello())));
      } else stream.end(`HTTP/1.1 ${answer}\r\nContent-Length: 13\r\nConnection: close\r\n\r\nsecret-answer`);
    });
  }

  static async start(...answers: string[]): Promise<RefusingServer> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return new RefusingServer(http, answers);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}/ws?secret=address`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }
}

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

async function meet(answers: string[], options: ClientOptions = {}) {
  const server = await RefusingServer.start(...answers);
  undo.push(() => server.stop());
  const client = new PriceWebSocketClient(server.url, {
    headers: { Authorization: 'Bearer secret-header' },
    token: 'secret-token',
    reconnect: { minDelayMs: 5, baseDelayMs: 10, maxDelayMs: 20 },
    ...options,
  });
  undo.push(() => client.close());
  const seen: Connection[] = [];
  const errors: PriceStreamError[] = [];
  client.on('connection', (connection) => seen.push(connection));
  client.on('error', (error) => errors.push(error));
  return { server, client, seen, errors };
}

function causesOf(seen: readonly Connection[]): PriceStreamError[] {
  return seen.flatMap((each) => (each.status === 'reconnecting' && each.cause !== null ? [each.cause] : []));
}

describe('an upgrade that is refused in HTTP', () => {
  it.each([
    ['401 Unauthorized', 'TOKEN_REJECTED'],
    ['403 Forbidden', 'CONNECT_FAILED'],
  ])('with %s is tried three times and has failed then, with %s', async (answer, code) => {
    const { server, client, errors } = await meet([answer]);
    await expect(client.connect()).rejects.toMatchObject({ code, retryable: false });
    expect(client.connection.get()).toMatchObject({ status: 'failed', error: { code } });
    expect(errors).toHaveLength(1);
    expect(server.requests).toHaveLength(3);
    // Nothing is planned any more.
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(server.requests).toHaveLength(3);
  });

  it('starts over with connect() after it has failed', async () => {
    const { client } = await meet([...Array<string>(3).fill('403 Forbidden'), '101']);
    await expect(client.connect()).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    await client.connect();
    expect(client.connection.get()).toMatchObject({ status: 'connected' });
  });

  it.each(['500 Internal Server Error', '404 Not Found', '200 OK', '302 Found\r\nLocation: ws://127.0.0.1:1/'])(
    'with %j is retried until the server takes it',
    async (answer) => {
      const { server, client, seen } = await meet([...Array<string>(4).fill(answer), '101']);
      await client.connect();
      expect(server.requests).toHaveLength(5);
      expect(causesOf(seen).map((cause) => cause.message)).toContainEqual(
        expect.stringContaining(`(HTTP ${answer.slice(0, 3)})`),
      );
    },
  );

  it('is never followed to another address', async () => {
    const other = await RefusingServer.start('101');
    undo.push(() => other.stop());
    const { server, client } = await meet([`307 Temporary Redirect\r\nLocation: ${other.url}`]);
    void client.connect().catch(() => undefined);
    await until('the third attempt', () => server.requests.length >= 3);
    expect(other.requests).toEqual([]);
  });

  it.each([
    ['503 Service Unavailable\r\nRetry-After: 7', 7_000],
    ['429 Too Many Requests\r\nRetry-After: 7', 7_000],
    ['429 Too Many Requests', 30_000],
    ['503 Service Unavailable\r\nRetry-After: 100000', 300_000],
    [`503 Service Unavailable\r\nRetry-After: ${new Date(Date.now() + 3_600_000).toUTCString()}`, 300_000],
    ['503 Service Unavailable\r\nRetry-After: 0', 250],
  ])('with %j waits for that long', async (answer, leastMs) => {
    const { server, client, seen } = await meet([answer], { random: () => 0 });
    const before = Date.now();
    void client.connect().catch(() => undefined);
    await until('the plan', () => seen.some((each) => each.status === 'reconnecting'));
    const plan = seen.find((each) => each.status === 'reconnecting');
    const retryAt = plan?.status === 'reconnecting' ? plan.retryAt : NaN;
    expect(retryAt).toBeGreaterThanOrEqual(before + leastMs);
    expect(retryAt).toBeLessThan(Date.now() + leastMs + 5_000);
    expect(server.requests).toHaveLength(1);
  });

  it('says nothing of body, address or credentials', async () => {
    const { client, seen, errors } = await meet(['401 Unauthorized']);
    await client.connect().catch(() => undefined);
    const told = [...causesOf(seen), ...errors].flatMap((error) => [error.message, error.stack, String(error.cause)]);
    expect(told.length).toBeGreaterThan(3);
    expect(told.join('\n')).not.toContain('secret');
    expect(JSON.stringify(client.inspect())).not.toContain('secret');
  });

  it('leaves nothing open, and no error unhandled, when the client closes in the middle of it', async () => {
    await withLeakCheck(async () => {
      const { server, client } = await meet(['503 Service Unavailable']);
      for (let attempt = 1; attempt <= 10; attempt += 1) {
        void client.connect().catch(() => undefined);
        if (attempt % 2 === 0) await until('an attempt', () => server.requests.length >= attempt / 2);
        await client.close();
      }
      await server.stop();
    });
  });
});
