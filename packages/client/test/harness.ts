/** A client with a fake clock, fake sockets and fake surroundings. */
import { FakeClock, FakeEnvironment, FakeSockets, hello, settle, type FakeSocket } from '@tickwire/testing';
import { PriceWebSocketClient, type ClientEventName, type ClientOptions, type UrlSource } from '@tickwire/client';
import { opened } from './opened.js';

export class Harness {
  readonly clock = new FakeClock();
  readonly sockets = new FakeSockets();
  readonly environment = new FakeEnvironment();
  readonly lines: string[] = [];
  /** Errors that nobody listened for. */
  readonly told: string[] = [];
  readonly client: PriceWebSocketClient;

  constructor(options: ClientOptions = {}, url: UrlSource = 'ws://prices.example/ws') {
    this.client = new PriceWebSocketClient(url, {
      WebSocket: this.sockets.WebSocket,
      clock: this.clock,
      environment: this.environment,
      random: () => 0.5,
      logger: { debug: (line) => this.lines.push(line), error: (text) => this.told.push(text) },
      ...options,
    });
    opened.add(this);
  }

  get socket(): FakeSocket {
    return this.sockets.last;
  }

  /** Connected to a server that sends this first. */
  async connected(first: unknown = hello()): Promise<this> {
    void this.client.connect().catch(() => undefined);
    this.socket.open();
    this.socket.receive(first);
    await settle();
    this.socket.taken();
    return this;
  }

  /** From now on the current socket answers pings, as a living server does. */
  answerPings(): this {
    const { socket } = this;
    socket.onSent = ({ type, id }) => {
      if (type === 'ping') queueMicrotask(() => socket.receive({ type: 'pong', id, ts: this.clock.now() }));
    };
    return this;
  }

  /** Everything that an event brings from now on. */
  record(event: ClientEventName): unknown[] {
    const payloads: unknown[] = [];
    this.client.on(event, (payload) => payloads.push(payload));
    return payloads;
  }

  /** The statuses that the connection goes through from now on. */
  statuses(): string[] {
    const statuses: string[] = [];
    this.client.on('connection', ({ status }) => statuses.push(status));
    return statuses;
  }
}
