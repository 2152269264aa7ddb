/** What single users have: their alerts and their portfolio, fed by everything that is published of a coin. */
import type { ChannelMessage } from '@tickwire/protocol';
import type { FastifyInstance } from 'fastify';
import { AlertBook } from '../alerts/alert-book.js';
import { createAlertWatch } from '../alerts/alert-watch.js';
import type { Catalog } from '../catalog.js';
import type { Clock, NextTurn } from '../clock.js';
import type { Limits } from '../limits.js';
import { Portfolios } from '../portfolio/portfolios.js';
import { addAlertRoutes } from '../routes/alerts.js';
import { addPortfolioRoutes } from '../routes/portfolio.js';
import { addPublishRoute } from '../routes/publish.js';
import { FairTurns } from './fair-turns.js';
import { PublishOnce } from './publish-once.js';

/** What they are made of. */
export interface UserStreamsOptions {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly limits: Limits;
  /** @default a later turn of the event loop */
  readonly nextTurn?: NextTurn;
  /** Tells all devices of a user; what it rejects with has been logged. */
  readonly tell: (userId: string, message: ChannelMessage) => Promise<void>;
}

/** The streams of users. */
export interface UserStreams {
  readonly alerts: AlertBook;
  readonly portfolios: Portfolios;
  /** Takes in what was published of a coin. */
  onCoinMessage(coinId: string, message: ChannelMessage): void;
  /** A coin's last price. */
  readonly priceOf: (coinId: string) => number | undefined;
  /** Adds the routes of alerts, portfolio and publishing. */
  addRoutes(app: FastifyInstance): void;
  /** Ends its timer. */
  stop(): void;
}

/** Makes the streams of users. */
export function createUserStreams({ catalog, clock, limits, nextTurn, tell }: UserStreamsOptions): UserStreams {
  const alerts = new AlertBook({ catalog, limits });
  const turns = new FairTurns({ steps: limits.sliceHoldings, ...(nextTurn === undefined ? {} : { nextTurn }) });
  const watch = createAlertWatch({ book: alerts, clock, turns, tell });
  const portfolios = new Portfolios({ clock, limits, turns, tell });
  const once = new PublishOnce(limits, () => clock.monotonic());
  return {
    alerts,
    portfolios,
    onCoinMessage(coinId, message) {
      portfolios.take(coinId, message);
      watch(coinId, message);
    },
    priceOf: (coinId) => portfolios.priceOf(coinId),
    addRoutes(app) {
      addAlertRoutes(app, alerts);
      addPortfolioRoutes(app, { portfolios, catalog, limits });
      addPublishRoute(app, { once, limits });
    },
    stop: () => portfolios.stop(),
  };
}
