/** Leads the ticks of the price sources to the realtime service. It makes up nothing and never stops for a bad tick. */
import { coin, decimalToNumber, metal, type CoinPriceMessage, type MetalQuote } from '@tickwire/protocol';
import type { Catalog } from '../catalog.js';
import type { Clock } from '../clock.js';
import type { CoinTick, MetalTick, PriceSink, PriceSource, SourceStatus, SourceTick } from '../sources/price-source.js';
import { believedTime } from '../sources/upstream-values.js';
import type { CandleBook } from './candles.js';
import type { LastPricesFile } from './last-prices-file.js';
import type { Realtime } from './realtime.js';

/** What the feed is made of. */
export interface PriceFeedOptions {
  readonly sources: readonly PriceSource[];
  readonly catalog: Catalog;
  readonly realtime: Realtime;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Where prices outlive a restart. @default nowhere */
  readonly lastPrices?: LastPricesFile;
  /** Where prices are kept as candles. @default nowhere */
  readonly candles?: Pick<CandleBook, 'note'>;
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

/** What became of the ticks of one source. */
interface Reception {
  instruments: number;
  refused: number;
  refusedInARow: number;
  /** By the monotonic clock. */
  refusedAt: number;
}

/** A refusal is a problem of the source for so long. */
const problemMs = 60_000;

/** Makes the feed; nothing runs before `start`. */
export function createPriceFeed({
  sources,
  catalog,
  realtime,
  clock,
  lastPrices,
  candles,
}: PriceFeedOptions): PriceFeed {
  const receptions = new Map<PriceSource, Reception>(
    sources.map((source) => [source, { instruments: 0, refused: 0, refusedInARow: 0, refusedAt: -Infinity }]),
  );

  /** A tick that is refused has been logged by the realtime service; the next one may be better. */
  function tell(tick: SourceTick, reception: Reception): void {
    const { startsEpoch = false, right } = tick;
    const options = { startsEpoch, ...(right === undefined ? {} : { right }) };
    const work =
      tick.kind === 'coin'
        ? realtime.broadcastToCoin(tick.id, coinMessageOf(tick), options)
        : realtime.broadcastMetals({ [tick.id]: metalQuoteOf(tick) }, options);
    work.then(
      () => {
        reception.refusedInARow = 0;
      },
      () => {
        reception.refused += 1;
        reception.refusedInARow += 1;
        reception.refusedAt = clock.monotonic();
      },
    );
  }

  /** Under the time of its arrival: that of a recording may be long past. */
  function keep(tick: SourceTick, now: number): void {
    const price = decimalToNumber(tick.price);
    if (price === undefined || tick.stale === true) return;
    candles?.note(tick.kind === 'coin' ? coin(tick.id) : metal(tick.id), price, now);
  }

  function sinkOf(reception: Reception): PriceSink {
    return {
      instruments: (instruments) => {
        catalog.add(instruments);
        reception.instruments += instruments.length;
        for (const instrument of instruments) {
          const tick = lastPrices?.recall(instrument);
          if (tick !== undefined) tell(tick, reception);
        }
      },
      ticks: (told) => {
        const now = clock.now();
        const ticks = told.map((tick) => {
          const timestamp = believedTime(tick.timestamp, now);
          return timestamp === tick.timestamp ? tick : { ...tick, timestamp };
        });
        lastPrices?.note(ticks);
        for (const tick of ticks) {
          tell(tick, reception);
          keep(tick, now);
        }
      },
      ...(candles === undefined ? {} : { past: (channel, price, at) => candles.note(channel, price, at) }),
    };
  }

  /** A source whose ticks nobody gets must not look as if all were well. */
  function statusOf(source: PriceSource, { instruments, refused, refusedInARow, refusedAt }: Reception): SourceStatus {
    const status = source.status();
    if (refused === 0) return status;
    const isRecent = clock.monotonic() - refusedAt < problemMs;
    const problem = status.problem ?? (isRecent ? 'Prices of this source are refused: see the log' : undefined);
    const isFailing = status.state === 'running' && isRecent && refusedInARow >= Math.max(1, instruments);
    return {
      ...status,
      refused,
      ...(isFailing ? { state: 'failing' } : {}),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  const stop = async (): Promise<void> => {
    await Promise.all(sources.map((source) => source.stop()));
    await lastPrices?.close();
  };

  return {
    async start() {
      await lastPrices?.load();
      try {
        for (const [source, reception] of receptions) await source.start(sinkOf(reception));
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
    status: () => Array.from(receptions, ([source, reception]) => statusOf(source, reception)),
  };
}
