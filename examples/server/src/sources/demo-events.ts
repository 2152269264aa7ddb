/** Starts the generator of made-up events, where the configuration asks for it. */
import type { Catalog } from '../catalog.js';
import type { Clock } from '../clock.js';
import type { ServerConfig } from '../config.js';
import type { Realtime } from '../services/realtime.js';
import { startEvents } from './event-generator.js';

/** What events are made with. */
export interface DemoEventsOptions {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly catalog: Catalog;
  readonly realtime: Realtime;
  /** A coin's last price. */
  readonly priceOf: (coinId: string) => number | undefined;
}

/** Starts them; returns the undo. */
export function startDemoEvents(
  { eventsIntervalMs: intervalMs, priceSeed }: Pick<ServerConfig, 'eventsIntervalMs' | 'priceSeed'>,
  { clock, random, catalog, realtime, priceOf }: DemoEventsOptions,
): () => void {
  if (intervalMs === 0) return () => undefined;
  return startEvents({
    clock,
    seed: priceSeed ?? Math.floor(random() * 4_294_967_296),
    intervalMs,
    coins: () => catalog.coins,
    priceOf,
    tell: (coinId, message) => realtime.broadcastToCoin(coinId, message),
  });
}
