/** Which price sources a configuration asks for. Where the coins are not simulated the metals still are, and say so. */
import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../clock.js';
import { ConfigurationError, type ServerConfig } from '../config.js';
import { createCoinbaseSource } from './coinbase.js';
import { createHttpSource } from './http.js';
import type { PriceSource } from './price-source.js';
import { RecordingError } from './recording.js';
import { createReplaySource } from './replay.js';
import { createSimulatedSource } from './simulated.js';

const largestFileBytes = 64 * 1_048_576;
/** The public price API refuses those who ask more often than a few times a minute. */
const leastPublicPollMs = 15_000;

/** Reads a recording; what is wrong with it is a problem of the configuration, and said as one. */
async function readRecording(file: string): Promise<string> {
  const about = await stat(file).catch(() => undefined);
  if (about?.isFile() !== true) throw new ConfigurationError([`REPLAY_FILE: there is no file ${file}`]);
  if (about.size > largestFileBytes) throw new ConfigurationError([`REPLAY_FILE: more than ${largestFileBytes} bytes`]);
  return readFile(file, 'utf8');
}

/** Says of a recording without prices that the setting is wrong, and which. */
function withReplayProblems(source: PriceSource): PriceSource {
  return {
    ...source,
    start: (sink) =>
      source.start(sink).catch((error: unknown) => {
        throw error instanceof RecordingError ? new ConfigurationError([`REPLAY_FILE: ${error.message}`]) : error;
      }),
  };
}

/** Where the coins come from; `undefined`: they are simulated. */
function coinSource(config: ServerConfig, clock: Clock, random: () => number): PriceSource | undefined {
  const { priceSource, replayFile, replaySpeed: speed, upstream, priceIntervalMs: intervalMs } = config;
  if (priceSource === 'coinbase') return createCoinbaseSource({ clock, random, ...upstream });
  if (priceSource === 'http') {
    const leastMs = upstream.isPublic ? leastPublicPollMs : 0;
    return createHttpSource({ clock, random, ...upstream, intervalMs: Math.max(leastMs, intervalMs) });
  }
  if (priceSource !== 'replay' || replayFile === undefined) return undefined;
  return withReplayProblems(createReplaySource({ clock, read: () => readRecording(replayFile), speed }));
}

/** The sources, in the order in which they start. */
export function chooseSources(config: ServerConfig, clock: Clock, random: () => number): PriceSource[] {
  const coins = coinSource(config, clock, random);
  const simulated = createSimulatedSource({
    clock,
    seed: config.priceSeed ?? Math.floor(random() * 4_294_967_296),
    intervalMs: config.priceIntervalMs,
    volatilityPercent: config.priceVolatility,
    kinds: coins === undefined ? ['coin', 'metal'] : ['metal'],
    instruments: config.demo.instruments,
    hasPast: config.demo.hasHistory,
  });
  return coins === undefined ? [simulated] : [coins, simulated];
}
