/** How many frames may go out, and when the next one may. */
import type { Link, PacerState } from './session-state.js';

/** `window`: at most `count` frames in any rolling `windowMs`. `bucket`: bursts of `burst`, refilled evenly. */
export type PaceRule =
  | { readonly kind: 'window'; readonly count: number; readonly windowMs: number }
  | { readonly kind: 'bucket'; readonly burst: number; readonly perMinute: number };

const minuteMs = 60_000;
/** Longer than the server's minute: frames that a slow link delivers late and together still are too few for it. */
const jitteredMs = 65_000;
/** The older metals backend closes above 10 a minute; 8 leaves room for what it counts otherwise. */
const metalsRule: PaceRule = { kind: 'window', count: 8, windowMs: jitteredMs };
const coinsRule: PaceRule = { kind: 'window', count: 60, windowMs: minuteMs };

/** The rule of a connection: strict windows for the older dialects, the server's own bucket on `tickwire`. */
export function paceRule(link: Pick<Link, 'dialect' | 'limits'>): PaceRule {
  if (link.dialect === 'metals') return metalsRule;
  if (link.dialect !== 'tickwire') return coinsRule;
  return { kind: 'bucket', burst: link.limits.burst, perMinute: link.limits.messagesPerMinute };
}

/** Takes one frame from the budget, or says how long to wait for it. */
export function takePace(
  state: PacerState,
  rule: PaceRule,
  now: number,
): { readonly waitMs: number; readonly state: PacerState } {
  const sentAt = state.sentAt.filter((at) => at > now - jitteredMs);
  if (rule.kind === 'window') {
    const within = sentAt.filter((at) => at > now - rule.windowMs);
    const oldest = within[within.length - rule.count];
    if (oldest !== undefined) return { waitMs: oldest + rule.windowMs - now, state: { ...state, sentAt } };
    return { waitMs: 0, state: { ...state, sentAt: [...sentAt, now] } };
  }
  const perMs = rule.perMinute / minuteMs;
  const tokens = Math.min(rule.burst, state.tokens + Math.max(0, now - state.refilledAt) * perMs);
  if (tokens < 1) {
    return { waitMs: Math.ceil((1 - tokens) / perMs), state: { sentAt, tokens, refilledAt: now } };
  }
  // The windows of older dialects look at instants; a bucket of thousands a minute must not keep them all.
  const kept = sentAt.length < 60 ? [...sentAt, now] : [...sentAt.slice(1), now];
  return { waitMs: 0, state: { sentAt: kept, tokens: tokens - 1, refilledAt: now } };
}

/** A full bucket: what a new `tickwire` connection starts with. */
export function filledPacer(state: PacerState, burst: number, now: number): PacerState {
  return { ...state, tokens: burst, refilledAt: now };
}
