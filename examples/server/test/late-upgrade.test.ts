import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { RawClient, upgradeRequest } from './raw-client.js';
import { startTestServer } from './test-server.js';

describe('a server that closes', () => {
  it('is not kept by an upgrade that came too late, from a peer that never ends its side', async () => {
    const server = await startTestServer(
      {},
      { WS_DRAIN_MS: '300', WS_DRAIN_SPREAD_MS: '1', WS_CLOSE_TIMEOUT_MS: '500' },
    );
    const port = Number(new URL(server.url).port);
    const mute = await RawClient.upgraded(port);
    let isClosed = false;
    const closing = server.close().then(() => {
      isClosed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    const late = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    late.on('error', () => undefined).resume();
    late.write(upgradeRequest('/ws'));
    await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, 5_000))]);
    expect(isClosed).toBe(true);
    late.destroy();
    await Promise.all([closing, late.closed ? undefined : once(late, 'close'), mute.close()]);
  });
});
