/** The keys of the environment that say who may connect, and how the server knows one peer from another. Pure. */
import { isIP } from 'node:net';
import * as z from 'zod';
import { flag, type ConfigKey } from './config-key.js';

/** Who may connect and how peers are told apart. */
export interface PeerSettings {
  /** Exact origins; absent: the server's own only, outside of production those of this machine as well. */
  readonly allowedOrigins?: readonly string[];
  /** Names under which the server is reached, in small letters and without ports. */
  readonly servedHosts: readonly string[];
  readonly requireOrigin: boolean;
  /** How many proxies stand in front, or their addresses and networks; 0: none, and X-Forwarded-* is not believed. */
  readonly trustedProxies: number | string[];
  /** Addresses that are not counted as one client each. */
  readonly unlimitedAddresses: readonly string[];
}

/** The keys, as `--help` and the README list them. */
export const peerKeys: readonly ConfigKey[] = [
  {
    name: 'ALLOWED_ORIGINS',
    fallback: 'its own, outside of production those of localhost too',
    meaning: 'exact origins that browsers may connect from, comma-separated',
  },
  {
    name: 'SERVED_HOSTS',
    fallback: 'none',
    meaning: 'host names under which the server itself is reached, comma-separated: their pages are its own',
  },
  {
    name: 'REQUIRE_ORIGIN',
    fallback: 'false',
    meaning: 'true refuses sockets without an Origin header (Node clients)',
  },
  {
    name: 'TRUST_PROXY',
    fallback: 'false',
    meaning:
      'true behind one proxy, 2 behind two in a row, or their addresses: believes what they write in X-Forwarded-*',
  },
  {
    name: 'UNLIMITED_ADDRESSES',
    fallback: '127.0.0.1,::1, in production none',
    meaning: 'addresses that may have any number of connections, comma-separated, or none',
  },
];

/** What a browser would never send as its origin, and what to write instead. */
function originProblem(text: string): string | undefined {
  if (text.includes('*')) {
    return 'a pattern matches nobody: list each origin, like https://prices.example,https://www.prices.example';
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'ws:' || url?.protocol === 'wss:') {
    return 'an origin is the address of the page, not of the socket: it begins with https:// or http://';
  }
  const isExact = url?.origin === text && (url.protocol === 'https:' || url.protocol === 'http:');
  return isExact
    ? undefined
    : 'expected exact origins like https://prices.example, without a path or a slash at the end';
}

const origin = z.string().superRefine((text, context) => {
  const message = originProblem(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});
const hostName = z
  .string()
  .toLowerCase()
  .max(253)
  .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/, {
    error: 'expected host names like prices.example, comma-separated, without a scheme and a port',
  });
const listOf = (text: string): string[] => text.split(',').map((item) => item.trim());

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const most = isIP(address) === 6 ? 128 : 32;
  const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  return isIP(address) !== 0 && isPrefix && more.length === 0;
}

/** `undefined` for what cannot be read. */
function trustedProxiesOf(text: string): number | string[] | undefined {
  if (text === 'true' || text === 'false') return text === 'true' ? 1 : 0;
  if (/^(?:\d|10)$/.test(text)) return Number(text);
  const networks = listOf(text);
  return networks.every(isNetwork) ? networks : undefined;
}

/** The schema of these keys, to be spread into that of the whole environment. */
export const peerEnvironment = {
  ALLOWED_ORIGINS: z.string().transform(listOf).pipe(z.array(origin)).optional(),
  SERVED_HOSTS: z.string().transform(listOf).pipe(z.array(hostName)).optional(),
  REQUIRE_ORIGIN: flag.default(false),
  TRUST_PROXY: z
    .string()
    .transform((text, context) => {
      const proxies = trustedProxiesOf(text);
      if (proxies !== undefined) return proxies;
      const message =
        'expected true, false, the number of proxies in a row (at most 10), or their addresses and networks';
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .default(0),
  UNLIMITED_ADDRESSES: z
    .string()
    .transform((text) => (text === 'none' ? [] : listOf(text)))
    .pipe(z.array(z.string().refine((text) => isIP(text) !== 0, { error: 'expected IP addresses, comma-separated' })))
    .optional(),
};

type PeerValues = z.infer<z.ZodObject<typeof peerEnvironment>>;

const thisMachine: readonly string[] = ['127.0.0.1', '::1'];

/** The settings that the values of the environment stand for. */
export function peerSettingsOf(values: PeerValues, environment: string): PeerSettings {
  return {
    ...(values.ALLOWED_ORIGINS === undefined ? {} : { allowedOrigins: values.ALLOWED_ORIGINS }),
    servedHosts: values.SERVED_HOSTS ?? [],
    requireOrigin: values.REQUIRE_ORIGIN,
    trustedProxies: values.TRUST_PROXY,
    // In production what comes from this machine is a proxy, and whoever it brings: an exemption would be one for all.
    unlimitedAddresses: values.UNLIMITED_ADDRESSES ?? (environment === 'production' ? [] : thisMachine),
  };
}

/** What Fastify believes: as many hops as there are proxies. What stands further left was written by the client. */
export function trustOf(
  proxies: PeerSettings['trustedProxies'],
): string[] | false | ((address: string, hop: number) => boolean) {
  if (typeof proxies !== 'number') return proxies;
  return proxies > 0 && ((_address, hop) => hop < proxies);
}
