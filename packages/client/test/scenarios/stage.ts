/** What the scenarios play on: real servers, fault proxies and real clients; at the end nothing may be left of them. */
import { afterEach, beforeEach } from 'vitest';
import { WebSocket as WsWebSocket } from 'ws';
import { LeakCheck } from '@tickwire/lab';
import { FakeClock, FaultProxy, ScriptedServer, type FaultProxyOptions, type Script } from '@tickwire/testing';
import { PriceWebSocketClient, type ClientOptions, type Connection } from '@tickwire/client';
import { NumberedServer } from './numbered-server.js';

/** A back-off for tests that wait for it: the default one, 25 times as fast. */
export const quickly = { minDelayMs: 10, baseDelayMs: 40, maxDelayMs: 200, stableAfterMs: 400 };

/** Everything that one test opens; `end` closes it all and fails when something is left. */
export class Stage {
  readonly leaks = LeakCheck.start();
  readonly #undo: (() => Promise<unknown> | undefined)[] = [];

  /** Something to be undone at the end, the latest first. */
  later(undo: () => Promise<unknown> | undefined): void {
    this.#undo.push(undo);
  }

  async server(script: Script = {}, port = 0): Promise<ScriptedServer> {
    const server = await ScriptedServer.start(script, port);
    this.later(() => server.stop());
    return server;
  }

  async numbered(): Promise<NumberedServer> {
    const server = await NumberedServer.start();
    this.later(() => server.stop());
    return server;
  }

  async proxy(port: number, options: FaultProxyOptions = {}): Promise<FaultProxy> {
    const proxy = await FaultProxy.start(port, options);
    this.later(() => proxy.close());
    return proxy;
  }

  /** A client that is closed at the end; on a fake clock, the time that its sockets have to close passes then. */
  client(url: string | (() => string), options: ClientOptions = {}): PriceWebSocketClient {
    const client = new PriceWebSocketClient(url, { reconnect: quickly, ...options });
    const { clock } = options;
    if (clock instanceof FakeClock) this.leaks.count('timers of the client', () => clock.pending);
    this.later(async () => {
      const closed = client.close();
      if (clock instanceof FakeClock) await clock.advance(3_000);
      await closed;
    });
    return client;
  }

  async end(): Promise<void> {
    for (const undo of this.#undo.splice(0).reverse()) await undo();
    await this.leaks.end(30_000);
  }
}

/** Opens a stage for each test of a file and ends it after the test. */
export function staged(): () => Stage {
  let stage: Stage | undefined;
  beforeEach(() => {
    stage = new Stage();
  });
  afterEach(() => stage?.end());
  return () => {
    if (stage === undefined) throw new Error('There is a stage within tests only.');
    return stage;
  };
}

/** Starts connecting; nobody waits for it. */
export function begin(client: PriceWebSocketClient): void {
  void client.connect().catch(() => undefined);
}

/** Every state that the connection takes from now on. */
export function statesOf(client: PriceWebSocketClient): Connection[] {
  const states: Connection[] = [];
  client.on('connection', (connection) => states.push(connection));
  return states;
}

/** Why it was reconnected, from now on. */
export function causesOf(client: PriceWebSocketClient): string[] {
  const causes: string[] = [];
  client.on('connection', (connection) => {
    if (connection.status === 'reconnecting') causes.push(connection.cause?.code ?? 'none');
  });
  return causes;
}

/** The `ws` package's WebSocket, counting those that live: neither closing nor closed. */
export function countedWebSocket(): { WebSocket: typeof WsWebSocket; made: WsWebSocket[]; mostAlive: () => number } {
  const made: WsWebSocket[] = [];
  let most = 0;
  const WebSocket = class extends WsWebSocket {
    constructor(...given: ConstructorParameters<typeof WsWebSocket>) {
      super(...given);
      made.push(this);
      most = Math.max(most, made.filter(({ readyState }) => readyState <= WsWebSocket.OPEN).length);
    }
  };
  return { WebSocket: WebSocket as typeof WsWebSocket, made, mostAlive: () => most };
}

/** Lets real time pass where the absence of something is looked for. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Subscribes to the events of a `NumberedServer`; gives the numbers as they come, once the server has acked. */
export async function numbersOf(
  client: PriceWebSocketClient,
  channel: 'whales' | `whales:${string}` = 'whales',
): Promise<number[]> {
  const numbers: number[] = [];
  await client.subscribe(channel, ({ data }) => numbers.push(Number(data.usdValue))).ready();
  return numbers;
}

/** The numbers 1 to n: everything, once and in order. */
export function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index + 1);
}
