/** One step while it is being taken: the session as it becomes, and the effects in order. It lives inside `step` only. */
import type { SessionEffect, Step } from './session-events.js';
import type { Fault, Link, Moment, Policy, Session, TimerName } from './session-state.js';

/** Collects what one step changes and asks for. */
export class Turn {
  readonly policy: Policy;
  readonly moment: Moment;
  session: Session;
  readonly #effects: SessionEffect[] = [];

  constructor(policy: Policy, session: Session, moment: Moment) {
    this.policy = policy;
    this.session = session;
    this.moment = moment;
  }

  get now(): number {
    return this.moment.now;
  }

  change(part: Partial<Session>): void {
    this.session = { ...this.session, ...part };
  }

  /** Changes the link, if there is one. */
  changeLink(part: Partial<Link>): void {
    if (this.session.link !== null) this.change({ link: { ...this.session.link, ...part } });
  }

  /** Changes what the user sees while connected. */
  changeConnected(part: { dialect?: Link['dialect']; authenticated?: boolean; rttMs?: number; mute?: boolean }): void {
    const { connection } = this.session;
    if (connection.status !== 'connected') return;
    const next = { ...connection, ...part };
    if (JSON.stringify(next) !== JSON.stringify(connection)) this.change({ connection: next });
  }

  effect(effect: SessionEffect): void {
    this.#effects.push(effect);
  }

  start(timer: TimerName, delayMs: number): void {
    this.effect({ type: 'start-timer', timer, delayMs: Math.max(0, Math.ceil(delayMs)) });
  }

  stop(...timers: readonly TimerName[]): void {
    for (const timer of timers) this.effect({ type: 'stop-timer', timer });
  }

  /** Whoever waits for this answer is told that it will not come. */
  reject(key: number, fault: Fault): void {
    this.effect({ type: 'reject', key, fault });
  }

  report(fault: Fault): void {
    this.effect({ type: 'emit-error', fault });
  }

  /** A number for a request, never used twice by a session. */
  nextRequest(): string {
    const lastRequest = this.session.lastRequest + 1;
    this.change({ lastRequest });
    return `r${lastRequest}`;
  }

  end(): Step {
    return { session: this.session, effects: this.#effects };
  }
}
