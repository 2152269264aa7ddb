import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../src/limits.js';
import { fullBudget, payForMessage, strikeForBadMessage, type MessageBudget } from '../src/plugins/message-budget.js';

function paid(budget: MessageBudget, times: number, now: number) {
  const verdicts: string[] = [];
  for (let index = 0; index < times; index += 1) {
    const result = payForMessage(budget, defaultLimits, now);
    budget = result.budget;
    verdicts.push(result.verdict);
  }
  return { budget, verdicts };
}

describe('the budget of messages', () => {
  it('admits a burst of 40, refuses two and closes at the third', () => {
    const { verdicts } = paid(fullBudget(defaultLimits, 0), 43, 0);
    expect(verdicts.slice(0, 40).every((verdict) => verdict === 'admit')).toBe(true);
    expect(verdicts.slice(40)).toEqual(['refuse', 'refuse', 'close']);
  });

  it('refills five a second, and says when', () => {
    const { budget } = paid(fullBudget(defaultLimits, 0), 40, 0);
    expect(payForMessage(budget, defaultLimits, 0).retryAfterMs).toBe(200);
    expect(payForMessage(budget, defaultLimits, 199).verdict).toBe('refuse');
    expect(payForMessage(budget, defaultLimits, 200).verdict).toBe('admit');
    expect(paid(budget, 6, 1_000).verdicts).toEqual(['admit', 'admit', 'admit', 'admit', 'admit', 'refuse']);
  });

  it('never holds more than a burst', () => {
    const { verdicts } = paid(fullBudget(defaultLimits, 0), 41, 3_600_000);
    expect(verdicts.at(-1)).toBe('refuse');
  });

  it('forgets refusals that are a minute old', () => {
    let { budget } = paid(fullBudget(defaultLimits, 0), 42, 0);
    ({ budget } = paid(budget, 300, 60_000));
    expect(payForMessage(budget, { ...defaultLimits, burst: 0 }, 60_000).verdict).not.toBe('admit');
    expect(budget.rateStrikes.every((at) => at === 60_000)).toBe(true);
  });

  it('closes at the fifth invalid message within a minute', () => {
    let budget = fullBudget(defaultLimits, 0);
    const verdicts = [0, 1, 2, 3, 60_000, 60_001, 60_002, 60_003].map((now) => {
      const result = strikeForBadMessage(budget, defaultLimits, now);
      budget = result.budget;
      return result.verdict;
    });
    expect(verdicts).toEqual(['admit', 'admit', 'admit', 'admit', 'admit', 'admit', 'admit', 'admit']);
    expect(strikeForBadMessage(budget, defaultLimits, 60_004).verdict).toBe('close');
  });
});
