import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTokenVerifier, type TokenOptions } from '../../src/auth/tokens.js';
import { defaultLimits } from '../../src/limits.js';
import { signToken, testSecret } from './test-tokens.js';

const nowAt = 1_767_225_600_000;
const nowS = nowAt / 1_000;
const base = { limits: defaultLimits, now: () => nowAt };
const verifyWith = (options: Partial<TokenOptions> = { secret: testSecret }) =>
  createTokenVerifier({ ...base, ...options });
const verify = verifyWith();
const sign = (claims: Record<string, unknown>, header: object = {}) =>
  signToken({ sub: 'alice', iat: nowS, exp: nowS + 600, ...claims }, { header });

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** A token as an attacker writes it: any header, signed with any key, or not at all. */
function forged(header: object, key?: string): string {
  const body = `${encode(header)}.${encode({ sub: 'alice', iat: nowS, exp: nowS + 600 })}`;
  return `${body}.${key === undefined ? '' : createHmac('sha256', key).update(body).digest('base64url')}`;
}

describe('a token', () => {
  it('proves its sub, its scopes and its times', async () => {
    expect(await verify(await sign({ scope: 'alerts:write portfolio' }))).toEqual({
      ok: true,
      identity: {
        userId: 'alice',
        by: 'token',
        scopes: ['alerts:write', 'portfolio'],
        expiresAt: nowAt + 600_000,
        issuedAt: nowAt,
      },
    });
  });

  it('gets no rights of the operator by a scope', async () => {
    expect(await verify(await sign({ scope: '* publish' }))).toMatchObject({ identity: { scopes: ['publish'] } });
  });

  it.each([
    ['alg none without a signature', forged({ alg: 'none' })],
    ['alg None', forged({ alg: 'None' })],
    ['alg none with a signature', forged({ alg: 'none' }, testSecret)],
    ['no alg', forged({ typ: 'JWT' }, testSecret)],
    ['an alg that every object has', forged({ alg: 'constructor' }, testSecret)],
    ['HS512 over an HS256 signature', forged({ alg: 'HS512' }, testSecret)],
    ['another secret', forged({ alg: 'HS256' }, 'another secret that is long enough to be one')],
    ['an empty secret', forged({ alg: 'HS256' }, '')],
    ['the secret with white space before it', forged({ alg: 'HS256' }, ` ${testSecret}`)],
    ['an unknown crit', forged({ alg: 'HS256', crit: ['x'], x: 1 }, testSecret)],
    ['a key of its own', forged({ alg: 'HS256', jwk: { kty: 'oct', k: 'YQ' } }, 'a')],
    ['a kid that is a path', forged({ alg: 'HS256', kid: '../../../../dev/null' }, '')],
    ['a kid that is SQL', forged({ alg: 'HS256', kid: "x' UNION SELECT 'a" }, 'a')],
    ['a jku of its own', forged({ alg: 'RS256', jku: 'http://127.0.0.1:1/keys' }, 'a')],
    ['nothing', ''],
    ['two dots', '..'],
    ['no base64', '%%%.%%%.%%%'],
    ['15 KB', 'x'.repeat(15_000)],
  ])('with %s is refused', async (_case, token) => {
    expect(await verify(token)).toEqual({ ok: false, code: 'AUTH_FAILED' });
  });

  it.each([
    ['no exp', { exp: undefined }],
    ['no sub', { sub: undefined }],
    ['an empty sub', { sub: '' }],
    ['a sub with a line end', { sub: 'a\nb' }],
    ['a sub of 65 characters', { sub: 'a'.repeat(65) }],
    ['the sub of an API key', { sub: 'key:feed' }],
    ['an exp 24 h ahead', { exp: nowS + 86_400 }],
    ['an exp 24 h after its iat', { iat: nowS - 82_800, exp: nowS + 3_000 }],
    ['an exp 24 h ahead and no iat', { exp: nowS + 86_400, iat: undefined }],
    ['an iat of the future', { iat: nowS + 120, exp: nowS + 600 }],
    ['an nbf of the future', { nbf: nowS + 120 }],
    ['an exp that is a text', { exp: '9999999999' }],
  ])('with %s is refused', async (_case, claims) => {
    expect(await verify(await sign(claims))).toEqual({ ok: false, code: 'AUTH_FAILED' });
  });

  it.each([
    [29, true],
    [31, false],
  ])('that ended %d s ago is taken: %s', async (seconds, isTaken) => {
    const proof = await verify(await sign({ exp: nowS - seconds, iat: nowS - 600 }));
    expect(proof.ok).toBe(isTaken);
    if (!proof.ok) expect(proof.code).toBe('TOKEN_EXPIRED');
  });

  it.each([
    ['the right ones', { iss: 'id', aud: 'prices' }, true],
    ['an aud among several', { iss: 'id', aud: ['other', 'prices'] }, true],
    ['another iss', { iss: 'other', aud: 'prices' }, false],
    ['another aud', { iss: 'id', aud: 'other' }, false],
    ['none', {}, false],
  ])('is checked for iss and aud where they are configured: %s', async (_case, claims, isTaken) => {
    const strict = verifyWith({ secret: testSecret, issuer: 'id', audience: 'prices' });
    expect((await strict(await sign(claims))).ok).toBe(isTaken);
  });

  it('is refused by a server that knows neither secret nor keys', async () => {
    expect(await verifyWith({})(await sign({}))).toMatchObject({ ok: false, code: 'AUTH_FAILED' });
  });

  it('of more than 4 KB is refused before anything of it is read', async () => {
    const pad = (length: number) => sign({ pad: 'x'.repeat(length) });
    const long = await pad(3_200);
    expect(long.length).toBeGreaterThan(4_096);
    expect((await verify(await pad(2_000))).ok).toBe(true);
    expect(await verify(long)).toMatchObject({ ok: false, code: 'AUTH_FAILED' });
  });
});

describe('public keys', () => {
  let keys: Server;
  let url: string;
  let isDown = false;
  let isEndless = false;
  let asked = 0;
  let written = 0;
  const rsa = generateKeyPair('RS256', { extractable: true });
  const ec = generateKeyPair('ES256', { extractable: true });

  beforeAll(async () => {
    const jwks = JSON.stringify({
      keys: [
        { ...(await exportJWK((await rsa).publicKey)), kid: 'r1', alg: 'RS256', use: 'sig' },
        { ...(await exportJWK((await ec).publicKey)), kid: 'e1', alg: 'ES256', use: 'sig' },
      ],
    });
    keys = createServer((_request, response) => {
      asked += 1;
      if (isEndless) {
        const write = (): void => {
          while (!response.destroyed && response.write(' '.repeat(65_536))) written += 65_536;
        };
        response.on('drain', write).on('close', () => {
          isEndless = false;
        });
        write();
        return;
      }
      response.writeHead(isDown ? 500 : 200, { 'content-type': 'application/json' }).end(jwks);
    });
    await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/keys`;
  });
  afterAll(() => {
    keys.closeAllConnections();
    keys.close();
  });

  const signed = (key: CryptoKey, alg: string, kid: string) =>
    new SignJWT({ sub: 'alice', iat: nowS, exp: nowS + 600 }).setProtectedHeader({ alg, kid }).sign(key);

  it('verify RS256 and ES256', async () => {
    const verifyKeys = verifyWith({ jwksUrl: url });
    expect((await verifyKeys(await signed((await rsa).privateKey, 'RS256', 'r1'))).ok).toBe(true);
    expect((await verifyKeys(await signed((await ec).privateKey, 'ES256', 'e1'))).ok).toBe(true);
  });

  it('refuse another key, an unknown kid and another algorithm', async () => {
    const verifyKeys = verifyWith({ jwksUrl: url });
    const other = await generateKeyPair('RS256');
    expect(await verifyKeys(await signed(other.privateKey, 'RS256', 'r1'))).toMatchObject({ code: 'AUTH_FAILED' });
    expect(await verifyKeys(await signed((await rsa).privateKey, 'RS256', 'x'))).toMatchObject({ code: 'AUTH_FAILED' });
    const pss = await generateKeyPair('PS256');
    expect(await verifyKeys(await signed(pss.privateKey, 'PS256', 'r1'))).toMatchObject({ code: 'AUTH_FAILED' });
  });

  it('never serve as the secret of HS256', async () => {
    const publicKey = await exportSPKI((await rsa).publicKey);
    for (const verifyKeys of [verifyWith({ jwksUrl: url }), verifyWith({ jwksUrl: url, secret: testSecret })]) {
      expect(await verifyKeys(forged({ alg: 'HS256', kid: 'r1' }, publicKey))).toMatchObject({ code: 'AUTH_FAILED' });
    }
  });

  it('that a stranger’s tokens ask for again and again are asked for once in five seconds while they cannot be had', async () => {
    isDown = true;
    let now = nowAt;
    const verifyKeys = verifyWith({ jwksUrl: url, now: () => now });
    const token = await signed((await rsa).privateKey, 'RS256', 'r1');
    const before = asked;
    for (let index = 0; index < 10; index += 1) expect(await verifyKeys(token)).toMatchObject({ code: 'SERVER_BUSY' });
    expect(asked - before).toBe(1);
    isDown = false;
    now += 4_999;
    expect(await verifyKeys(token)).toMatchObject({ code: 'SERVER_BUSY' });
    now += 1;
    expect(await verifyKeys(token)).toMatchObject({ ok: true });
    expect(asked - before).toBe(2);
  });

  it('F60: that cannot be had are asked for again after five seconds, though the clock is set back meanwhile', async () => {
    isDown = true;
    let now = nowAt;
    let elapsed = 0;
    const verifyKeys = verifyWith({ jwksUrl: url, now: () => now, elapsed: () => elapsed });
    const token = await signed((await rsa).privateKey, 'RS256', 'r1');
    expect(await verifyKeys(token)).toMatchObject({ code: 'SERVER_BUSY' });
    isDown = false;
    now -= 20_000;
    elapsed += 4_999;
    expect(await verifyKeys(token)).toMatchObject({ code: 'SERVER_BUSY' });
    elapsed += 1;
    expect(await verifyKeys(token)).toMatchObject({ ok: true });
  });

  it('F60: are asked for anew by the clock that nobody sets: after ten minutes, and after half a minute for one that is not among them', async () => {
    let elapsed = 0;
    const verifyKeys = verifyWith({ jwksUrl: url, elapsed: () => elapsed });
    const known = await signed((await rsa).privateKey, 'RS256', 'r1');
    const stranger = await signed((await rsa).privateKey, 'RS256', 'x');
    const before = asked;
    const askedAfter = async (ms: number, token: string) => {
      elapsed += ms;
      await verifyKeys(token);
      return asked - before;
    };
    expect(await askedAfter(0, known)).toBe(1);
    expect(await askedAfter(29_999, stranger)).toBe(1);
    expect(await askedAfter(1, stranger)).toBe(2);
    expect(await askedAfter(29_999, stranger)).toBe(2);
    expect(await askedAfter(570_000, known)).toBe(2);
    expect(await askedAfter(1, known)).toBe(3);
  });

  it('that are too big are not read to their end', async () => {
    isEndless = true;
    const token = await signed((await rsa).privateKey, 'RS256', 'r1');
    expect(await verifyWith({ jwksUrl: url })(token)).toEqual({ ok: false, code: 'SERVER_BUSY' });
    await expect.poll(() => isEndless).toBe(false);
    // Far less than what five seconds would bring.
    expect(written).toBeLessThan(64 * 1_048_576);
  });

  it('that cannot be had are the server’s trouble, not the token’s', async () => {
    isDown = true;
    const token = await signed((await rsa).privateKey, 'RS256', 'r1');
    expect(await verifyWith({ jwksUrl: url })(token)).toEqual({ ok: false, code: 'SERVER_BUSY' });
    isDown = false;
    const gone = verifyWith({ jwksUrl: 'http://127.0.0.1:1/keys' });
    expect(await gone(token)).toEqual({ ok: false, code: 'SERVER_BUSY' });
  });
});
