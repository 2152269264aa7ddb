/** Puts the parts of the demo together that the configuration asks for; of the rest nothing is there. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import type { AuthSettings } from '../auth/auth-settings.js';
import type { Catalog } from '../catalog.js';
import type { Clock } from '../clock.js';
import type { Limits } from '../limits.js';
import type { SocketLike } from '../plugins/connection.js';
import type { OriginPolicy } from '../plugins/origin.js';
import type { Portfolios } from '../portfolio/portfolios.js';
import { addCandleRoute } from '../routes/candles.js';
import { CandleBook, candleIntervals } from '../services/candles.js';
import { DemoAccounts } from './accounts.js';
import { demoPlugin } from './demo-plugin.js';
import type { DemoSettings } from './demo-settings.js';
import { PageLinks, pageOf } from './page-links.js';

/** What the demo is made of. */
export interface DemoParts {
  readonly settings: DemoSettings;
  readonly auth: AuthSettings;
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly limits: Pick<Limits, 'maxRememberedKeys'>;
  readonly maxConnections: number;
  readonly origins: OriginPolicy;
  readonly portfolios: Portfolios;
}

/** The demo of one server. */
export interface Demo {
  /** Takes prices in, where candles are kept. */
  readonly candles?: CandleBook;
  /** What stands between a connection and its socket; `undefined`: nothing. */
  between(socket: WebSocket, request: FastifyRequest): SocketLike | undefined;
  /** Adds what may be asked for over HTTP, behind the plugin that owns upgrades. */
  addTo(app: FastifyInstance): void;
}

/** Channels with candles: the most instruments that a simulation may have, and its metals. */
const maxChannels = 2_100;

/** Makes the demo. */
export function createDemo(parts: DemoParts): Demo {
  const { settings, auth, catalog, clock, random, limits, maxConnections, origins, portfolios } = parts;
  const { hasAccounts, hasFaults, hasHistory } = settings;
  const links = hasFaults ? new PageLinks({ clock, random, maxPages: maxConnections }) : undefined;
  const accounts = hasAccounts ? new DemoAccounts({ auth, clock, catalog, portfolios }) : undefined;
  const candles = hasHistory ? new CandleBook({ maxChannels }) : undefined;
  const startedAt = clock.now();
  return {
    ...(candles === undefined ? {} : { candles }),
    between(socket, request) {
      const page = links === undefined ? undefined : pageOf(request.url);
      return page === undefined
        ? undefined
        : links?.between(page, socket, (listener) => socket.once('close', listener));
    },
    addTo(app) {
      const intervals = hasHistory ? candleIntervals : [];
      if (hasAccounts || hasFaults || hasHistory) {
        const { maxRememberedKeys } = limits;
        void app.register(demoPlugin, { accounts, links, intervals, clock, origins, maxRememberedKeys });
      }
      if (candles === undefined) return;
      void app.register((routes, _options, done) => {
        addCandleRoute(routes, { book: candles, catalog, clock, startedAt, isAuthRequired: auth.isRequired });
        done();
      });
    },
  };
}
