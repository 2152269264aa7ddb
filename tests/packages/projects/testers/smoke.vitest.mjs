import { PriceWebSocketClient } from '@tickwire/client';
import { expect, it } from 'vitest';
import { smoke } from './smoke.mjs';

it('the smoke programme', async () => {
  const { SMOKE_URL: url, SMOKE_REFUSED_URL: refusedUrl } = process.env;
  // The WebSocket of jsdom 31 throws in Vitest at the first event, whoever opens it.
  const options = process.env.SMOKE_WS ? { WebSocket: (await import('ws')).WebSocket } : {};
  await expect(smoke({ PriceWebSocketClient, url, refusedUrl, options })).resolves.toBe('done');
}, 30_000);
