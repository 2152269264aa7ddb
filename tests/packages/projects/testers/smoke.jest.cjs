const { PriceWebSocketClient } = require('@tickwire/client');
const { smoke } = require('./smoke.cjs');

test('the smoke programme', async () => {
  const { SMOKE_URL: url, SMOKE_REFUSED_URL: refusedUrl } = process.env;
  await expect(smoke({ PriceWebSocketClient, url, refusedUrl })).resolves.toBe('done');
}, 30_000);
