import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createApiKeyVerifier, parseApiKeys } from '../../src/auth/api-keys.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const { keys } = parseApiKeys(`feed:${sha256('right')}:publish,dotted:${sha256('a.b')}`);
const verify = createApiKeyVerifier(keys);

describe('API keys', () => {
  it('knows a key by its secret and gives its scopes', () => {
    expect(verify('feed.right')).toEqual({ kid: 'feed', scopes: ['publish'] });
  });

  it('takes the first dot as the end of the kid', () => {
    expect(verify('dotted.a.b')).toEqual({ kid: 'dotted', scopes: ['*'] });
  });

  it.each([
    ['a wrong secret', 'feed.wrong'],
    ['another kid with the right secret', 'dotted.right'],
    ['an unknown kid', 'nobody.right'],
    ['a kid that every object has', 'constructor.right'],
    ['no secret', 'feed.'],
    ['no dot', 'feed'],
    ['no kid', '.right'],
    ['nothing', ''],
    ['the hash itself', `feed.${sha256('right')}`],
    ['an unknown kid with the secret of none', 'nobody.'],
    ['an overlong text', `feed.${'right'.repeat(1_000)}`],
  ])('refuses %s', (_case, text) => {
    expect(verify(text)).toBeUndefined();
  });

  it('refuses everything when there are no keys', () => {
    expect(createApiKeyVerifier([])('feed.right')).toBeUndefined();
  });
});
