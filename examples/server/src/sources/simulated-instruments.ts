/** What the simulated source has: six coins in US dollars, four metals in rupees a gram. Start values are round and made up. */
import { chanceOf, draw, usualPull, type WalkSpec } from './price-walk.js';

/** A simulated instrument: how it walks, and what hangs on its price. */
export interface SimulatedInstrument {
  readonly kind: 'coin' | 'metal';
  readonly id: string;
  readonly aliases: readonly (string | number)[];
  readonly startPrice: number;
  /** How lively it is, as a multiple of the configured volatility. */
  readonly liveliness: number;
  /** Coins in circulation: market capitalisation is price × supply. */
  readonly supply?: number;
  /** Traded in a day, in the quote currency. */
  readonly volume24h?: number;
}

/** Coins are quoted in this, per coin. */
export const coinCurrency = 'USD';
/** Metals are quoted in this, per `metalUnit`. */
export const metalCurrency = 'INR';
/** What one metal price is for. */
export const metalUnit = 'gram';

/** All of them, in the order of the catalog. */
export const simulatedInstruments: readonly SimulatedInstrument[] = [
  {
    kind: 'coin',
    id: 'bitcoin',
    aliases: ['BTC', 1],
    startPrice: 64_000,
    liveliness: 1,
    supply: 19_800_000,
    volume24h: 28_000_000_000,
  },
  {
    kind: 'coin',
    id: 'ethereum',
    aliases: ['ETH', 2],
    startPrice: 3_200,
    liveliness: 1.2,
    supply: 120_500_000,
    volume24h: 14_000_000_000,
  },
  {
    kind: 'coin',
    id: 'dogecoin',
    aliases: ['DOGE', 3],
    startPrice: 0.16,
    liveliness: 2,
    supply: 148_000_000_000,
    volume24h: 1_200_000_000,
  },
  {
    kind: 'coin',
    id: 'shiba-inu',
    aliases: ['SHIB', 4],
    startPrice: 0.000_018,
    liveliness: 2.2,
    supply: 589_000_000_000_000,
    volume24h: 310_000_000,
  },
  {
    kind: 'coin',
    id: 'pepe',
    aliases: ['PEPE', 5],
    startPrice: 0.000_009_5,
    liveliness: 3,
    supply: 420_690_000_000_000,
    volume24h: 640_000_000,
  },
  {
    kind: 'coin',
    id: 'solana',
    aliases: ['SOL', 6],
    startPrice: 155,
    liveliness: 1.6,
    supply: 470_000_000,
    volume24h: 2_600_000_000,
  },
  { kind: 'metal', id: 'gold', aliases: ['XAU'], startPrice: 7_400, liveliness: 0.4 },
  { kind: 'metal', id: 'silver', aliases: ['XAG'], startPrice: 92, liveliness: 0.7 },
  { kind: 'metal', id: 'platinum', aliases: ['XPT'], startPrice: 2_650, liveliness: 0.6 },
  { kind: 'metal', id: 'palladium', aliases: ['XPD'], startPrice: 2_800, liveliness: 0.8 },
];

/** Percent a step; that of calmer walks is below it. */
const usualVolatility = 0.15;

/** How the instrument walks at this volatility, in percent a step. */
export function walkSpecOf(instrument: SimulatedInstrument, volatilityPercent: number): WalkSpec {
  const calm = Math.min(1, volatilityPercent / usualVolatility);
  return {
    startPrice: instrument.startPrice,
    stepPercent: volatilityPercent * instrument.liveliness,
    // Smaller steps are pulled back less: however short they are, a price gets as far from its start in the end.
    pull: usualPull * calm * calm,
  };
}

/** So many instruments: those above, and made-up coins of all sizes of price behind them. */
export function instrumentsOf(count: number): readonly SimulatedInstrument[] {
  const made = Array.from({ length: Math.max(0, count - simulatedInstruments.length) }, (_each, index) => {
    const number = String(simulatedInstruments.length + index + 1).padStart(4, '0');
    const chance = draw(chanceOf(0, number)).value;
    const startPrice = Number((10 ** (chance * 8 - 4)).toPrecision(4));
    return {
      kind: 'coin',
      id: `sample-${number}`,
      aliases: [`S${number}`],
      startPrice,
      liveliness: 1 + 2 * chance,
      supply: Math.round(1e9 / startPrice),
    } as const;
  });
  return [...simulatedInstruments, ...made];
}
