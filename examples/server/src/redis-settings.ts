/** The keys of the environment that are about Redis. Problems are told in words that print no password. Pure. */
import * as z from 'zod';
import type { ConfigKey } from './config-key.js';

/** How Redis is reached. */
export interface RedisSettings {
  readonly mode: 'single' | 'cluster';
  /** `redis[s]://[user:password@]host[:port][/db]`, one for each address. */
  readonly urls: readonly string[];
  /** What all keys begin with; nodes with the same prefix are one server. */
  readonly prefix: string;
}

/** The keys, as `--help` and the README list them. */
export const redisKeys: readonly ConfigKey[] = [
  {
    name: 'REDIS_URL',
    fallback: 'none: all in memory',
    meaning:
      'Redis that several nodes share: redis://user:password@host:6379, rediss:// with TLS; docs/scaling.md says more',
  },
  {
    name: 'REDIS_PREFIX',
    fallback: 'tickwire',
    meaning: 'what its keys begin with; nodes with the same one are one server',
  },
];

const shape = /^(rediss?)(\+cluster)?:\/\/(.+)$/;

function read(text: string): { mode: RedisSettings['mode']; urls: string[]; path: string } | undefined {
  const [, scheme = '', kind, rest = ''] = shape.exec(text) ?? [];
  const at = rest.lastIndexOf('@') + 1;
  const slash = rest.indexOf('/', at);
  const hosts = rest.slice(at, slash < 0 ? undefined : slash);
  const path = slash < 0 ? '' : rest.slice(slash + 1);
  const mode = kind === '+cluster' ? 'cluster' : 'single';
  const database = mode === 'single' && path !== '' ? `/${path}` : '';
  const urls = hosts.split(',').map((host) => `${scheme}://${rest.slice(0, at)}${host}${database}`);
  const isReadable = urls.every(
    (url) => URL.canParse(url) && new URL(url).hostname !== '' && new URL(url).search === '',
  );
  return scheme !== '' && isReadable ? { mode, urls, path } : undefined;
}

function problemOf(text: string): string | undefined {
  const address = read(text);
  if (address === undefined) {
    return 'expected redis://host:6379, with a user and password as redis://user:password@host; what is no letter or digit in them is percent-encoded';
  }
  const { mode, urls, path } = address;
  if (mode === 'single' && urls.length > 1)
    return 'several addresses are a cluster: redis+cluster://host:7000,host2:7000';
  if (mode === 'single' && !/^\d{0,4}$/.test(path))
    return 'what follows the host is the number of a database, as in redis://host:6379/0';
  if (mode === 'cluster' && path !== '') return 'a cluster has one database: nothing follows its addresses';
  return undefined;
}

/** The keys as the environment may have them. */
export const redisEnvironment = {
  REDIS_URL: z
    .string()
    .superRefine((text, context) => {
      const problem = problemOf(text);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .optional(),
  REDIS_PREFIX: z
    .string()
    .regex(/^[\w.-]{1,64}$/, { error: 'expected 1 to 64 letters, digits, dots, hyphens or underscores' })
    .default('tickwire'),
};

/** How Redis is reached; `undefined` when none is to be. */
export function redisSettingsOf(values: {
  readonly REDIS_URL?: string | undefined;
  readonly REDIS_PREFIX: string;
}): RedisSettings | undefined {
  const address = values.REDIS_URL === undefined ? undefined : read(values.REDIS_URL);
  if (address === undefined) return undefined;
  const { mode, urls } = address;
  return { mode, urls, prefix: values.REDIS_PREFIX };
}

/** Where Redis is, without user and password. */
export function redisPlace({ mode, urls }: RedisSettings): string {
  const hosts = urls.map((url) => new URL(url).host).join();
  return mode === 'single' ? hosts : `cluster ${hosts}`;
}
