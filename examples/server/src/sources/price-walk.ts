/** A random walk of one price that is the same for the same seed. Pure: chance is a number that is carried along. */

/** What a walk is like. */
export interface WalkSpec {
  readonly startPrice: number;
  /** Typical move of one step, in percent of the price. */
  readonly stepPercent: number;
  /** How much of its distance to the start price, in logarithms, a step takes back. @default 0.002 */
  readonly pull?: number;
}

/** The prices of one hour. */
interface Hour {
  readonly open: number;
  readonly high: number;
  readonly low: number;
}

/** Where a walk stands. `open`, `high` and `low` are of the last 24 hours, or of all of them while it is younger. */
export interface Walk extends Hour {
  readonly price: number;
  readonly hour: Hour;
  /** When the hour began, by the monotonic clock, like every `now` here. */
  readonly hourAt: number;
  /** The hours before, the oldest first, and all of them together. */
  readonly past: readonly Hour[];
  readonly pastDay: Hour | undefined;
  /** The state of the generator, an unsigned 32-bit integer. */
  readonly chance: number;
}

const hourMs = 3_600_000;
/** With the one that runs they are a day. */
const pastHours = 23;
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
  const hour = { open: price, high: price, low: price };
  return { ...hour, price, hour, hourAt: now, past: [], pastDay: undefined, chance };
}

/**
 * The walk a step later, or as if so many steps had been taken one after the other. An hour that begins starts at the last
 * price of the old one, and lets go of the one of a day ago.
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
  const isNewHour = now - walk.hourAt >= hourMs;
  const { open, high, low } = isNewHour ? { open: walk.price, high: walk.price, low: walk.price } : walk.hour;
  const hour = { open, high: Math.max(high, price), low: Math.min(low, price) };
  const past = isNewHour ? [...walk.past, walk.hour].slice(-pastHours) : walk.past;
  const pastDay = isNewHour ? together(past) : walk.pastDay;
  return {
    price,
    open: (pastDay ?? hour).open,
    high: pastDay === undefined ? hour.high : Math.max(pastDay.high, hour.high),
    low: pastDay === undefined ? hour.low : Math.min(pastDay.low, hour.low),
    hour,
    hourAt: isNewHour ? now : walk.hourAt,
    past,
    pastDay,
    chance: second.chance,
  };
}

function together(hours: readonly Hour[]): Hour {
  return hours.reduce((all, { high, low }) => {
    return { open: all.open, high: Math.max(all.high, high), low: Math.min(all.low, low) };
  });
}
