/** What `client.inspect()` says: a client as JSON for a bug report. No token, header, query or user of an address is in it. */
import type { Channel } from '@tickwire/protocol';
import type { Core } from './kernel/core.js';
import { PriceStreamError } from './kernel/errors.js';
import { webSocketUrl } from './kernel/options.js';
import type { ClientStats } from './kernel/statistics.js';
import type { ClientSettings } from './options.js';
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
  readonly core: Core;
  readonly settings: ClientSettings;
  readonly credentials: string;
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

function subscriptionsOf({ core }: Inspected): InspectedSubscription[] {
  const { link } = core;
  return [...core.channels].map((channel) => {
    const standing = core.waits.standing(channel);
    const { minIntervalMs = null, filter } = core.channels.desired(channel) ?? {};
    const tick = core.prices.view.get(channel);
    const isConfirmed = link?.asked(String(link.carry(channel)))?.status === 'confirmed';
    const stands = isConfirmed ? 'confirmed' : 'unconfirmed';
    const status = standing === undefined ? 'pending' : typeof standing === 'boolean' ? stands : 'refused';
    return {
      channel: channel as Channel,
      handles: core.channels.handles(channel),
      status,
      minIntervalMs,
      filtered: filter !== undefined,
      seq: tick?.seq ?? null,
      freshness: tick?.freshness ?? null,
    };
  });
}

function optionsOf({ core, settings, credentials }: Inspected): Record<string, unknown> {
  const { url, reconnect, heartbeat, connectTimeoutMs, lingerMs, staleAfterMs, protocols, headers, WebSocket } =
    core.settings;
  const { dialect, negotiateMs, requestTimeoutMs, fallback } = settings;
  const { maxAttempts } = reconnect;
  return {
    url: typeof url === 'function' ? 'given by a function' : withoutSecrets(webSocketUrl(url)),
    dialect,
    reconnect: { ...reconnect, maxAttempts: Number.isFinite(maxAttempts) ? maxAttempts : null },
    ...{ heartbeat, connectTimeoutMs, negotiateMs, lingerMs, requestTimeoutMs },
    clientName: `@tickwire/client/${version}`,
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
  const { core, stats, fallback } = client;
  return {
    version,
    takenAt: new Date(core.settings.clock.now()).toISOString(),
    connection: Object.fromEntries(Object.entries(core.shown).map(([key, value]) => [key, plainError(value)])),
    dialect: core.link?.dialect.name ?? core.spoke,
    subscriptions: subscriptionsOf(client),
    stats,
    options: optionsOf(client),
    fallback,
    log: [...core.log],
  };
}
