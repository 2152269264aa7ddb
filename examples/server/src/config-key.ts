/** How a key of the environment is listed: `--help` and the README say the same words. */

/** One key of the environment, as `--help` and the README list it. */
export interface ConfigKey {
  readonly name: string;
  readonly fallback: string;
  readonly meaning: string;
}
