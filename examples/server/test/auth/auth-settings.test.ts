import { describe, expect, it } from 'vitest';
import { ConfigurationError, loadConfig } from '../../src/config.js';

const hash = 'a'.repeat(64);
const secret = 'not-a-secret-but-long-enough-for-it';

function problemsOf(environment: Record<string, string>): string {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return '';
}

describe('the settings of authentication', () => {
  it('takes what is set', () => {
    const { auth } = loadConfig({
      JWT_SECRET: secret,
      JWT_ISSUER: 'https://id.example',
      JWT_AUDIENCE: 'prices',
      API_KEYS: `feed:${hash}:publish+alerts:write, other:${hash}`,
      REQUIRE_AUTH: 'true',
    });
    expect(auth).toMatchObject({
      secret,
      issuer: 'https://id.example',
      audience: 'prices',
      isRequired: true,
      apiKeys: [
        { kid: 'feed', scopes: ['publish', 'alerts:write'] },
        { kid: 'other', scopes: ['*'] },
      ],
    });
  });

  it.each([
    ['of 31 bytes', 's3cret-'.repeat(4) + 'abc', 'shorter than 32 bytes'],
    ['of 6 bytes', 's3cret', 'shorter than 32 bytes'],
    ['with a line end', `${secret}\n`, 'white space at an end'],
    ['with white space before it', ` ${secret}`, 'white space at an end'],
    ['that is a public key', `-----BEGIN PUBLIC KEY-----${secret}`, 'this is a key file'],
  ])('refuses a secret %s without printing it', (_case, JWT_SECRET, words) => {
    const problems = problemsOf({ JWT_SECRET });
    expect(problems).toContain('JWT_SECRET: ');
    expect(problems).toContain(words);
    expect(problems).not.toContain(JWT_SECRET.trim());
  });

  it('counts the bytes of a secret, not its characters', () => {
    expect(problemsOf({ JWT_SECRET: 'é'.repeat(16) })).toBe('');
  });

  it.each([
    [{}, 'production needs a way to know its users'],
    [{ JWT_SECRET: secret }, ''],
    [{ JWT_JWKS_URL: 'https://id.example/keys' }, ''],
    [{ API_KEYS: `feed:${hash}` }, ''],
  ])('in production %o', (environment, words) => {
    const problems = problemsOf({ NODE_ENV: 'production', ...environment });
    if (words === '') expect(problems).toBe('');
    else expect(problems).toContain(words);
  });

  it.each([
    ['http://id.example/keys', false],
    ['http://127.0.0.1:8080/keys', true],
    ['file:///etc/keys', false],
    ['id.example', false],
  ])('takes public keys from %s: %s', (JWT_JWKS_URL, isTaken) => {
    expect(problemsOf({ JWT_JWKS_URL }) === '').toBe(isTaken);
  });

  it.each([
    ['feed'],
    [`feed:${'a'.repeat(63)}`],
    [`feed:${'g'.repeat(64)}`],
    [`fe ed:${hash}`],
    [`feed:${hash}:`],
    [`feed:${hash}:a b`],
    [`feed:${hash},feed:${hash}`],
    [`feed:${hash},`],
  ])('refuses the API keys %s without printing them', (API_KEYS) => {
    const problems = problemsOf({ API_KEYS });
    expect(problems).toMatch(/API_KEYS: entry \d (is not|has the kid)/);
    expect(problems).not.toContain('feed:');
    expect(problems).not.toContain('aaaa');
  });
});
