/** How a key of the environment is listed, and how a yes or no is read: `--help` and the README say the same words. */
import * as z from 'zod';

/** One key of the environment, as `--help` and the README list it. */
export interface ConfigKey {
  readonly name: string;
  readonly fallback: string;
  readonly meaning: string;
}

/** A key that says yes or no. */
export const flag = z.enum(['true', 'false'], { error: 'expected true or false' }).transform((text) => text === 'true');
