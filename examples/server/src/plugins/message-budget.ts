/** How much one connection may say: a token bucket and two counts of strikes. Pure; time comes in as a number. */
import type { Limits } from '../limits.js';

/** What is left to a connection. */
export interface MessageBudget {
  readonly tokens: number;
  readonly refilledAt: number;
  /** Instants of the refusals by the bucket, within the window. */
  readonly rateStrikes: readonly number[];
  /** Instants of the invalid messages, within the window. */
  readonly badStrikes: readonly number[];
}

type BudgetLimits = Pick<
  Limits,
  'burst' | 'messagesPerMinute' | 'rateStrikes' | 'badMessageStrikes' | 'strikeWindowMs'
>;

/** A full budget. */
export function fullBudget(limits: BudgetLimits, now: number): MessageBudget {
  return { tokens: limits.burst, refilledAt: now, rateStrikes: [], badStrikes: [] };
}

function strikesWithin(strikes: readonly number[], limits: BudgetLimits, now: number): number[] {
  return strikes.filter((at) => at > now - limits.strikeWindowMs);
}

/**
 * Pays for one message.
 *
 * @returns `verdict`: `admit`, `refuse` (answer with RATE_LIMITED) or `close` (with 4429); `retryAfterMs`: until the next token
 */
export function payForMessage(
  budget: MessageBudget,
  limits: BudgetLimits,
  now: number,
): { budget: MessageBudget; verdict: 'admit' | 'refuse' | 'close'; retryAfterMs: number } {
  const perMs = limits.messagesPerMinute / 60_000;
  const tokens = Math.min(limits.burst, budget.tokens + Math.max(0, now - budget.refilledAt) * perMs);
  if (tokens >= 1) {
    return { budget: { ...budget, tokens: tokens - 1, refilledAt: now }, verdict: 'admit', retryAfterMs: 0 };
  }
  const rateStrikes = [...strikesWithin(budget.rateStrikes, limits, now), now];
  return {
    budget: { ...budget, tokens, refilledAt: now, rateStrikes },
    verdict: rateStrikes.length >= limits.rateStrikes ? 'close' : 'refuse',
    retryAfterMs: Math.ceil((1 - tokens) / perMs),
  };
}

/** Counts an invalid message; `verdict` is `close` (with 4400) when it was one too many. */
export function strikeForBadMessage(
  budget: MessageBudget,
  limits: BudgetLimits,
  now: number,
): { budget: MessageBudget; verdict: 'admit' | 'close' } {
  const badStrikes = [...strikesWithin(budget.badStrikes, limits, now), now];
  return {
    budget: { ...budget, badStrikes },
    verdict: badStrikes.length >= limits.badMessageStrikes ? 'close' : 'admit',
  };
}
