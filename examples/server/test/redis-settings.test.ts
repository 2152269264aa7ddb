import { describe, expect, it } from 'vitest';
import { ConfigurationError, loadConfig } from '../src/config.js';
import { redisPlace } from '../src/redis-settings.js';
import { settingsReport } from '../src/settings-report.js';

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('REDIS_URL', () => {
  it.each([
    ['redis://localhost', 'single', ['redis://localhost']],
    ['redis://:s%40fe@cache:6380/2', 'single', ['redis://:s%40fe@cache:6380/2']],
    ['rediss://me:pw@[::1]:6380', 'single', ['rediss://me:pw@[::1]:6380']],
    ['redis+cluster://:pw@a:7000,b:7001', 'cluster', ['redis://:pw@a:7000', 'redis://:pw@b:7001']],
    ['rediss+cluster://a', 'cluster', ['rediss://a']],
  ])('%s is one or more addresses', (text, mode, urls) => {
    expect(loadConfig({ REDIS_URL: text, REDIS_PREFIX: 'shop' }).redis).toMatchObject({ mode, urls, prefix: 'shop' });
  });

  it('is none, and everything is in memory, unless it is set', () => {
    expect(loadConfig({}).redis).toBeUndefined();
  });

  it.each([
    ['localhost:6379', /^REDIS_URL: expected redis:\/\/host:6379/],
    ['http://localhost', /^REDIS_URL: expected redis:/],
    ['redis://', /^REDIS_URL: expected redis:/],
    ['redis://:p#ss@host', /^REDIS_URL: expected redis:.*percent-encoded/],
    ['redis://host:port', /^REDIS_URL: expected redis:/],
    ['redis://host/0?x=y', /^REDIS_URL: expected redis:/],
    ['redis://a,b', /^REDIS_URL: several addresses are a cluster: redis\+cluster:/],
    ['redis://host/db', /^REDIS_URL: what follows the host is the number of a database/],
    ['redis+cluster://a/1', /^REDIS_URL: a cluster has one database/],
    ['redis+sentinel://a/main', /^REDIS_URL: expected redis:/],
  ])('%s is refused with what to write instead', (text, problem) => {
    expect(problemsOf({ REDIS_URL: text })).toEqual([expect.stringMatching(problem)]);
  });

  it.each(['a b', '{x}', '', 'x'.repeat(65)])('takes no prefix like "%s"', (prefix) => {
    const problems = problemsOf({ REDIS_PREFIX: prefix });
    expect(problems).toEqual(prefix === '' ? [] : [expect.stringMatching(/^REDIS_PREFIX: expected 1 to 64/)]);
  });

  it('is told to the log without user and password, and a refused one not at all', () => {
    const config = loadConfig({ REDIS_URL: 'redis+cluster://me:geheim@a:7000,b' });
    expect(config.redis && redisPlace(config.redis)).toBe('cluster a:7000,b');
    expect(JSON.stringify(settingsReport(config))).not.toMatch(/geheim|me:/);
    expect(problemsOf({ REDIS_URL: 'redis://me:geheim@a/x' }).join()).not.toMatch(/geheim/);
  });
});
