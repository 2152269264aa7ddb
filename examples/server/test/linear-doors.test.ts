/** F31: no request takes a time that grows faster than itself, whatever stands in its path, query, headers or body. */
import { createHash } from 'node:crypto';
import type { InjectOptions } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { addressKey } from '../src/plugins/address.js';
import { isOriginAllowed } from '../src/plugins/origin.js';
import { hasTokenInUrl, withoutQuery } from '../src/plugins/token-in-url.js';
import { signToken, testSecret } from './auth/test-tokens.js';
import { superLinear } from './growth.js';
import { RawClient, upgradeRequest } from './raw-client.js';
import { startTestServer, type TestServer } from './test-server.js';

// Many texts, each more than once.
vi.setConfig({ testTimeout: 60_000 });

const length = 65_536;
/** Node takes 16 KB of headers. */
const headerLength = 14_000;
const many = 1_000_000;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** What cannot stand in a request line as it is. */
const inUrl = (text: string) => text.replaceAll(/[^!-~]|#/g, encodeURIComponent);
/** What cannot stand in a header. */
const inHeader = (text: string) => text.replaceAll(/[^ -~]/g, '');

const limits = {
  authFailuresPerMinute: many,
  connectsPerSecond: many,
  connectBurst: many,
  totalConnectsPerSecond: many,
  maxTokenBytes: many,
};
const environment = { JWT_SECRET: testSecret, API_KEYS: `feed:${sha256('right')}:publish`, TRUST_PROXY: 'true' };

describe('F31: what looks at a request takes linear time', () => {
  it.each([
    ['the name of a query', (text: string) => hasTokenInUrl(`/healthz?${text}`)],
    ['the name of a query, encoded', (text: string) => hasTokenInUrl(`/healthz?${encodeURIComponent(text)}`)],
    ['a value of a query', (text: string) => hasTokenInUrl(`/healthz?a=${text}`)],
    ['what may be a token', (text: string) => hasTokenInUrl(`/healthz?a=eyaaaaaaaa.${text}`)],
    ['a path', (text: string) => withoutQuery(`/${text}`)],
    ['an origin', (text: string) => isOriginAllowed(text, text, { required: true })],
    ['an address', addressKey],
    ['an address in brackets', (text: string) => addressKey(`[${text}]:80`)],
  ])('%s is looked at', async (_what, work) => {
    expect(await superLinear(work, length)).toEqual([]);
  });
});

describe('F31: requests', () => {
  let server: TestServer;
  let bearer: string;
  beforeAll(async () => {
    server = await startTestServer(limits, environment);
    bearer = `Bearer ${await signToken({ sub: 'alice' })}`;
  });
  afterAll(() => server.close());

  const header = (name: string, start = ''): ((text: string) => InjectOptions) => {
    return (text) => ({ url: '/api/prices', headers: { [name]: start + inHeader(text) } });
  };
  const post = (url: string, payloadOf: (text: string) => string): ((text: string) => InjectOptions) => {
    const authorization = url === '/api/publish' ? 'Bearer feed.right' : bearer;
    return (text) => ({
      method: url.endsWith('portfolio') ? 'PUT' : 'POST',
      url,
      headers: { authorization, 'content-type': 'application/json' },
      payload: payloadOf(text),
    });
  };

  it.each<[string, () => (text: string) => InjectOptions, longest?: number]>([
    ['the name of a query', () => (text) => ({ url: `/healthz?${inUrl(text)}=1` })],
    ['a value of a query', () => (text) => ({ url: `/api/prices?a=${inUrl(text)}` })],
    ['a path', () => (text) => ({ url: `/api/${inUrl(text)}` })],
    ['Authorization', () => header('authorization')],
    ['a bearer', () => header('authorization', 'Bearer ')],
    ['a token', () => header('authorization', 'Bearer eyJhbGciOiJIUzI1NiJ9.')],
    ['an API key', () => header('authorization', 'ApiKey ')],
    ['X-API-Key', () => header('x-api-key')],
    ['Cookie', () => header('cookie')],
    ['Origin', () => header('origin')],
    ['Host', () => header('host')],
    ['X-Forwarded-For', () => header('x-forwarded-for')],
    ['X-Forwarded-For behind an address', () => header('x-forwarded-for', '10.0.0.1, ')],
    ['X-Forwarded-Host', () => header('x-forwarded-host')],
    ['Accept', () => header('accept')],
    ['If-None-Match', () => header('if-none-match')],
    ['Range', () => header('range', 'bytes=')],
    ['a body that is published', () => post('/api/publish', (text) => text)],
    ['a list that is published', () => post('/api/publish', (text) => `{"type":"announcement","data":[${text}`)],
    [
      'a text that is published',
      () => post('/api/publish', (text) => JSON.stringify({ type: 'announcement', data: { message: text } })),
    ],
    ['an alert', () => post('/api/alerts', (text) => JSON.stringify({ coinId: text, type: text })), 7_000],
    ['a portfolio', () => post('/api/portfolio', (text) => JSON.stringify({ holdings: [{ coinId: text }] })), 15_000],
  ])('%s', async (_what, requestOf, longest) => {
    const request = requestOf();
    expect(await superLinear((text) => server.app.inject(request(text)), longest ?? 60_000)).toEqual([]);
  });
});

describe('F31: upgrades', () => {
  let server: TestServer;
  let port: number;
  beforeEach(async () => {
    server = await startTestServer(limits, environment);
    port = Number(new URL(server.base).port);
  });
  afterEach(() => server.close());

  it.each<[string, (text: string) => string]>([
    ['the name of a query', (text) => upgradeRequest(`/ws?${inUrl(text).slice(0, headerLength)}%0A=1`)],
    ['a path', (text) => upgradeRequest(`/ws/${inUrl(text).slice(0, headerLength)}`)],
    ['a part of a path', (text) => upgradeRequest(`/api/alerts/${inUrl(text).slice(0, headerLength)}`)],
    ...[
      'Authorization: Bearer',
      'Cookie:',
      'Host:',
      'Origin:',
      'Sec-WebSocket-Extensions:',
      'Sec-WebSocket-Key:',
      'Sec-WebSocket-Protocol:',
      'Sec-WebSocket-Version:',
      'Upgrade:',
      'X-Forwarded-For:',
    ].map((start): [string, (text: string) => string] => [
      start,
      (text) => upgradeRequest('/ws', [`${start} ${inHeader(text)}`]),
    ]),
  ])('%s', async (_what, request) => {
    const ask = async (text: string) => {
      const client = new RawClient(port);
      client.write(request(text));
      expect(await client.status()).toBeGreaterThan(0);
      await client.close();
    };
    expect(await superLinear(ask, headerLength)).toEqual([]);
  });
});
