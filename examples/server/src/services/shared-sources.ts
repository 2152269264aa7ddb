/** Where several nodes share an engine: each source is followed by one of them, and what is published of a coin reaches the users of all. */
import { coin, type ChannelMessage } from '@tickwire/protocol';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import type { Clock } from '../clock.js';
import type { Engine } from '../engine/engine.js';
import type { Instrument, PriceSource } from '../sources/price-source.js';
import { shareSource } from '../sources/shared-source.js';

/** What is shared. */
export interface SharedSourcesOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  /** Told of what any node publishes of a coin. */
  readonly onCoinMessage: (coinId: string, message: ChannelMessage) => void;
}

/** Hears the channels of coins, each from when it is known. */
function createCoinListener({
  engine,
  onCoinMessage,
}: SharedSourcesOptions): (instruments: readonly Instrument[]) => void {
  const coins = new Map<string, string>();
  engine.onMessage(({ channel, body }) => {
    const id = coins.get(channel);
    if (id === undefined) return;
    const decoded = decodeServerMessage(body);
    if (decoded.ok && decoded.kind === 'known') onCoinMessage(id, decoded.message as ChannelMessage);
  });
  return (instruments) => {
    for (const { kind, id } of instruments) {
      if (kind !== 'coin') continue;
      for (const channel of [coin(id), `whales:${id}`, `social:${id}`]) {
        if (coins.has(channel)) continue;
        coins.set(channel, id);
        // While the engine is away nothing is published; the instruments are told again.
        engine.subscribe(channel).catch(() => coins.delete(channel));
      }
    }
  };
}

/** The sources as this node has them: its own where the engine is its own. */
export function shareSources(sources: readonly PriceSource[], options: SharedSourcesOptions): readonly PriceSource[] {
  const { engine, clock } = options;
  const { rights } = engine;
  if (rights === undefined) return sources;
  const onInstruments = createCoinListener(options);
  return sources.map((source) => shareSource(source, { engine, rights, clock, onInstruments }));
}
