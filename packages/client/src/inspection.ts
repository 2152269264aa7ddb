/** What `client.inspect()` says: a client as JSON for a bug report. No token, header, query or user of an address is in it. */
import type { Channel } from '@tickwire/protocol';
import type { Connection } from './connection.js';
import type { Session } from './core/session-state.js';
import { mergedOptions, readiness } from './core/subscriptions.js';
import { PriceStreamError } from './errors.js';
import { webSocketUrl, type Settings } from './options.js';
import type { PriceView } from './price-tick.js';
import type { ClientStats } from './statistics.js';
import { version } from './version.js';

/** One channel of a bug report. */
export interface InspectedSubscription {
  channel: Channel;
  /** Handles on it; none while it lingers. */
  handles: number;
  status: 'pending' | 'confirmed' | 'unconfirmed' | 'refused';
  minIntervalMs: number | null;
  filtered: boolean;
  /** How far its prices have come. */
  seq: number | null;
  freshness: string | null;
}

/** A client as plain JSON; what is not known is `null`. Fields may be added. */
export interface Inspection {
  version: string;
  /** ISO 8601. */
  takenAt: string;
  connection: Record<string, unknown>;
  dialect: string;
  subscriptions: InspectedSubscription[];
  stats: ClientStats;
  options: Record<string, unknown>;
  fallback: { polling: boolean; failedPolls: number; trouble: string | null } | null;
  /** The last 50 steps of the connection, oldest first. */
  log: string[];
}

/** What an inspection looks at. */
interface Inspected {
  readonly settings: Settings;
  readonly credentials: string;
  readonly session: Session;
  readonly connection: Connection;
  readonly prices: PriceView;
  readonly stats: ClientStats;
  readonly fallback: Inspection['fallback'];
}

function withoutSecrets(address: string): string {
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`;
}

function plainError(error: unknown): unknown {
  if (!(error instanceof PriceStreamError)) return error;
  const { code, message, retryable, closeCode = null } = error;
  return { code, message, retryable, closeCode };
}

function subscriptionsOf({ session, prices }: Inspected): InspectedSubscription[] {
  return [...session.wanted].map(([channel, { holders }]) => {
    const standing = readiness(session, channel);
    const { minIntervalMs = null, filter } = mergedOptions(holders);
    const tick = prices.get(channel);
    const status = standing.state === 'ready' ? (standing.confirmed ? 'confirmed' : 'unconfirmed') : standing.state;
    return {
      channel,
      handles: holders.size,
      status,
      minIntervalMs,
      filtered: filter !== undefined,
      seq: tick?.seq ?? null,
      freshness: tick?.freshness ?? null,
    };
  });
}

function optionsOf({ settings, credentials }: Inspected): Record<string, unknown> {
  const { givenUrl: url, policy, staleAfterMs, fallback, protocols, headers, WebSocket } = settings;
  const { maxAttempts } = policy.reconnect;
  return {
    url: typeof url === 'function' ? 'given by a function' : withoutSecrets(webSocketUrl(url)),
    ...policy,
    reconnect: { ...policy.reconnect, maxAttempts: Number.isFinite(maxAttempts) ? maxAttempts : null },
    staleAfterMs,
    fallback: fallback === undefined ? null : { ...fallback, url: withoutSecrets(fallback.url) },
    credentials,
    // Some servers take a token as one of these.
    protocols: protocols?.length ?? 0,
    headers: headers !== undefined,
    ownWebSocket: WebSocket !== undefined,
  };
}

/** Writes a client down. */
export function inspect(client: Inspected): Inspection {
  const { settings, session, connection, stats, fallback } = client;
  return {
    version,
    takenAt: new Date(settings.clock.now()).toISOString(),
    connection: Object.fromEntries(Object.entries(connection).map(([key, value]) => [key, plainError(value)])),
    dialect: session.link?.dialect ?? session.remembered ?? 'undecided',
    subscriptions: subscriptionsOf(client),
    stats,
    options: optionsOf(client),
    fallback,
    log: [...settings.logger.lines],
  };
}
