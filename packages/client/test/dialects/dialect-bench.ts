/**
 * A dialect in conversation, without a stream: what is wanted, asked for and stands is the kernel's own book-keeping; sockets,
 * timers and the wire are the test's, and what the dialect makes of a frame is written down.
 */
import { FakeClock, settle } from '@tickwire/testing';
import { Asks } from '../../src/kernel/asks.js';
import { Channels, type Holder, type HolderOptions } from '../../src/kernel/channels.js';
import type { Dialect, DialectHost, DialectLink, DialectSource, Facts, Fault, Pace } from '../../src/kernel/dialect.js';
import type { PriceStreamError } from '../../src/kernel/errors.js';
import { zeroCounters } from '../../src/kernel/statistics.js';
import { Timers } from '../../src/kernel/timers.js';
import { Turn } from '../../src/kernel/turn.js';
import type { Verdict } from '../../src/kernel/verdicts.js';

const nothing = (): void => undefined;
const tooMany = 1_000;

/** One socket, written down. */
export class BenchLink implements DialectLink {
  readonly id: number;
  up = false;
  current = true;
  live = true;
  own: unknown;
  pace: Pace | undefined;
  clockOffsetMs: number | null = null;
  dialect: Dialect;
  asks: Asks;
  readonly #bench: DialectBench;

  constructor(bench: DialectBench, id: number) {
    this.#bench = bench;
    this.id = id;
    this.dialect = bench.dialect;
    this.asks = this.#begin();
  }

  get unanswered() {
    return this.asks.unanswered.values();
  }

  readonly asked: DialectLink['asked'] = (key) => this.asks.get(key);
  readonly channels: DialectLink['channels'] = (key) => this.asks.channels(key);
  readonly request = (): string => this.#bench.host.request();
  readonly answered: DialectLink['answered'] = (id) => this.asks.answered(id);
  readonly confirmed: DialectLink['confirmed'] = (key, id) => this.asks.confirmed(key, id);
  readonly forgive: DialectLink['forgive'] = (key) => this.asks.forgive(key);
  readonly report = (error: PriceStreamError): void => this.#bench.host.report(error);
  readonly signature = (key: string): string => this.dialect.signature?.(key, this) ?? '';

  readonly refused: DialectLink['refused'] = (keys, id, error, retryAfterMs) => {
    const waitMs = (retryAfterMs as number | undefined) ?? 5_000;
    this.asks.refused(keys, id, error, error.retryable ? this.#bench.clock.monotonic() + waitMs : undefined);
  };

  readonly price: DialectLink['price'] = ({ channel, price }, _source, seq) =>
    this.#told(`price ${channel} ${price}${seq === undefined ? '' : ` at ${seq}`}`);
  readonly event: DialectLink['event'] = (channel) => this.#told(`event ${channel}`);
  readonly emit: DialectLink['emit'] = (event) => this.#told(`emit ${event}`);
  readonly unknown: DialectLink['unknown'] = (message) => this.#told(`unknown ${JSON.stringify(message)}`);
  readonly unwanted: DialectLink['unwanted'] = (channel) => this.#told(`unwanted ${channel ?? ''}`);
  readonly leftOut: DialectLink['leftOut'] = ({ path }) => this.#told(`left out ${path}`);
  readonly head: DialectLink['head'] = (channel, seq) => this.#told(`head ${channel} ${seq}`);
  readonly pong: DialectLink['pong'] = (id) => this.#told(`pong ${id ?? ''}`);
  readonly silent = (): void => this.#told('silent');
  readonly drop = (): void => this.#told('drop');
  readonly moving: DialectLink['moving'] = (inMs, byMs) => this.#told(`moving in ${inMs} by ${byMs}`);
  readonly show = (facts: Facts): void => {
    Object.assign(this.#bench.facts, facts);
  };
  readonly pump = (): void => this.#bench.host.inTurn(() => this.#bench.pump());

  readonly greeted = (): void => {
    this.up = true;
    this.dialect.opened?.(this);
    this.#bench.pump();
  };

  readonly speak = (dialect: Dialect): void => {
    const isOther = dialect.name !== this.dialect.name;
    this.dialect = dialect;
    if (!isOther) return;
    this.#told(`speak ${dialect.name}`);
    this.up = false;
    this.asks = this.#begin();
  };

  #begin(): Asks {
    const { channels } = this.#bench;
    const asks = new Asks(channels, (channel) => this.dialect.carry(channel));
    asks.want([...channels]);
    this.pace = this.dialect.pace;
    return asks;
  }

  #told(what: string): void {
    this.#bench.told.push(what);
  }
}

/** What outlives the sockets. */
class BenchHost implements DialectHost {
  readonly clock: FakeClock;
  readonly timers: Timers<string>;
  readonly counters = zeroCounters();
  readonly #bench: DialectBench;
  readonly #turn = new Turn(nothing);
  #requests = 0;

  constructor(bench: DialectBench) {
    this.#bench = bench;
    this.clock = bench.clock;
    this.timers = new Timers(bench.clock);
  }

  get link(): DialectLink | undefined {
    return this.#bench.link;
  }

  get channels(): Iterable<string> {
    return this.#bench.channels;
  }

  get ending(): PriceStreamError | undefined {
    return this.#bench.ending;
  }

  get state(): DialectHost['state'] {
    const { link, facts, ending } = this.#bench;
    if (ending !== undefined) return { status: 'failed', error: ending };
    if (link?.up !== true) return { status: 'idle' };
    const shown = { since: 0, transport: 'websocket', dialect: link.dialect.name, rttMs: null, mute: false } as const;
    return { status: 'connected', ...shown, authenticated: facts.authenticated === true };
  }

  /** The number that the next request will have. */
  get next(): string {
    return `r${this.#requests + 1}`;
  }

  readonly random = (): number => 0.5;
  readonly backoffMs = (n: number): number => 1_000 * 2 ** n;
  readonly wanted: DialectHost['wanted'] = (channel) => this.#bench.channels.desired(channel);
  readonly isWanted = (channel: string): boolean => this.#bench.channels.isWanted(channel);
  readonly listens = (event: string): boolean => this.#bench.heard.has(event);
  readonly report = (error: PriceStreamError): void => void this.#bench.errors.push(error);
  readonly fail = (error: PriceStreamError): void => this.#bench.end(error);
  readonly emit = (event: string): void => void this.#bench.told.push(`emit ${event}`);
  readonly request = (): string => `r${(this.#requests += 1)}`;
  readonly inTurn = (task: () => void): void => this.#turn.run(task);
  readonly need = (): void => {
    this.#bench.needed = true;
    this.#bench.pump();
  };
  readonly resubscribe = (channel: string): void => {
    if (this.#bench.link?.asks.renew(channel) === true) this.#bench.pump();
  };
}

export class DialectBench {
  readonly clock = new FakeClock();
  readonly channels: Channels;
  readonly dialect: Dialect;
  readonly host: BenchHost;
  /** What frames have meant since this was emptied last. */
  readonly told: string[] = [];
  readonly errors: PriceStreamError[] = [];
  readonly facts: { authenticated?: boolean } = {};
  /** Events that somebody listens to. */
  readonly heard = new Set<string>();
  link: BenchLink | undefined;
  ending: PriceStreamError | undefined;
  /** Whether somebody has wanted a connection. */
  needed = false;
  #sent: unknown[] = [];
  #links = 0;
  readonly #holders = new Map<number, Holder>();

  constructor(source: DialectSource) {
    this.channels = new Channels(this.clock, 0, (released) => {
      this.link?.asks.release(released);
      for (const channel of released) this.dialect.released?.(channel);
    });
    this.host = new BenchHost(this);
    this.dialect = typeof source === 'function' ? source(this.host) : source;
  }

  /** Somebody wants channels. */
  subscribe(holder: number, channels: readonly string[], options: HolderOptions = {}): this {
    const held = { channels, options, accept: nothing, drop: nothing, over: nothing };
    this.#holders.set(holder, held);
    this.channels.hold(held);
    this.link?.asks.want(channels);
    return this.pump();
  }

  unsubscribe(holder: number): this {
    const held = this.#holders.get(holder);
    if (held !== undefined) this.channels.letGo(held, true);
    this.link?.asks.look(held?.channels ?? []);
    return this.pump();
  }

  /** The next socket opens. */
  open(): this {
    this.#links += 1;
    const link = new BenchLink(this, this.#links);
    this.link = link;
    if (link.dialect.greets === undefined) link.greeted();
    else link.dialect.waiting?.(link);
    return this;
  }

  /** A frame comes. @returns what is wrong with it */
  receive(message: unknown): Fault | undefined {
    return this.#socket.dialect.read(message, this.#socket) ?? undefined;
  }

  /** The socket closes. @returns what that means to the dialect */
  close(code = 1006, reason = ''): Verdict | undefined {
    const link = this.#socket;
    const verdict = link.dialect.closed?.(code, reason, link);
    this.#lose();
    return verdict;
  }

  /** The stream is closed, or has failed. */
  end(error: PriceStreamError): void {
    this.ending = error;
    this.#lose();
    this.dialect.ended?.(error);
  }

  /** Time passes, and the deadlines of answers with it. */
  async pass(ms: number): Promise<this> {
    await this.clock.advance(ms);
    const { link } = this;
    const late = link?.asks.expire(this.clock.monotonic()) ?? [];
    if (link !== undefined && late.length > 0) link.dialect.unconfirmed?.(late, link);
    await settle();
    return this.pump();
  }

  /** Everything that is owed goes out, the most urgent first. */
  pump(): this {
    const { link } = this;
    for (let left = tooMany; link?.up === true && link === this.link; left -= 1) {
      if (left === 0) throw new Error('It sends for ever.');
      const frame = link.dialect.urgent?.(link) ?? this.#ask(link) ?? link.dialect.owed?.(link);
      if (frame === undefined) break;
      this.#sent.push(frame);
    }
    return this;
  }

  /** The frames that went out since this was asked last. */
  get sent(): unknown[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }

  get kinds(): unknown[] {
    return this.sent.map((frame) => (frame as { type?: unknown }).type);
  }

  get codes(): string[] {
    return this.errors.map(({ code }) => code);
  }

  stands(...keys: string[]): (string | undefined)[] {
    return keys.map((key) => this.link?.asked(key)?.status);
  }

  get #socket(): BenchLink {
    if (this.link === undefined) throw new Error('There is no socket.');
    return this.link;
  }

  #ask(link: BenchLink): unknown {
    const id = this.host.next;
    const { ackMs = 5_000 } = link.dialect;
    const ask = link.dialect.ask?.(link.asks.work(link.signature), id, link);
    if (ask === undefined) return undefined;
    if (!link.asks.isNews(ask)) throw new Error('It asks for nothing that is owed.');
    link.asks.sent(ask, id, this.clock.monotonic() + ackMs, link.signature);
    this.host.request();
    return ask.frame;
  }

  #lose(): void {
    const { link } = this;
    this.link = undefined;
    if (link === undefined) return;
    link.live = false;
    link.up = false;
    delete this.facts.authenticated;
    link.dialect.lost?.(link);
  }
}
