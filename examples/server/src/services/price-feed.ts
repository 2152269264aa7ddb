/** Leads the ticks of the price sources to the realtime service. It makes up nothing and never stops for a bad tick. */
import type { CoinPriceMessage, MetalQuote } from '@tickwire/protocol';
import type { Catalog } from '../catalog.js';
import type {
  CoinTick,
  Instrument,
  MetalTick,
  PriceSource,
  SourceStatus,
  SourceTick,
} from '../sources/price-source.js';
import type { LastPricesFile } from './last-prices-file.js';
import type { Realtime } from './realtime.js';

/** What the feed is made of. */
export interface PriceFeedOptions {
  readonly sources: readonly PriceSource[];
  readonly catalog: Catalog;
  readonly realtime: Realtime;
  /** Where prices outlive a restart. @default nowhere */
  readonly lastPrices?: LastPricesFile;
}

/** The feed: starts and stops all sources together. */
export interface PriceFeed {
  /** Rejects when a source cannot start; those that did are stopped again. */
  start(): Promise<void>;
  stop(): Promise<void>;
  status(): SourceStatus[];
}

/** A coin's tick as the message on the wire. */
export function coinMessageOf(tick: CoinTick): CoinPriceMessage {
  const { id, price, marketCap, volume24h, priceChange24h, high, low, currency, source, timestamp, stale } = tick;
  return {
    type: 'price_update',
    data: {
      coinId: id,
      price,
      ...(marketCap === undefined ? {} : { marketCap }),
      ...(volume24h === undefined ? {} : { volume24h }),
      ...(priceChange24h === undefined ? {} : { priceChange24h }),
      ...(high === undefined ? {} : { high }),
      ...(low === undefined ? {} : { low }),
      currency,
      source,
      timestamp,
      ...(stale === undefined ? {} : { stale }),
    },
    timestamp,
    coinId: id,
  };
}

/** A metal's tick as its entry in a `priceUpdate`. */
export function metalQuoteOf(tick: MetalTick): MetalQuote {
  const { price, change, changePercent, high, low, timestamp, currency, unit, source, stale } = tick;
  const quote = { price, change, changePercent, high, low, timestamp, currency, unit, source };
  return stale === undefined ? quote : { ...quote, stale };
}

/** Makes the feed; nothing runs before `start`. */
export function createPriceFeed({ sources, catalog, realtime, lastPrices }: PriceFeedOptions): PriceFeed {
  /** A tick that is refused has been logged by the realtime service; the next one may be better. */
  function tell(tick: SourceTick): void {
    const options = { startsEpoch: tick.startsEpoch ?? false };
    if (tick.kind === 'coin') void realtime.broadcastToCoin(tick.id, coinMessageOf(tick), options);
    else void realtime.broadcastMetals({ [tick.id]: metalQuoteOf(tick) }, options);
  }

  const sink = {
    instruments: (instruments: readonly Instrument[]) => {
      catalog.add(instruments);
      for (const instrument of instruments) {
        const tick = lastPrices?.recall(instrument);
        if (tick !== undefined) tell(tick);
      }
    },
    ticks: (ticks: readonly SourceTick[]) => {
      lastPrices?.note(ticks);
      for (const tick of ticks) tell(tick);
    },
  };
  const stop = async (): Promise<void> => {
    await Promise.all(sources.map((source) => source.stop()));
    await lastPrices?.close();
  };

  return {
    async start() {
      await lastPrices?.load();
      try {
        for (const source of sources) await source.start(sink);
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
    status: () => sources.map((source) => source.status()),
  };
}
