/** What may happen to a client, as data, and random sequences of it: one seed, one sequence. */
import type { Channel } from '@tickwire/protocol';

/** How the server treats new sockets. */
export type Dialling = 'opens' | 'opens late' | 'refuses' | 'stays silent';
/** How the server treats requests. */
export type Answering = 'at once' | 'late' | 'refuses channels' | 'defers channels' | 'fails requests';
/** What the token provider does, and the server with what it gives. */
export type Tokens = 'accepted' | 'rejected' | 'never given' | 'provider fails';
/** What a listener does the next time that it is called. */
export type Trap = 'close' | 'connect' | 'unsubscribe' | 'throw';

export type Operation =
  | { do: 'connect' }
  | { do: 'close' }
  | { do: 'subscribe'; slot: number; channels: readonly Channel[] }
  | { do: 'unsubscribe'; slot: number }
  | { do: 'authenticate' }
  | { do: 'request' }
  | { do: 'end'; older: boolean; code: number; reason: string }
  | { do: 'half-open' }
  | { do: 'stale' }
  | { do: 'environment'; online: boolean; visible: boolean; silently: boolean }
  | { do: 'resume' }
  | { do: 'pass'; ms: number }
  | { do: 'sleep'; ms: number }
  | { do: 'going_away'; afterMs: number; deadlineMs: number }
  | { do: 'dialling'; mode: Dialling }
  | { do: 'answering'; mode: Answering }
  | { do: 'tokens'; mode: Tokens }
  | { do: 'expiring' }
  | { do: 'publish'; channel: Channel; lost: boolean }
  | { do: 'burst' }
  | { do: 'repeat' }
  | { do: 'heads' }
  | { do: 'forget' }
  | { do: 'garbage' }
  | { do: 'trap'; on: 'delivery' | 'connection'; act: Trap };

/** One sequence: what the client is made with, and what happens to it. */
export interface Sequence {
  readonly seed: number;
  readonly speaks: 'tickwire' | 'coins' | 'metals';
  readonly dialect: 'auto' | 'tickwire' | 'coins' | 'metals';
  readonly token: 'none' | 'fixed' | 'provider';
  readonly answersClose: boolean;
  readonly operations: readonly Operation[];
}

/** mulberry32: a small generator whose sequence depends on the seed alone; values in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The channels that a server of each dialect has here. */
export const channelsOf: Readonly<Record<Sequence['speaks'], readonly Channel[]>> = {
  tickwire: ['coin:bitcoin', 'coin:dogecoin', 'metal:gold', 'whales'],
  coins: ['coin:bitcoin', 'coin:dogecoin', 'coin:solana'],
  metals: ['metal:gold', 'metal:silver', 'metal:platinum'],
};

/** How many subscriptions a sequence juggles with. */
const slots = 3;
const passes = [1, 60, 250, 700, 1_000, 1_600, 3_000, 5_000, 10_000, 16_000, 40_000];
const ends: readonly (readonly [code: number, reason: string])[] = [
  [1006, ''],
  [1006, ''],
  [1001, ''],
  [1011, ''],
  [1012, 'restart;ra=1500;sp=4000'],
  [1013, 'overload'],
  [1002, ''],
  [4429, 'slow;ra=3000'],
  [4408, ''],
  [4401, ''],
  [1000, ''],
  [4409, ''],
  [4403, ''],
  [4400, ''],
];

type Maker = (random: () => number, channels: readonly Channel[]) => Operation;

const pick = <T>(random: () => number, all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
const slot = (random: () => number): number => Math.floor(random() * slots);
const some = (random: () => number, channels: readonly Channel[]): Channel[] => {
  const chosen = channels.filter(() => random() < 0.4);
  return chosen.length > 0 ? chosen : [pick(random, channels)];
};

/** Each kind of operation with its weight. */
const makers: readonly (readonly [weight: number, make: Maker])[] = [
  [5, () => ({ do: 'connect' })],
  [2, () => ({ do: 'close' })],
  [12, (random, channels) => ({ do: 'subscribe', slot: slot(random), channels: some(random, channels) })],
  [8, (random) => ({ do: 'unsubscribe', slot: slot(random) })],
  [2, () => ({ do: 'authenticate' })],
  [3, () => ({ do: 'request' })],
  [
    9,
    (random) => {
      const [code, reason] = pick(random, ends);
      return { do: 'end', older: random() < 0.2, code, reason };
    },
  ],
  [2, () => ({ do: 'half-open' })],
  [6, () => ({ do: 'stale' })],
  [
    6,
    (random) => ({
      do: 'environment',
      online: random() < 0.6,
      visible: random() < 0.7,
      silently: random() < 0.2,
    }),
  ],
  [2, () => ({ do: 'resume' })],
  [22, (random) => ({ do: 'pass', ms: pick(random, passes) })],
  [2, (random) => ({ do: 'sleep', ms: pick(random, passes) })],
  [8, (random) => ({ do: 'going_away', afterMs: pick(random, [300, 300, 1_000, 4_000]), deadlineMs: 5_000 })],
  [3, (random) => ({ do: 'dialling', mode: pick(random, ['opens', 'opens late', 'refuses', 'stays silent']) })],
  [
    4,
    (random) => ({
      do: 'answering',
      mode: pick(random, ['at once', 'late', 'refuses channels', 'defers channels', 'fails requests']),
    }),
  ],
  [3, (random) => ({ do: 'tokens', mode: pick(random, ['accepted', 'rejected', 'never given', 'provider fails']) })],
  [2, () => ({ do: 'expiring' })],
  [12, (random, channels) => ({ do: 'publish', channel: pick(random, channels), lost: random() < 0.2 })],
  [5, () => ({ do: 'burst' })],
  [2, () => ({ do: 'repeat' })],
  [3, () => ({ do: 'heads' })],
  [3, () => ({ do: 'forget' })],
  [2, () => ({ do: 'garbage' })],
  [
    5,
    (random) => ({
      do: 'trap',
      on: random() < 0.5 ? 'delivery' : 'connection',
      act: pick(random, ['close', 'connect', 'unsubscribe', 'throw']),
    }),
  ],
];
const weights = makers.reduce((sum, [weight]) => sum + weight, 0);

/** The sequence of a seed. */
export function sequenceOf(seed: number): Sequence {
  const random = seededRandom(seed);
  const speaks = pick(random, ['tickwire', 'tickwire', 'tickwire', 'coins', 'metals'] as const);
  const channels = channelsOf[speaks];
  const length = 4 + Math.floor(random() * 26);
  const operations = Array.from({ length }, (): Operation => {
    let rest = random() * weights;
    for (const [weight, make] of makers) {
      rest -= weight;
      if (rest < 0) return make(random, channels);
    }
    return { do: 'connect' };
  });
  return {
    seed,
    speaks,
    dialect: random() < 0.5 ? 'auto' : speaks,
    token: pick(random, ['none', 'fixed', 'provider'] as const),
    answersClose: random() < 0.8,
    operations,
  };
}
