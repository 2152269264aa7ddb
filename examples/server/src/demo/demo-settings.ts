/** The keys of the environment that make a demo of the server: off unless set, and refused in production. */
import * as z from 'zod';
import { flag } from '../config-key.js';

/** What the demo adds. */
export interface DemoSettings {
  /** Whether anybody may sign in as one of the demo's users. */
  readonly hasAccounts: boolean;
  /** Whether a page may break its own connection. */
  readonly hasFaults: boolean;
  /** Whether candles are kept, and simulated prices begin with a day that has been walked already. */
  readonly hasHistory: boolean;
  /** Simulated instruments; made-up coins fill up what the simulation lacks. 0: its own. */
  readonly instruments: number;
}

/** The keys, as `--help` and the README list them. */
export const demoKeys = [
  {
    name: 'DEMO_ACCOUNTS',
    fallback: 'false, in the demo true',
    meaning: 'true lets anybody sign in as one of three made-up users; refused in production',
  },
  {
    name: 'DEMO_FAULTS',
    fallback: 'false, in the demo true',
    meaning: 'true lets a page break its own connection; refused in production',
  },
  {
    name: 'DEMO_HISTORY',
    fallback: 'false, in the demo true',
    meaning: 'true keeps candles of a day, and walks simulated prices a day ahead of the start; refused in production',
  },
  {
    name: 'DEMO_INSTRUMENTS',
    fallback: '0',
    meaning: 'how many instruments the simulation has, made-up coins among them; refused in production',
  },
] as const;

const mostInstruments = 2_000;

/** The schema of these keys, to be spread into that of the whole environment. */
export const demoEnvironment = {
  DEMO_ACCOUNTS: flag.default(false),
  DEMO_FAULTS: flag.default(false),
  DEMO_HISTORY: flag.default(false),
  DEMO_INSTRUMENTS: z
    .string()
    .regex(/^\d{1,4}$/, { error: 'expected a whole number' })
    .transform(Number)
    .pipe(z.number().max(mostInstruments, { error: `expected at most ${mostInstruments}` }))
    .default(0),
};

type DemoValues = z.infer<z.ZodObject<typeof demoEnvironment>>;

/** The settings that the values of the environment stand for. */
export function demoSettingsOf(values: DemoValues): DemoSettings {
  return {
    hasAccounts: values.DEMO_ACCOUNTS,
    hasFaults: values.DEMO_FAULTS,
    hasHistory: values.DEMO_HISTORY,
    instruments: values.DEMO_INSTRUMENTS,
  };
}

/** A server that is in earnest must let nobody in for a click, nor show made-up prices as a past. */
export function demoProblemsOf(values: DemoValues, environment: string): string[] {
  if (environment !== 'production') return [];
  return demoKeys
    .filter(({ name }) => values[name] !== false && values[name] !== 0)
    .map(({ name }) => `${name}: this is for demos; with NODE_ENV=production leave it out`);
}
