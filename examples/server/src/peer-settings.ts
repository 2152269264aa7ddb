/** The keys of the environment that say who may connect, and how the server knows one peer from another. Pure. */
import { isIP } from 'node:net';
import * as z from 'zod';
import { flag, type ConfigKey } from './config-key.js';

/** Who may connect and how peers are told apart. */
export interface PeerSettings {
  /** Exact origins; absent: the server's own only. */
  readonly allowedOrigins?: readonly string[];
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
    fallback: 'its own',
    meaning: 'exact origins that browsers may connect from, comma-separated',
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

const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
  error: 'expected exact origins like https://prices.example, without a path or a slash at the end',
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
