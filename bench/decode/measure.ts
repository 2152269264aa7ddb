/** Measures all contenders in turns, wherever it runs: Node or a page. Prints one line of JSON. */
import { decodeServerMessage } from '@tickwire/protocol/codec';
import { contenders, type Contender } from './contenders.js';
import { badFrames, coinFrames, metalFrames } from './frames.js';

export interface Row {
  name: string;
  /** Median over the rounds of the time against the first contender's in the same round. */
  coin: number;
  metals: number;
  coinNs: number;
  metalsNs: number;
}
export interface Figures {
  rows: Row[];
  /** A bad frame against a good one, both through our codec. */
  badToGood: number;
}

const rounds = 15;
const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Nanoseconds for one frame. */
function timed(decode: (text: string) => unknown, frames: readonly string[], times: number): number {
  const from = performance.now();
  let kept: unknown;
  for (let time = 0; time < times; time += 1) {
    for (const frame of frames) kept = decode(frame);
  }
  const ns = ((performance.now() - from) * 1e6) / (times * frames.length);
  return kept === Symbol.iterator ? Number.NaN : ns;
}

function compare(
  all: readonly Contender[],
  pick: (one: Contender) => (text: string) => unknown,
  frames: readonly string[],
  times: number,
): { ratio: number; ns: number }[] {
  const samples = all.map(() => [] as number[]);
  for (const one of all) timed(pick(one), frames, times); // warm
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < all.length; turn += 1) {
      const index = (turn + round) % all.length;
      const one = all[index];
      if (one !== undefined) samples[index]?.push(timed(pick(one), frames, times));
    }
  }
  const [base = []] = samples;
  return samples.map((own) => ({
    ratio: median(own.map((ns, round) => ns / (base[round] ?? Number.NaN))),
    ns: median([...own]),
  }));
}

export function measure(): Figures {
  const all = contenders();
  for (const one of all) {
    if (one.coin(coinFrames[0] ?? '') === undefined || one.metals(metalFrames[0] ?? '') === undefined) {
      throw new Error(`${one.name} refuses a good frame`);
    }
  }
  const coin = compare(all, (one) => (text) => one.coin(text), coinFrames, 40);
  const metals = compare(all, (one) => (text) => one.metals(text), metalFrames, 12);
  const ours = (text: string): unknown => decodeServerMessage(text);
  const bad: number[] = [];
  timed(ours, badFrames, 40);
  for (let round = 0; round < rounds; round += 1) bad.push(timed(ours, badFrames, 40) / timed(ours, coinFrames, 40));
  return {
    rows: all.map((one, index) => ({
      name: one.name,
      coin: coin[index]?.ratio ?? Number.NaN,
      metals: metals[index]?.ratio ?? Number.NaN,
      coinNs: coin[index]?.ns ?? Number.NaN,
      metalsNs: metals[index]?.ns ?? Number.NaN,
    })),
    badToGood: median(bad),
  };
}
