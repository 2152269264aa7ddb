import { createHash } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import type { StreamClient } from '../stream-client.js';
import { startTestServer, type TestServer } from '../test-server.js';
import { signToken, testSecret } from './test-tokens.js';

let server: TestServer;
afterEach(() => server.close());

it('a token, a key and a secret stand in no log line, no answer and no figure', async () => {
  const lines: string[] = [];
  const said: string[] = [];
  const keySecret = 'the-secret-of-the-key';
  const digest = createHash('sha256').update(keySecret).digest('hex');
  server = await startTestServer(
    {},
    { LOG_LEVEL: 'trace', JWT_SECRET: testSecret, API_KEYS: `feed:${digest}:publish`, TRUST_PROXY: 'true' },
    { logTo: { write: (line) => void lines.push(line) } },
  );
  const good = await signToken({ sub: 'alice' });
  const bad = await signToken({ sub: 'alice' }, { secret: 'another secret that is long enough to be one' });
  const expired = await signToken({ sub: 'alice', exp: 1_000, iat: 500 });

  const clients: StreamClient[] = [];
  for (const data of [
    { token: good },
    { token: bad },
    { token: expired },
    { apiKey: `feed.${keySecret}` },
    { apiKey: `feed.${bad}` },
  ]) {
    const client = await server.openTickwire();
    clients.push(client);
    client.send({ type: 'authenticate', id: 'a', data });
    await client.settle();
  }
  // A frame with a token that does not decode, and one whose answer names the fault.
  clients[0]?.send(`{"type":"authenticate","data":{"token":"${good}"`);
  clients[0]?.send({ type: 'authenticate', id: 'b', data: { token: [good] } });
  await clients[0]?.settle();
  for (const headers of [{ authorization: `Bearer ${bad}` }, { authorization: `Bearer ${good}` }]) {
    const client = server.open([], { headers });
    await Promise.race([client.refused, client.next('hello')]);
  }
  for (const path of [`/ws?token=${good}`, `/api/prices?token=${bad}`, `/nowhere?jwt=${good}`, `/${good}`]) {
    said.push(await (await fetch(server.base + path)).text());
  }
  for (const key of [`feed.${keySecret}`, `feed.${bad}`]) {
    const response = await fetch(`${server.base}/api/users/alice/revoke`, {
      method: 'POST',
      headers: { 'x-api-key': key },
    });
    said.push(await response.text());
  }
  for (const path of ['/metrics', '/api/status', '/readyz']) said.push(await (await fetch(server.base + path)).text());
  await server.app.realtime.revokeUser('alice');
  for (const client of clients) said.push(JSON.stringify(client.frames));

  const signatures = [good, bad, expired].map((token) => token.split('.')[2] ?? '');
  const secrets = [...signatures, keySecret, digest, testSecret];
  expect(lines.length).toBeGreaterThan(0);
  for (const secret of secrets) {
    expect(lines.filter((line) => line.includes(secret))).toEqual([]);
    expect(said.filter((answer) => answer.includes(secret))).toEqual([]);
  }
});
