/** How Fastify is set up: what its log may carry, what it believes, and how long it waits. */
import type { Server } from 'node:http';
import { LogController, type FastifyHttpOptions, type FastifyRequest } from 'fastify';
import pino from 'pino';
import { longestTimerMs } from './clock.js';
import type { ServerConfig } from './config.js';
import { trustOf } from './peer-settings.js';
import { withoutQuery } from './plugins/token-in-url.js';
import type { RepeatedLines } from './repeated-lines.js';
import { refuseAddress } from './routes/answers.js';

const connectionsCheckingMs = 1_000;
const pluginLoadMs = 10_000;

/** The options of the instance. */
export function serverOptions(
  config: ServerConfig,
  repeated: RepeatedLines,
  logTo: { write(line: string): void } | undefined,
): FastifyHttpOptions<Server> {
  const { limits } = config;
  return {
    logger: {
      hooks: {
        logMethod(args, method, level) {
          repeated.log(this, args, method, level);
        },
      },
      level: config.logLevel,
      serializers: { req: ({ method, url }: FastifyRequest) => ({ method, url: withoutQuery(url) }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      // Nothing here logs these; a plugin that is added later might.
      redact: ['token', 'apiKey', 'authorization', '*.token', '*.apiKey', '*.authorization', '*.headers'],
      ...(logTo === undefined ? {} : { stream: logTo }),
    },
    // A line a request would carry URLs, and with them whatever a client put there.
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: refuseAddress,
    trustProxy: trustOf(config.trustedProxies),
    // A client that connects and says nothing must not hold up the end.
    forceCloseConnections: true,
    // A stopping server answers by itself: to upgrades with when to come again, to `/readyz` with 503, to others as ever.
    return503OnClosing: false,
    // The time that Fastify gives its plugins to load bounds its `preClose` hooks too, and these wait for the last connection.
    pluginTimeout: Math.min(longestTimerMs, pluginLoadMs + limits.drainSpreadMs + limits.drainMs),
    requestTimeout: limits.requestTimeoutMs,
    http: { headersTimeout: limits.headersTimeoutMs, connectionsCheckingInterval: connectionsCheckingMs },
  };
}
