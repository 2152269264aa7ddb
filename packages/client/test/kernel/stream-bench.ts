/** A price stream with a dialect on a fake clock, fake sockets and fake surroundings. */
import { FakeClock, FakeEnvironment, FakeSockets, settle, type FakeSocket } from '@tickwire/testing';
import {
  PriceStream,
  type CommonOptions,
  type Dialect,
  type DialectSource,
  type PriceStreamError,
  type Tick,
} from '@tickwire/client/core';
import { expect } from 'vitest';
import { opened } from '../opened.js';

export class StreamBench {
  readonly clock = new FakeClock();
  readonly sockets = new FakeSockets();
  readonly environment = new FakeEnvironment();
  readonly client: PriceStream;
  readonly errors: PriceStreamError[] = [];
  readonly ticks: Tick[] = [];
  readonly invalid: unknown[] = [];

  constructor(dialect: DialectSource, options: Partial<CommonOptions> = {}) {
    this.client = new PriceStream('ws://prices.example/ws', {
      ...{ dialect, WebSocket: this.sockets.WebSocket, clock: this.clock, environment: this.environment },
      ...{ random: () => 0.5, lingerMs: 0 },
      ...options,
    });
    this.client.on('error', (error) => this.errors.push(error));
    this.client.on('price', (tick) => this.ticks.push(tick));
    this.client.on('invalid', (event) => this.invalid.push(event));
    opened.add(this);
  }

  get socket(): FakeSocket {
    return this.sockets.last;
  }

  get status(): string {
    return this.client.connection.get().status;
  }

  /** What has been sent on this socket, or the last, since this was asked last. */
  sent(socket = this.socket): unknown[] {
    return socket.taken();
  }

  /** Somebody holds these channels, and does not mind what comes. */
  subscribe(...channels: string[]): { unsubscribe(): void; ready(): Promise<{ confirmed: boolean }> } {
    return this.client.subscribe(channels, () => undefined);
  }

  /** Connected, with these channels held. */
  async connected(...channels: string[]): Promise<this> {
    if (channels.length > 0) this.subscribe(...channels);
    else void this.client.connect().catch(() => undefined);
    this.socket.open();
    await settle();
    return this;
  }

  /** The server sends something. */
  async receive(message: unknown): Promise<this> {
    this.socket.receive(message);
    await settle();
    return this;
  }

  /** The connection breaks, and the next one opens. */
  async reconnect(code = 1006, reason = ''): Promise<this> {
    this.socket.drop(code, reason);
    const dialled = this.sockets.all.length;
    await settle();
    for (let seconds = 0; this.sockets.all.length === dialled && seconds < 120; seconds += 1)
      await this.clock.advance(1_000);
    this.socket.open();
    await settle();
    return this;
  }
}

/** A dialect without a flaw: a key for each channel, acks, pings, a price in a message. */
export const flawless: Dialect = {
  name: 'mine',
  carry: (channel) => channel,
  ask({ gone, owed }) {
    for (const key of gone) return { frame: { leave: key }, gone: [key] };
    for (const key of owed) return { frame: { join: key }, asked: [key] };
    return undefined;
  },
  ping: () => ({ ping: 1 }),
  read(message, link) {
    const { of, price, joined } = message as { of?: string; price?: number; joined?: string };
    if (joined !== undefined) {
      for (const { id, keys } of link.unanswered) if (keys[0] === joined) link.answered(id);
      link.confirmed(joined);
    } else if (of !== undefined && price !== undefined)
      link.price({ channel: of, id: of, price, timestamp: undefined }, message);
    else link.pong();
  },
};

/** What TypeScript would not let through. */
export const wrong = (part: Readonly<Record<string, unknown>>): Partial<Dialect> => part;

export const slip = (): never => {
  throw new Error('a slip');
};

/** A dialect with one flaw. */
export const mine = (part: Partial<Dialect>): Dialect => ({ ...flawless, ...part });

/** What went wrong, as text. */
export const failures = ({ errors }: StreamBench): string[] => errors.map(({ code, message }) => `${code}: ${message}`);

/** The text of an error that names the dialect and one of its hooks. */
export const failedIn = (hook: string): unknown =>
  expect.stringMatching(`^DIALECT_FAILED: The dialect mine failed in ${hook}\\(\\): `);
