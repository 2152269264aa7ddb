/** What of a stream outlives its sockets, as a dialect sees it. */
import type { Clock } from '../io/clock.js';
import type { Shown } from './connection.js';
import type { Desired, DialectHost, DialectLink } from './dialect.js';
import type { PriceStreamError } from './errors.js';
import type { LifeState } from './life-state.js';
import type { Links } from './links.js';
import { nextRequest, type Rooms } from './rooms.js';
import type { Counters } from './statistics.js';
import { Timers } from './timers.js';
import { retryDelayMs } from './verdicts.js';

/** The host of one stream's dialect. */
export class Host implements DialectHost {
  readonly clock: Clock;
  readonly timers: Timers<string>;
  readonly counters: Counters;
  readonly #rooms: Rooms;
  readonly #links: Links;
  readonly #shown: Shown;

  constructor(rooms: Rooms, links: Links, shown: Shown) {
    this.#rooms = rooms;
    this.#links = links;
    this.#shown = shown;
    this.clock = rooms.settings.clock;
    this.timers = new Timers(this.clock);
    this.counters = rooms.announcer.counters;
  }

  get link(): DialectLink | undefined {
    return this.#links.current;
  }

  get channels(): Iterable<string> {
    return this.#rooms.channels.names;
  }

  get state(): LifeState {
    return this.#links.life.state;
  }

  get ending(): PriceStreamError | undefined {
    return this.#shown.ending;
  }

  random(): number {
    return this.#rooms.settings.random();
  }

  backoffMs(n: number): number {
    return retryDelayMs(this.#rooms.settings.reconnect, n, this.random());
  }

  wanted(channel: string): Desired | undefined {
    return this.#rooms.channels.desired(channel);
  }

  isWanted(channel: string): boolean {
    return this.#rooms.channels.isWanted(channel);
  }

  listens(event: string): boolean {
    return this.#rooms.announcer.listeners.count(event) > 0;
  }

  report(error: PriceStreamError): void {
    this.inTurn(() => this.#rooms.announcer.report(error));
  }

  fail(error: PriceStreamError): void {
    this.inTurn(() => this.#links.life.fail(error));
  }

  emit(event: string, payload: unknown): void {
    this.#rooms.announcer.emit(event, payload);
  }

  request(): string {
    return nextRequest(this.#rooms);
  }

  need(): void {
    this.inTurn(() => {
      if (this.#links.life.state.status === 'idle') this.#links.life.connect();
      else this.#links.current?.flush();
    });
  }

  inTurn(task: () => void): void {
    this.#rooms.turn.run(task);
  }

  resubscribe(channel: string): void {
    this.inTurn(() => {
      if (this.#links.current?.asks.renew(channel) === true) this.#links.current.pump();
    });
  }
}
