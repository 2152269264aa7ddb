/** A life whose port only writes down what it is asked for: the test is the sockets, the timers, the clock and chance. */
import type { Closing, LifePolicy, LifePort, LifeState, LifeTimer } from '../../src/kernel/life-state.js';
import { Life } from '../../src/kernel/life.js';
import type { PriceStreamError } from '../../src/kernel/errors.js';

export const policy: LifePolicy = {
  reconnect: { minDelayMs: 250, baseDelayMs: 1_000, maxDelayMs: 30_000, maxAttempts: Infinity, stableAfterMs: 10_000 },
  connectTimeoutMs: 10_000,
};

const wallStart = Date.UTC(2026, 0, 1);

/** A state in a few words. */
export function shown(state: LifeState, wallNow: number): string {
  switch (state.status) {
    case 'connecting':
      return `connecting, attempt ${state.attempt}`;
    case 'connected':
      return `connected ${state.dialect}${state.mute ? ', mute' : ''}`;
    case 'reconnecting':
      return `reconnecting in ${state.retryAt - wallNow}`;
    case 'paused':
      return `paused ${state.reason}`;
    case 'closed':
      return `closed ${state.code}`;
    case 'failed':
      return `failed ${state.error.code}`;
    case 'idle':
      return 'idle';
  }
}

export class LifeBench implements LifePort {
  /** What the last event has asked for, in order. */
  asked: string[] = [];
  /** Everything that was reported. */
  readonly errors: PriceStreamError[] = [];
  /** The timers that run, with their delays. */
  readonly timers = new Map<LifeTimer, number>();
  /** Sockets that are open, by number. */
  readonly open = new Set<number>();
  current: number | undefined;
  leaving: number | undefined;
  monotonic = 0;
  chance = 0.5;
  /** What the server has sent in place of a greeting. */
  instead = '';
  readonly life: Life;
  #dials = 0;

  constructor(part: Partial<LifePolicy['reconnect']> = {}) {
    this.life = new Life({ ...policy, reconnect: { ...policy.reconnect, ...part } }, this);
  }

  // The port.

  now(): number {
    return this.monotonic;
  }

  wallNow(): number {
    return wallStart + this.monotonic;
  }

  random(): number {
    return this.chance;
  }

  dial(): void {
    this.asked.push('dial');
    this.#dials += 1;
    this.current = this.#dials;
    this.open.add(this.#dials);
  }

  drop(link: 'link' | 'leaving', code: number, reason: string, gone: boolean): void {
    const which = link === 'link' ? 'current' : 'leaving';
    const socket = this[which];
    if (socket === undefined || !this.open.delete(socket)) throw new Error(`There is no ${which} socket to drop.`);
    this[which] = undefined;
    const how = gone ? 'gone' : `${code}${reason === '' ? '' : ` ${reason}`}`;
    this.asked.push(`drop ${which} (${how})`);
  }

  start(timer: LifeTimer, delayMs: number): void {
    this.asked.push(`start ${timer} ${delayMs}`);
    this.timers.set(timer, delayMs);
  }

  /** Stopping what does not run says nothing. */
  stop(timer: LifeTimer): void {
    if (this.timers.delete(timer)) this.asked.push(`stop ${timer}`);
  }

  leave(): void {
    this.asked.push('leave');
    this.leaving = this.current;
    this.current = undefined;
  }

  ended(error: PriceStreamError | undefined): void {
    this.asked.push(error === undefined ? 'ended' : `ended ${error.code}`);
  }

  report(error: PriceStreamError): void {
    this.asked.push(`report ${error.code}`);
    this.errors.push(error);
  }

  ungreeted(): string {
    return this.instead;
  }

  // What happens.

  /** Takes one event. */
  on(event: (life: Life) => void): this {
    this.asked = [];
    event(this.life);
    return this;
  }

  connect(): this {
    return this.on((life) => life.connect());
  }

  /** The socket opens and the server greets, or need not. */
  greeted(dialect = 'metals'): this {
    return this.on((life) => {
      life.open();
      life.greeted(dialect);
      life.everConnected = true;
    });
  }

  connected(): this {
    return this.connect().greeted();
  }

  closed(code: number, more: Partial<Closing> = {}): this {
    return this.on((life) => life.closed({ code, reason: '', ...more }));
  }

  fire(timer: LifeTimer): this {
    this.timers.delete(timer);
    return this.on((life) => life.fired(timer));
  }

  surroundings(online: boolean, visible: boolean, woke = false): this {
    return this.on((life) => {
      if (life.surroundings(online, visible, woke)) this.asked.push('probe');
    });
  }

  pass(ms: number): this {
    this.monotonic += ms;
    return this;
  }

  get status(): LifeState['status'] {
    return this.life.state.status;
  }

  /** The state in a few words. */
  get is(): string {
    return shown(this.life.state, this.wallNow());
  }
}

export type Status = LifeState['status'];

/** A life in each state of the table, 5 s after its last dial. */
export function lifeIn(status: Status): LifeBench {
  const bench = new LifeBench();
  switch (status) {
    case 'idle':
      return bench;
    case 'connecting':
      return bench.connect().pass(5_000);
    case 'connected':
      return bench.connected().pass(5_000);
    case 'reconnecting':
      return bench.connected().pass(5_000).closed(1006);
    case 'paused':
      return bench.connected().surroundings(false, true).pass(5_000).closed(1006);
    case 'closed':
      return bench
        .connected()
        .pass(5_000)
        .on((life) => life.close());
    case 'failed':
      return bench.connected().pass(5_000).closed(1002, { word: 'fail' });
  }
}
