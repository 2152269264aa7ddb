import { afterEach, describe, expect, it } from 'vitest';
import { checkServer, explainRedis, UnusableRedisError } from '../../src/engine/redis-checks.js';
import { startTestServer } from '../test-server.js';
import { hasRedis, startRedis, type RedisProcess } from './redis-process.js';

const withCode = (code: string) => Object.assign(new Error('words of the machine'), { code });

describe('a Redis that cannot be used', () => {
  it.each([
    [withCode('ECONNREFUSED'), /nothing listens there; start Redis/],
    [new AggregateError([withCode('ECONNREFUSED')]), /nothing listens there/],
    [withCode('ENOTFOUND'), /no host of this name/],
    [withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), /name it in NODE_EXTRA_CA_CERTS/],
    [new Error('outer', { cause: new Error('OOM command not allowed') }), /raise maxmemory/],
    [new Error("ERR unknown command 'HELLO'"), /too old; 6\.2 or newer/],
    [new Error('MOVED 12539 127.0.0.1:7001'), /begin the address with redis\+cluster:/],
    [new Error('Connection timeout'), /does not answer/],
    [new UnusableRedisError('said already'), /^said already$/],
    ['no error at all', /see whether redis-cli can reach it/],
  ])('is explained with what to do: %s', (error, words) => {
    expect(explainRedis(error)).toMatch(words);
  });

  it.each([
    ['redis_version:6.0.16', 'this is Redis 6.0.16; 6.2 or newer is needed'],
    ['redis_version:5.0.3', 'this is Redis 5.0.3; 6.2 or newer is needed'],
    ['', 'this is Redis of an unknown version; 6.2 or newer is needed'],
  ])('is too old when it says "%s"', async (info, words) => {
    const link = { serverInfo: () => Promise.resolve(`# Server\r\n${info}\r\n`) };
    await expect(checkServer(link, () => Promise.resolve())).rejects.toThrow(words);
  });

  it.each(['6.2.0', '7.0.15', '10.1'])('is new enough as %s', async (version) => {
    const link = { serverInfo: () => Promise.resolve(`redis_version:${version}`) };
    await expect(checkServer(link, () => Promise.resolve())).resolves.toBeUndefined();
  });
});

describe.skipIf(!hasRedis)('a server that is told of a Redis', () => {
  let redis: RedisProcess | undefined;
  afterEach(() => redis?.stop());

  async function start(address: (port: number) => string, ...settings: string[]): Promise<string> {
    redis = await startRedis(...settings);
    const started = startTestServer({}, { REDIS_URL: address(redis.port) });
    return started.then(
      async (server) => {
        await server.close();
        return 'started';
      },
      (error: unknown) => String(error),
    );
  }

  it.each([
    [
      'needs a password',
      (port: number) => `redis://127.0.0.1:${port}`,
      ['--requirepass', 'geheim'],
      /it needs a password: redis:\/\/:password@host/,
    ],
    [
      'refuses the password',
      (port: number) => `redis://:falsch@127.0.0.1:${port}`,
      ['--requirepass', 'geheim'],
      /it refuses this user or password/,
    ],
    [
      'is a replica',
      (port: number) => `redis://127.0.0.1:${port}`,
      ['--replicaof', '127.0.0.1 1'],
      /this is a replica, which takes no writes/,
    ],
    [
      'is a cluster',
      (port: number) => `redis://127.0.0.1:${port}`,
      ['--cluster-enabled', 'yes'],
      /this is a cluster; begin the address with redis\+cluster:/,
    ],
    [
      'is no cluster',
      (port: number) => `redis+cluster://127.0.0.1:${port}`,
      [],
      /this is no cluster; begin the address with redis:/,
    ],
    [
      'speaks no TLS',
      (port: number) => `rediss://127.0.0.1:${port}`,
      [],
      /the host does not answer; .* write redis:.* where it speaks no TLS/,
    ],
    ['has few databases', (port: number) => `redis://127.0.0.1:${port}/99`, [], /no database of this number/],
  ])('does not start with one that %s, and says what to do', async (_case, address, settings, words) => {
    const said = await start(address, ...settings);
    expect(said).toMatch(/^ConfigurationError: The configuration has a problem:\n {2}REDIS_URL: /);
    expect(said).toMatch(words);
    expect(said).not.toMatch(/falsch|geheim|\n {4}at /);
  });

  it('does not start with one that is not there', async () => {
    redis = await startRedis();
    await redis.kill();
    const started = startTestServer({}, { REDIS_URL: redis.url });
    await expect(started).rejects.toThrow('REDIS_URL: nothing listens there; start Redis, correct the address');
  });

  it('starts with the right password, and with a database', async () => {
    expect(await start((port) => `redis://:geheim@127.0.0.1:${port}/3`, '--requirepass', 'geheim')).toBe('started');
  });
});
