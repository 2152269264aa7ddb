/** Which price sources a configuration asks for. In a replay the metals stay simulated, and say so. */
import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../clock.js';
import { ConfigurationError, type ServerConfig } from '../config.js';
import type { PriceSource } from './price-source.js';
import { RecordingError } from './recording.js';
import { createReplaySource } from './replay.js';
import { createSimulatedSource } from './simulated.js';

const largestFileBytes = 64 * 1_048_576;

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

/** The sources, in the order in which they start. */
export function chooseSources(config: ServerConfig, clock: Clock, random: () => number): PriceSource[] {
  const { replayFile } = config;
  const isReplay = config.priceSource === 'replay' && replayFile !== undefined;
  const simulated = createSimulatedSource({
    clock,
    seed: config.priceSeed ?? Math.floor(random() * 4_294_967_296),
    intervalMs: config.priceIntervalMs,
    volatilityPercent: config.priceVolatility,
    kinds: isReplay ? ['metal'] : ['coin', 'metal'],
  });
  if (!isReplay) return [simulated];
  const replay = createReplaySource({ clock, read: () => readRecording(replayFile), speed: config.replaySpeed });
  return [withReplayProblems(replay), simulated];
}
