/** What is wrong with a Redis that a server was told to use, in words that say what to do. No password is ever in them. */
import type { RedisLink } from './redis-link.js';

/** A Redis that the engine cannot stand on. */
export class UnusableRedisError extends Error {
  override readonly name = 'UnusableRedisError';
}

/** Streams came with 5.0, and the library speaks RESP3, which came with 6.0; 6.2 is the oldest that is tested. */
const oldest = [6, 2] as const;

/** Rejects with `UnusableRedisError` unless the server is new enough and takes what the engine writes. */
export async function checkServer(
  link: Pick<RedisLink, 'serverInfo'>,
  write: (channel: string) => Promise<unknown>,
): Promise<void> {
  const info = await link.serverInfo();
  const [, version = '', major = '0', minor = '0'] = /redis_version:((\d+)\.(\d+)[\w.]*)/.exec(info) ?? [];
  const isOld = Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1]);
  if (isOld)
    throw new UnusableRedisError(`this is Redis ${version || 'of an unknown version'}; 6.2 or newer is needed`);
  await write('control:start');
}

const byCode: ReadonlyMap<string, string> = new Map([
  [
    'ECONNREFUSED',
    'nothing listens there; start Redis, correct the address, or leave REDIS_URL out to keep all in memory',
  ],
  ['ENOTFOUND', 'there is no host of this name; correct it, or leave REDIS_URL out to keep all in memory'],
  ['EAI_AGAIN', 'the name of the host cannot be looked up now; try again, or write its address'],
  ['EHOSTUNREACH', 'no way leads to this host; correct the address'],
  ['ENETUNREACH', 'no way leads to this network; correct the address'],
  ['ETIMEDOUT', 'the host does not answer; correct the address, or let this machine through its firewall'],
  ['ECONNRESET', 'the connection was cut; a port for TLS needs rediss://'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'this port does not speak TLS; use redis://, or the port for TLS'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'this port does not speak TLS; use redis://, or the port for TLS'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed; name it in NODE_EXTRA_CA_CERTS'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is of an unknown authority; name that one in NODE_EXTRA_CA_CERTS'],
  [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'its certificate is of an unknown authority; name that one in NODE_EXTRA_CA_CERTS',
  ],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name; write that name in REDIS_URL'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired; renew it'],
]);

/** By what the server's own words begin with. */
const byText: readonly (readonly [RegExp, string])[] = [
  [/^NOAUTH|^ERR AUTH/, 'it needs a password: redis://:password@host, or redis://user:password@host'],
  [/^WRONGPASS|^ERR invalid password/, 'it refuses this user or password; percent-encode what is no letter or digit'],
  [
    /^NOPERM/,
    'this user may not do what is needed: all commands on the keys and channels below REDIS_PREFIX, and INFO',
  ],
  [/^READONLY/, 'this is a replica, which takes no writes; name the primary'],
  [/^MISCONF/, 'it cannot save to its disk and so takes no writes; make room there, or see its log'],
  [/^OOM/, 'its memory is full; raise maxmemory'],
  [
    /^MOVED|^CLUSTERDOWN|^ERR SELECT is not allowed in cluster/,
    'this is a cluster; begin the address with redis+cluster://',
  ],
  [/cluster support disabled/i, 'this is no cluster; begin the address with redis://'],
  [/^LOADING/, 'it still reads its data; try again when it is done'],
  [/unknown command [\x60'"]?HELLO/i, 'this Redis is too old; 6.2 or newer is needed'],
  [/DB index is out of range|invalid DB index/i, 'it has no database of this number'],
  [
    /Connection timeout/i,
    'the host does not answer; correct the address, let this machine through its firewall, or write redis:// where it speaks no TLS',
  ],
  [/Socket closed unexpectedly/i, 'the connection was cut; a port for TLS needs rediss://'],
];

function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let next = error; next instanceof Error && causes.length < 5; next = next.cause) {
    causes.push(next);
    if (next instanceof AggregateError)
      causes.push(...next.errors.filter((inner): inner is Error => inner instanceof Error));
  }
  return causes;
}

/** Why the server cannot start with this Redis. */
export function explainRedis(error: unknown): string {
  for (const cause of causesOf(error)) {
    if (cause instanceof UnusableRedisError) return cause.message;
    const code = 'code' in cause && typeof cause.code === 'string' ? byCode.get(cause.code) : undefined;
    const text = code ?? byText.find(([pattern]) => pattern.test(cause.message))?.[1];
    if (text !== undefined) return text;
  }
  return 'it cannot be used; see whether redis-cli can reach it with the same address';
}
