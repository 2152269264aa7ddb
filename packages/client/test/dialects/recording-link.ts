/** A socket as a dialect sees it, that writes down what it is told: dialects are asked as tables, without a stream. */
import { FakeClock } from '@tickwire/testing';
import type {
  Asked,
  Dialect,
  DialectHost,
  DialectLink,
  DialectSource,
  Fault,
  Pace,
  Quote,
  Unanswered,
} from '../../src/kernel/dialect.js';
import type { PriceStreamError } from '../../src/kernel/errors.js';
import { zeroCounters } from '../../src/kernel/statistics.js';
import { Timers } from '../../src/kernel/timers.js';

/** What outlives the sockets, written down. */
export class RecordingHost implements DialectHost {
  readonly clock = new FakeClock();
  readonly timers = new Timers<string>(this.clock);
  readonly counters = zeroCounters();
  readonly reported: PriceStreamError[] = [];
  readonly channels = new Set<string>();
  readonly state = { status: 'idle' } as const;
  readonly ending = undefined;
  link: RecordingLink | undefined;
  /** What `random()` says. */
  chance = 0;
  #requests = 0;

  random(): number {
    return this.chance;
  }

  backoffMs(): number {
    return 0;
  }

  wanted(channel: string): { held: boolean } | undefined {
    return this.channels.has(channel) ? { held: true } : undefined;
  }

  isWanted(channel: string): boolean {
    return this.channels.has(channel);
  }

  listens(): boolean {
    return false;
  }

  report(error: PriceStreamError): void {
    this.reported.push(error);
  }

  request(): string {
    this.#requests += 1;
    return `r${this.#requests}`;
  }

  inTurn(task: () => void): void {
    task();
  }

  fail(): void {}
  emit(): void {}
  need(): void {}
  lifetimes(): void {}
  resubscribe(): void {}
}

/** One socket, written down. */
export class RecordingLink implements DialectLink {
  readonly id = 1;
  readonly up = true;
  readonly current = true;
  readonly live = true;
  readonly clockOffsetMs = null;
  readonly dialect: Dialect;
  own: unknown;
  pace: Pace | undefined;
  readonly open = new Map<string, Unanswered>();
  readonly standing = new Map<string, Asked>();
  readonly prices: { quote: Quote; source: unknown; seq: number | undefined }[] = [];
  readonly heads: [channel: string, seq: number][] = [];
  readonly moves: [inMs: number, byMs: number][] = [];
  readonly unknowns: unknown[] = [];
  readonly pongs: unknown[] = [];
  /** How long refused keys wait for their next ask; `undefined` leaves it to the kernel. */
  readonly waits: unknown[] = [];
  pumps = 0;
  readonly #host: RecordingHost;

  constructor(dialect: Dialect, host: RecordingHost) {
    this.dialect = dialect;
    this.#host = host;
    host.link = this;
  }

  get unanswered(): Iterable<Unanswered> {
    return this.open.values();
  }

  asked(key: string): Asked | undefined {
    return this.standing.get(key);
  }

  channels(key: string): Iterable<string> {
    return [...this.#host.channels].filter((channel) => this.dialect.carry(channel) === key);
  }

  request(): string {
    return this.#host.request();
  }

  price(quote: Quote, source: unknown, seq?: number): void {
    this.prices.push({ quote, source, seq });
  }

  unknown(message: unknown): void {
    this.unknowns.push(message);
  }

  head(channel: string, seq: number): void {
    this.heads.push([channel, seq]);
  }

  answered(id: string): Unanswered | undefined {
    const found = this.open.get(id);
    this.open.delete(id);
    return found;
  }

  confirmed(key: string, id?: string): boolean {
    const known = this.standing.get(key);
    if (known === undefined || (id !== undefined && known.id !== id)) return false;
    this.standing.set(key, { ...known, status: 'confirmed' });
    return true;
  }

  refused(keys: readonly string[], id: string, error: PriceStreamError, retryAfterMs?: unknown): void {
    const status = error.retryable ? 'deferred' : 'refused';
    if (error.retryable && keys.length > 0) this.waits.push(retryAfterMs);
    for (const key of keys) this.standing.set(key, { id, signature: '', status, error });
  }

  forgive(key: string): void {
    if (this.standing.get(key)?.status === 'refused') this.standing.delete(key);
  }

  pong(id?: unknown): void {
    this.pongs.push(id);
  }

  moving(inMs: number, byMs: number): void {
    this.moves.push([inMs, byMs]);
  }

  pump(): void {
    this.pumps += 1;
  }

  report(error: PriceStreamError): void {
    this.#host.report(error);
  }

  event(): void {}
  emit(): void {}
  unwanted(): void {}
  leftOut(): void {}
  greeted(): void {}
  silent(): void {}
  speak(): void {}
  show(): void {}
  drop(): void {}

  // What a test does to it.

  /** The keys of the wanted channels that have not been asked for. */
  get owed(): string[] {
    const keys = [...this.#host.channels].map((channel) => this.dialect.carry(channel));
    return [...new Set(keys)].filter((key) => {
      const status = typeof key === 'string' ? this.standing.get(key)?.status : 'confirmed';
      return status === undefined || status === 'deferred';
    }) as string[];
  }

  /** The next frame that asks or lets go, as the kernel would send it. */
  ask(gone: readonly string[] = []): unknown {
    const id = this.request();
    const ask = this.dialect.ask?.({ gone, owed: this.owed }, id, this);
    if (ask === undefined) return undefined;
    const { asked = [], gone: left = [] } = ask;
    for (const key of asked) this.standing.set(key, { status: 'asked', id, signature: '' });
    for (const key of left) this.standing.delete(key);
    this.open.set(id, { id, keys: asked.length > 0 ? asked : left, gone: asked.length === 0 });
    return ask.frame;
  }

  read(message: unknown): Fault | undefined {
    return this.dialect.read(message, this) ?? undefined;
  }

  /** How each key stands. */
  get stands(): Record<string, Asked['status']> {
    return Object.fromEntries([...this.standing].map(([key, { status }]) => [key, status]));
  }
}

/** A dialect on one socket, with what is wanted of it. */
export function onLink(
  source: DialectSource,
  channels: readonly string[] = [],
): { host: RecordingHost; link: RecordingLink; dialect: Dialect } {
  const host = new RecordingHost();
  for (const channel of channels) host.channels.add(channel);
  const dialect = typeof source === 'function' ? source(host) : source;
  return { host, dialect, link: new RecordingLink(dialect, host) };
}
