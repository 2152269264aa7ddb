/** Puts the rooms together to one Fastify instance. All state is in memory and dies with it. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ErrorCode } from '@tickwire/protocol';
import fastify, { type FastifyInstance } from 'fastify';
import { createAuthenticator } from './auth/authenticator.js';
import { secretOf } from './auth/own-secret.js';
import { UserConnections } from './auth/user-connections.js';
import { createCatalog } from './catalog.js';
import { systemClock, type Clock } from './clock.js';
import { ConfigurationError, type ServerConfig } from './config.js';
import { countOne, createCounters } from './counters.js';
import { createDemo } from './demo/demo.js';
import type { Engine } from './engine/engine.js';
import { chooseEngine } from './engine/choose-engine.js';
import { authenticationPlugin } from './plugins/authentication.js';
import { ConnectionRegistry } from './plugins/connection-registry.js';
import { addressKey } from './plugins/address.js';
import { createProcessMeter, LoadWatch, loadTexts, type LoadMeter } from './plugins/load-watch.js';
import { RefusalLog } from './plugins/refusal-log.js';
import { trackPeers } from './plugins/peers.js';
import { tokenInUrlPlugin } from './plugins/token-in-url.js';
import { createUpgradeGuard } from './plugins/upgrade-guard.js';
import { UpgradeLimits } from './plugins/upgrade-limits.js';
import { webSocketPlugin } from './plugins/websocket.js';
import { refuseEncodedBodies, refuseInOneShape } from './routes/answers.js';
import { addHttpRoutes } from './routes/http.js';
import { createSocketAuthentication } from './routes/authentication.js';
import { addPages } from './routes/pages.js';
import { addRevocationRoute } from './routes/revocation.js';
import { addOperations, countRefusedUpgrades } from './routes/operations.js';
import { createRequests } from './routes/requests.js';
import { createSocketHandler } from './routes/websocket.js';
import { Audience } from './services/audience.js';
import { Delivery } from './services/delivery.js';
import { errorFrame, goingAwayFrame } from './services/frames.js';
import { Membership } from './services/membership.js';
import { MetalsDigest } from './services/metals-digest.js';
import { createLastPricesFile } from './services/last-prices-file.js';
import { createMetrics } from './services/metrics.js';
import { createPriceFeed } from './services/price-feed.js';
import { createRevocationChannel } from './services/revocation-channel.js';
import { createUserStreams } from './services/user-streams.js';
import { createRealtime } from './services/realtime.js';
import { shareSources } from './services/shared-sources.js';
import { RepeatedLines } from './repeated-lines.js';
import { serverOptions } from './server-options.js';
import { settingsReport } from './settings-report.js';
import { chooseSources } from './sources/choose-sources.js';
import { startDemoEvents } from './sources/demo-events.js';
import type { PriceSource } from './sources/price-source.js';

/** What a test or an embedding program may bring along. */
export interface ServerDependencies {
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** In [0, 1). @default Math.random */
  readonly random?: () => number;
  /** @default what the configuration asks for: in memory, or on Redis */
  readonly engine?: Engine;
  /** @default what the configuration asks for */
  readonly sources?: readonly PriceSource[];
  /** How the process is, for shedding load. @default the process's own */
  readonly meter?: LoadMeter;
  /** Where log lines go. @default stdout */
  readonly logTo?: { write(line: string): void };
}

/** Upgraded like `/ws`: older metals clients dial without a path. */
const socketPaths: readonly string[] = ['/ws', '/'];

const createId = (prefix: string): string => prefix + randomBytes(9).toString('base64url');

/**
 * Builds the server; `listen` starts its price sources, `close` ends everything within seconds.
 *
 * @throws ConfigurationError when `pagesDir` does not exist; a recording that cannot be played rejects `listen` with it
 */
export function buildServer(config: ServerConfig, dependencies: ServerDependencies = {}): FastifyInstance {
  const { pagesDir, limits } = config;
  if (pagesDir !== undefined && !existsSync(path.join(pagesDir, 'index.html'))) {
    throw new ConfigurationError([`PAGES_DIR: there is no index.html in ${pagesDir}`]);
  }
  const clock = dependencies.clock ?? systemClock;
  const random = dependencies.random ?? Math.random;
  const repeated = new RepeatedLines({ clock, everyMs: limits.refusalLogMs });
  const app = fastify(serverOptions(config, repeated, dependencies.logTo));
  const onError = (what: string) => (error: unknown) => app.log.error({ err: error }, what);

  const engine =
    dependencies.engine ??
    chooseEngine({
      settings: config.redis,
      limits,
      clock,
      random,
      createId: () => createId(''),
      onError: (what, err) => app.log.error({ err }, what),
    });
  const catalog = createCatalog();
  const audience = new Audience(engine);
  const digest = new MetalsDigest();
  const counters = createCounters();
  const delivery = new Delivery({ audience, digest, clock, limits, counters });
  const membership = new Membership({ engine, catalog, audience, delivery, digest, clock, limits });
  const { revokeUser, start: hearRevocations } = createRevocationChannel(engine, (id) => authenticator.canRevoke(id));
  const onRefused = onError('a broadcast was refused');
  const userStreams = createUserStreams({
    catalog,
    clock,
    limits,
    tell: (userId, message) => realtime.broadcastToUser(userId, message),
  });
  const onCoinMessage = userStreams.onCoinMessage.bind(userStreams);
  const realtime = createRealtime({
    engine,
    catalog,
    limits,
    now: () => clock.now(),
    revokeUser,
    onRefused,
    // Where nodes share the engine, each hears of its coins through that.
    ...(engine.rights === undefined ? { onCoinMessage } : {}),
  });
  const ownSources = dependencies.sources ?? chooseSources(config, clock, random);
  const sources = shareSources(ownSources, { engine, clock, onCoinMessage });
  // What nodes share outlives each of them.
  const file = engine.rights === undefined ? config.priceCacheFile : undefined;
  const onProblem = (problem: string): void => app.log.warn(problem);
  const auth = { ...config.auth, ...secretOf(config) };
  const origins = {
    required: config.requireOrigin,
    servedHosts: config.servedHosts,
    isLoopbackAllowed: config.environment !== 'production',
    ...(config.allowedOrigins === undefined ? {} : { allowed: config.allowedOrigins }),
  };
  const { demo: settings, maxConnections } = config;
  const { portfolios } = userStreams;
  const demo = createDemo({ settings, auth, catalog, clock, random, limits, maxConnections, origins, portfolios });
  const feed = createPriceFeed({
    sources,
    catalog,
    realtime,
    clock,
    ...(demo.candles === undefined ? {} : { candles: demo.candles }),
    ...(file === undefined ? {} : { lastPrices: createLastPricesFile({ file, clock, onProblem }) }),
  });
  const authenticator = createAuthenticator({ settings: auth, limits, clock });
  const users = new UserConnections(limits);
  const authentication = createSocketAuthentication({ authenticator, users, membership, clock, limits, counters });
  const requestOptions = {
    alerts: userStreams.alerts,
    catalog,
    engine,
    membership,
    authentication,
    clock,
    limits,
    counters,
  };
  const requests = createRequests(requestOptions);
  const registry = new ConnectionRegistry({
    limits,
    maxConnections: config.maxConnections,
    clock,
    random,
    createId: () => createId('c_'),
    onTaskError: onError('a task of a connection failed'),
    counters,
    slowFrame: () => errorFrame(ErrorCode.SLOW_CONSUMER, {}, clock.now()),
  });

  const load = new LoadWatch({
    registry,
    meter: dependencies.meter ?? createProcessMeter(),
    clock,
    limits,
    onChange: (state, reading) => app.log.warn({ load: state, ...reading }, loadTexts[state]),
  });
  const refusals = new RefusalLog({
    clock,
    everyMs: limits.refusalLogMs,
    write: (counts, origins) => {
      const hint = 'a page may connect when ALLOWED_ORIGINS lists its origin: add it if the page is yours';
      app.log.warn({ refusals: counts, ...(origins.length === 0 ? {} : { origins, hint }) }, 'upgrades were refused');
    },
  });
  const upgrades = new UpgradeLimits({ limits, clock, unlimited: new Set(config.unlimitedAddresses.map(addressKey)) });
  const metrics = createMetrics({
    counters,
    connections: () => ({ byDialect: registry.countByDialect(), total: registry.total }),
    unsentBytes: () => registry.unsentBytes(),
    subscriptions: () => audience.count(),
    held: () => delivery.heldCount,
    sources: () => feed.status(),
    engine: () => engine.status(),
  });

  app.decorate('realtime', realtime);
  app.decorate('delivery', delivery);
  countRefusedUpgrades(app, counters);
  void app.register(authenticationPlugin, { authenticator });
  void app.register(webSocketPlugin, {
    registry,
    limits,
    clock,
    upgrades,
    guard: createUpgradeGuard({
      registry,
      upgrades,
      authenticator,
      paths: socketPaths,
      origins,
      isOverloaded: () => load.isOverloaded || engine.status().problem !== undefined,
      onRefused: (reason, origin) => {
        countOne(counters.refusalReasons, reason);
        refusals.add(reason, origin);
      },
      isProxyTrusted: config.trustedProxies !== 0,
      onUnbelievedProxy: () =>
        app.log.warn('X-Forwarded-For is not believed: behind a proxy all clients share one limit; see TRUST_PROXY'),
    }),
    compression: config.compression,
    between: demo.between.bind(demo),
  });
  void app.register(tokenInUrlPlugin);
  demo.addTo(app);
  refuseEncodedBodies(app);
  refuseInOneShape(app);
  // Fastify's own answer, and its log line, repeat the path that was asked for.
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'There is nothing here' }));
  if (pagesDir !== undefined) addPages(app, pagesDir);
  void app.register((routes, _options, done) => {
    addRevocationRoute(routes);
    userStreams.addRoutes(routes);
    const isAuthRequired = auth.isRequired;
    addHttpRoutes(routes, { catalog, audience, feed, clock, startedAt: clock.monotonic(), origins, isAuthRequired });
    addOperations(routes, { metrics, feed, engine });
    const wsHandler = createSocketHandler(routes, { ...requestOptions, requests, isAuthRequired });
    routes.route({
      method: 'GET',
      url: '/ws',
      handler: (_request, reply) =>
        reply.code(426).header('Upgrade', 'websocket').send({ error: 'This is a WebSocket' }),
      wsHandler,
    });
    routes.route({
      method: 'GET',
      url: '/',
      handler: (_request, reply) =>
        pagesDir === undefined
          ? reply.send({ websocket: '/ws', prices: '/api/prices', status: '/api/status', health: '/healthz' })
          : reply.sendFile('index.html'),
      wsHandler,
    });
    done();
  });

  let stopHearing = (): void => undefined;
  let stopEvents = (): void => undefined;
  const stopDelivering = engine.onMessage((message) => delivery.deliver(message));
  const stopLosing = engine.onLoss((loss) => delivery.lose(loss));
  app.addHook('onReady', async () => {
    app.log.info({ settings: settingsReport(config) }, 'starting');
    for (const warning of config.warnings) app.log.warn(warning);
    if (auth.secret !== config.auth.secret) {
      app.log.info('JWT_SECRET is not set: a random one counts until the server stops');
    }
    await engine.start();
    stopHearing = await hearRevocations((userId) => authentication.revoke(userId));
    load.start();
    await feed.start();
    stopEvents = startDemoEvents(config, { clock, random, catalog, realtime, priceOf: userStreams.priceOf });
  });
  const endPeers = trackPeers(app.server);
  app.addHook('preClose', async () => {
    // Prices flow until the last connection is closed.
    await registry.drain((connection, hints) => {
      if (connection.dialect === 'tickwire') connection.send(goingAwayFrame({ reason: 'shutdown', ...hints }));
    });
    stopEvents();
    await feed.stop();
    userStreams.stop();
    delivery.stop();
    endPeers();
  });
  app.addHook('onClose', async () => {
    stopDelivering();
    stopLosing();
    stopHearing();
    load.stop();
    refusals.flush();
    repeated.stop();
    await engine.close();
  });
  return app;
}
