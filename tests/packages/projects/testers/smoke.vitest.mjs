import { PriceWebSocketClient } from '@tickwire/client';
import { expect, it } from 'vitest';
import { smoke } from './smoke.mjs';

it('the smoke programme', async () => {
  const { SMOKE_URL: url, SMOKE_REFUSED_URL: refusedUrl } = process.env;
  await expect(smoke({ PriceWebSocketClient, url, refusedUrl })).resolves.toBe('done');
}, 30_000);
