/** A crowd of clients after a restart of their server: when each dials, by the client's own back-off. No time passes. */
import { closeAction } from '@tickwire/protocol';
import { retryDelayMs, type Backoff } from '../../src/kernel/verdicts.js';

/** What happens to the crowd. */
export interface HerdPlan {
  readonly clients: number;
  /** The server takes nobody for this long; then it takes everybody who dials, up to its capacity. */
  readonly downMs: number;
  /** Connections that the server takes in a second; the others are refused and back off again. */
  readonly capacityPerSecond: number;
  /** What stands in the close frame, `restart;ra=2000;sp=60000` for example. */
  readonly reason: string;
  readonly policy: Backoff;
  readonly random: () => number;
}

/** How it went. */
export interface HerdCourse {
  /** Attempts in each second after the drop. */
  readonly attemptsPerSecond: readonly number[];
  readonly peak: number;
  readonly attempts: number;
  /** When half of all, and 99 % of all, were connected, in ms after the server's return. */
  readonly halfBackMs: number;
  readonly nearlyAllBackMs: number;
}

const secondMs = 1_000;

/** Drops all clients at once with this close, and follows them until all are back. */
export function herdCourse(plan: HerdPlan): HerdCourse {
  const { clients, downMs, capacityPerSecond, policy, random } = plan;
  const { minDelayMs, spreadMs } = closeAction(1012, plan.reason);
  // A second holds those who dial in it, in no order, with how often they have tried.
  const seconds: { at: number; retries: number }[][] = [];
  const put = (at: number, retries: number): void => {
    const second = Math.floor(at / secondMs);
    (seconds[second] ??= []).push({ at, retries });
  };
  for (let client = 0; client < clients; client += 1) put(retryDelayMs(policy, 0, random(), minDelayMs, spreadMs), 1);
  const attemptsPerSecond: number[] = [];
  const back: number[] = [];
  for (let second = 0; second < seconds.length; second += 1) {
    const dials = seconds[second] ?? [];
    let taken = 0;
    let dialled = 0;
    // Whoever backs off for less than a second dials again within this one: the list grows while it is read.
    for (const { at, retries } of dials) {
      dialled += 1;
      if (at >= downMs && taken < capacityPerSecond) {
        taken += 1;
        back.push(at - downMs);
      } else put(at + retryDelayMs(policy, retries, random()), retries + 1);
    }
    attemptsPerSecond.push(dialled);
    seconds[second] = [];
  }
  back.sort((left, right) => left - right);
  const peak = attemptsPerSecond.reduce((most, each) => Math.max(most, each), 0);
  return {
    attemptsPerSecond,
    peak,
    attempts: attemptsPerSecond.reduce((sum, each) => sum + each, 0),
    halfBackMs: back[Math.floor(clients / 2)] ?? Infinity,
    nearlyAllBackMs: back[Math.floor(clients * 0.99)] ?? Infinity,
  };
}
