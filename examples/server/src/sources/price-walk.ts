/** A random walk of one price that is the same for the same seed. Pure: chance is a number that is carried along. */

/** What a walk is like. */
export interface WalkSpec {
  readonly startPrice: number;
  /** Typical move of one step, in percent of the price. */
  readonly stepPercent: number;
  /** How much of its distance to the start price, in logarithms, a step takes back. @default 0.002 */
  readonly pull?: number;
}

/** Where a walk stands. `open`, `high` and `low` are of its current day. */
export interface Walk {
  readonly price: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  /** When the current day of 24 hours began, by the monotonic clock, like every `now` here. */
  readonly openedAt: number;
  /** The state of the generator, an unsigned 32-bit integer. */
  readonly chance: number;
}

const dayMs = 86_400_000;
/** Pulls the price back to where it started, so that a server that runs for months stays believable. */
export const usualPull = 0.002;
const significantDigits = 7;

/** The next number of the generator mulberry32, in [0, 1), with the state that follows. */
export function draw(chance: number): { value: number; chance: number } {
  const next = (chance + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(next ^ (next >>> 15), next | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return { value: ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296, chance: next };
}

/** A generator's first state from a seed and a name (FNV-1a), so that one more instrument changes no other. */
export function chanceOf(seed: number, name: string): number {
  let hash = 0x811c9dc5 ^ (seed >>> 0);
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

/** A walk before its first step. */
export function startWalk(spec: WalkSpec, chance: number, now: number): Walk {
  const price = spec.startPrice;
  return { price, open: price, high: price, low: price, openedAt: now, chance };
}

/**
 * The walk a step later, or as if so many steps had been taken one after the other; a new day begins with the last price of the
 * old one.
 */
export function stepWalk(spec: WalkSpec, walk: Walk, now: number, steps = 1): Walk {
  const { pull = usualPull } = spec;
  const first = draw(walk.chance);
  const second = draw(first.chance);
  // Box–Muller: two even numbers make one of the normal distribution. 1 - value keeps log away from 0.
  const normal = Math.sqrt(-2 * Math.log(1 - first.value)) * Math.cos(2 * Math.PI * second.value);
  const left = (1 - pull) ** steps;
  const drift = (left - 1) * Math.log(walk.price / spec.startPrice);
  // Each step adds its own chance, of which the pull of those after it leaves a part.
  const spread = Math.sqrt((1 - left * left) / (1 - (1 - pull) ** 2));
  const price = Number(
    (walk.price * Math.exp(drift + (normal * spread * spec.stepPercent) / 100)).toPrecision(significantDigits),
  );
  const isNewDay = now - walk.openedAt >= dayMs;
  const open = isNewDay ? walk.price : walk.open;
  return {
    price,
    open,
    high: Math.max(isNewDay ? open : walk.high, price),
    low: Math.min(isNewDay ? open : walk.low, price),
    openedAt: isNewDay ? now : walk.openedAt,
    chance: second.chance,
  };
}
