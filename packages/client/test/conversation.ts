/** Plays a conversation of the vectors: the script is the server, a fake clock is the time. */
import { expect } from 'vitest';
import { FakeClock, FakeEnvironment, FakeSockets, settle, type FakeSocket } from '@tickwire/testing';
import { PriceWebSocketClient, type ClientEventName, type ClientOptions, type Subscription } from '@tickwire/client';
import type { Channel } from '@tickwire/protocol';

type Json = Record<string, unknown>;

interface Step {
  socket?: number;
  open?: true;
  from?: 'server' | 'client' | 'network';
  frame?: string;
  close?: { code: number; reason: string };
  waitMs?: number;
  app?: { unsubscribe: Channel };
  expect?: Json[];
  check?: { prices?: Record<string, number>; freshness?: Record<string, string>; connection?: Json };
  notBeforeMs?: number;
  withinMs?: number;
  optional?: boolean;
}

export interface Script {
  name: string;
  title: string;
  dialect: string;
  client: {
    dialect: NonNullable<ClientOptions['dialect']>;
    channels: Channel[];
    options?: ClientOptions;
    tokens?: { reason: string; token: string }[];
  };
  pings?: { answer?: string; atLeastEveryMs?: number; atMost?: { count: number; windowMs: number } };
  steps: Step[];
  finally?: {
    never?: string[];
    neverSent?: string[];
    exactly?: { event: string; times: number }[];
    reconnects?: number;
    tokenCalls?: number;
    stats?: Json;
  };
}

const followed: readonly ClientEventName[] = [
  'price',
  'gap',
  'error',
  'invalid',
  'whale_movement',
  'social_spike',
  'alert_triggered',
  'portfolio_update',
  'announcement',
];

/** How long a message of the client is waited for, and in which steps. */
const patienceMs = 10_000;
const tickMs = 10;

export class Conversation {
  readonly #script: Script;
  readonly #clock = new FakeClock();
  readonly #sockets = new FakeSockets();
  readonly #client: PriceWebSocketClient;
  readonly #subscriptions = new Map<Channel, Subscription<unknown>>();
  readonly #events: Json[] = [];
  readonly #outbox = new Map<number, Json[]>();
  readonly #ids = new Map<unknown, unknown>();
  readonly #sentAt: number[] = [];
  readonly #sentTypes: unknown[] = [];
  readonly #pingAt: number[] = [];
  #status = 'idle';
  #tokenCalls = 0;
  #stepAt = 0;

  constructor(script: Script) {
    this.#script = script;
    const { dialect, options = {}, tokens } = script.client;
    this.#client = new PriceWebSocketClient('ws://prices.example/ws', {
      ...options,
      dialect,
      ...(tokens === undefined ? {} : { token: ({ reason }) => this.#token(tokens, reason) }),
      WebSocket: this.#sockets.WebSocket,
      clock: this.#clock,
      environment: new FakeEnvironment(),
      random: () => 0.25,
    });
  }

  async run(): Promise<void> {
    for (const event of followed) {
      this.#client.on(event, (payload) => this.#events.push({ event, ...(payload as object) }));
    }
    this.#client.on('connection', (connection) => {
      if (connection.status !== this.#status) this.#events.push({ event: 'connection', ...connection });
      this.#status = connection.status;
    });
    for (const channel of this.#script.client.channels) {
      const subscription = this.#client.subscribe(channel, () => undefined);
      this.#subscriptions.set(channel, subscription);
      subscription.ready().then(
        ({ confirmed }) => this.#events.push({ event: 'ready', channel, confirmed }),
        () => undefined,
      );
    }
    const all: Json[] = [];
    for (const [index, step] of this.#script.steps.entries()) {
      const where = `${this.#script.name}, step ${index}: ${JSON.stringify(step).slice(0, 160)}`;
      await this.#take(step, where);
      await settle();
      const happened = this.#events.splice(0);
      all.push(...happened);
      if (step.expect !== undefined) expect(happened, where).toMatchObject(step.expect);
      if (step.expect !== undefined) expect(happened, where).toHaveLength(step.expect.length);
      this.#check(step, where);
      this.#stepAt = this.#clock.monotonic();
    }
    this.#finish(all);
    await this.#client.close();
    expect(this.#clock.pending, 'timers after close').toBe(0);
  }

  async #take(step: Step, where: string): Promise<void> {
    if (step.waitMs !== undefined) await this.#clock.advance(step.waitMs);
    else if (step.app !== undefined) this.#subscriptions.get(step.app.unsubscribe)?.unsubscribe();
    else if (step.open === true) await this.#open(step, where);
    else if (step.close !== undefined) this.#socket(step).drop(step.close.code, step.close.reason);
    else if (step.from === 'server') this.#socket(step).receive(this.#bound(step.frame ?? ''));
    else await this.#awaitFrame(step, where);
  }

  #socket(step: Step): FakeSocket {
    const socket = this.#sockets.all[(step.socket ?? 1) - 1];
    if (socket === undefined) throw new Error(`Socket ${step.socket ?? 1} has not been opened.`);
    return socket;
  }

  /** Moves the clock until something holds, within the step's time; says whether it does. */
  async #within(step: Step, holds: () => boolean): Promise<boolean> {
    await settle();
    const patience = Math.max(step.withinMs ?? patienceMs, (step.notBeforeMs ?? 0) * 2);
    for (let waited = 0; !holds() && waited < patience; waited += tickMs) await this.#clock.advance(tickMs);
    return holds();
  }

  async #open(step: Step, where: string): Promise<void> {
    const wanted = step.socket ?? 1;
    expect(await this.#within(step, () => this.#sockets.all.length >= wanted), where).toBe(true);
    expect(this.#clock.monotonic() - this.#stepAt, where).toBeGreaterThanOrEqual(step.notBeforeMs ?? 0);
    const socket = this.#socket(step);
    const outbox: Json[] = [];
    this.#outbox.set(wanted, outbox);
    socket.onSent = (message) => this.#sent(socket, outbox, message);
    socket.open();
  }

  #sent(socket: FakeSocket, outbox: Json[], message: Json): void {
    this.#sentAt.push(this.#clock.monotonic());
    this.#sentTypes.push(message['type']);
    if (message['type'] !== 'ping') {
      outbox.push(message);
      return;
    }
    this.#pingAt.push(this.#clock.monotonic());
    const pong = { type: 'pong', id: message['id'], ts: this.#clock.now(), echo: message['ts'] };
    queueMicrotask(() => socket.receive(this.#script.pings?.answer ?? pong));
  }

  async #awaitFrame(step: Step, where: string): Promise<void> {
    const script = JSON.parse(step.frame ?? '') as Json;
    const wanted = comparable(script);
    const outbox = this.#outbox.get(step.socket ?? 1) ?? [];
    const find = (): Json | undefined => outbox.find((sent) => comparable(sent) === wanted);
    const found = step.optional === true ? find() !== undefined : await this.#within(step, () => find() !== undefined);
    if (!found && step.optional === true) return;
    expect(outbox.map(comparable), where).toContain(wanted);
    expect(this.#clock.monotonic() - this.#stepAt, where).toBeGreaterThanOrEqual(step.notBeforeMs ?? 0);
    const sent = find();
    if (sent === undefined) return;
    outbox.splice(outbox.indexOf(sent), 1);
    if (script['id'] !== undefined) this.#ids.set(script['id'], sent['id']);
  }

  /** An id of the script stands for the one that the client used. */
  #bound(frame: string): string {
    let message: unknown;
    try {
      message = JSON.parse(frame);
    } catch {
      return frame;
    }
    const { id } = message as Json;
    return this.#ids.has(id) ? JSON.stringify({ ...(message as Json), id: this.#ids.get(id) }) : frame;
  }

  #token(tokens: readonly { reason: string; token: string }[], reason: string): string {
    const next = tokens[this.#tokenCalls];
    this.#tokenCalls += 1;
    expect(next?.reason, 'why a token is asked for').toBe(reason);
    return next?.token ?? '';
  }

  #check(step: Step, where: string): void {
    for (const [channel, price] of Object.entries(step.check?.prices ?? {})) {
      expect(this.#client.prices.get(channel as Channel)?.price, where).toBe(price);
    }
    for (const [channel, freshness] of Object.entries(step.check?.freshness ?? {})) {
      expect(this.#client.prices.get(channel as Channel)?.freshness, `${where} ${channel}`).toBe(freshness);
    }
    if (step.check?.connection !== undefined) {
      expect(this.#client.connection.get(), where).toMatchObject(step.check.connection);
    }
  }

  #finish(all: readonly Json[]): void {
    const { never = [], neverSent = [], exactly = [], reconnects, tokenCalls, stats } = this.#script.finally ?? {};
    for (const event of never) expect(all.filter((each) => each['event'] === event)).toEqual([]);
    for (const { event, times } of exactly) {
      expect(all.filter((each) => each['event'] === event)).toHaveLength(times);
    }
    for (const type of neverSent) expect(this.#sentTypes).not.toContain(type);
    if (reconnects !== undefined) expect(this.#sockets.all).toHaveLength(reconnects + 1);
    if (tokenCalls !== undefined) expect(this.#tokenCalls).toBe(tokenCalls);
    if (stats !== undefined) expect(this.#client.stats()).toMatchObject(stats);
    const { atLeastEveryMs, atMost } = this.#script.pings ?? {};
    if (atLeastEveryMs !== undefined) {
      const pauses = this.#pingAt.map((at, index) => at - (this.#pingAt[index - 1] ?? 0));
      expect(Math.max(...pauses), 'the longest pause between pings').toBeLessThanOrEqual(atLeastEveryMs);
    }
    if (atMost !== undefined) {
      for (const [index, at] of this.#sentAt.entries()) {
        const window = this.#sentAt.slice(index).filter((other) => other < at + atMost.windowMs);
        expect(window.length, `messages in the window from ${at} ms`).toBeLessThanOrEqual(atMost.count);
      }
    }
  }
}

/** A message as text without what is free: ids, times, names, the order of channels. */
function comparable(message: Json): string {
  const { id: _id, ts: _ts, data, ...rest } = message;
  if (typeof data !== 'object' || data === null) return canonical(rest);
  const { client: _client, limits: _limits, limit: _limit, ...kept } = data as Json;
  const { channels } = kept;
  const sorted = Array.isArray(channels) ? { channels: channels.map(canonical).sort() } : {};
  return canonical({ ...rest, data: { ...kept, ...sorted } });
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([left], [right]) => (left < right ? -1 : 1)))
      : each,
  );
}
