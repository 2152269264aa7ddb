/** What a price source is: something that can be started and stopped and tells its instruments and their ticks. */
import type { Channel } from '@tickwire/protocol';

/** One thing that has a price here. */
export interface Instrument {
  readonly channel: Channel;
  readonly kind: 'coin' | 'metal';
  readonly id: string;
  /** Other names that a client may use. */
  readonly aliases: readonly (string | number)[];
  readonly currency: string;
  readonly unit?: string;
  /** Where its prices come from: `simulated`, `replay` … */
  readonly source: string;
  /** A price older than this, that no heartbeat confirmed, counts as stale. */
  readonly staleAfterMs: number;
}

interface TickOfAny {
  /** The coin's id or the metal's name. */
  readonly id: string;
  readonly currency: string;
  readonly source: string;
  /** The price's own time, ISO 8601. */
  readonly timestamp: string;
  /** The first tick after the source began anew: the channel starts a new epoch. */
  readonly startsEpoch?: boolean;
  /** The upstream fails or the server has just started: an old price, under its own old time. */
  readonly stale?: true;
  /** By which right it is published, where several nodes share the source. */
  readonly right?: number;
}

/** A new price of a coin. Decimal strings stay as the upstream wrote them. */
export interface CoinTick extends TickOfAny {
  readonly kind: 'coin';
  readonly price: number | string;
  readonly marketCap?: number | string;
  /** What was traded in 24 hours, in the quote currency: a source that is told coins converts them. */
  readonly volume24h?: number | string;
  /** Percent. */
  readonly priceChange24h?: number | string;
  readonly high?: number | string;
  readonly low?: number | string;
}

/** A new price of a metal. */
export interface MetalTick extends TickOfAny {
  readonly kind: 'metal';
  readonly price: number;
  readonly change: number;
  readonly changePercent: number;
  readonly high: number;
  readonly low: number;
  readonly unit: string;
}

/** One new price. */
export type SourceTick = CoinTick | MetalTick;

/** Where a source puts what it knows. Neither method throws. */
export interface PriceSink {
  /** The instruments of this source, before their first tick. */
  instruments(instruments: readonly Instrument[]): void;
  /** Prices that became known together. */
  ticks(ticks: readonly SourceTick[]): void;
  /** What a price was before the start, epoch ms, the oldest first; absent: nobody wants to know. */
  past?: (channel: Channel, price: number, at: number) => void;
}

/** How a source is doing, for the status page. */
export interface SourceStatus {
  readonly name: string;
  /** `failing`: it keeps trying; `problem` says what is wrong. `standby`: another node follows it. */
  readonly state: 'standby' | 'idle' | 'connecting' | 'running' | 'failing' | 'stopped';
  /** Ticks since the start. */
  readonly ticks: number;
  /** Epoch ms. */
  readonly lastTickAt?: number;
  /** Times that a replay began anew. */
  readonly loops?: number;
  /** Lines of a recording that could not be read. */
  readonly skippedLines?: number;
  /** What is wrong, in this server's own words, never the upstream's; beside `running`: what is missing. */
  readonly problem?: string;
  /** When a failing source tries again, epoch ms. */
  readonly retryAt?: number;
  /** Links that a streaming source has dialled, or requests of a polling one. */
  readonly connects?: number;
  /** Trades that a feed jumped over. */
  readonly missed?: number;
  /** Prices that came and were older than what was known. */
  readonly outdated?: number;
  /** Frames or entries that could not be read. */
  readonly invalid?: number;
  /** Ticks that the server refused to publish. */
  readonly refused?: number;
}

/** A source of prices. */
export interface PriceSource {
  readonly name: string;
  /** Resolves once the instruments are known. Rejects when it cannot start at all, with what to do about it. */
  start(sink: PriceSink): Promise<void>;
  /** Idempotent; no tick comes after it resolves. */
  stop(): Promise<void>;
  status(): SourceStatus;
}
