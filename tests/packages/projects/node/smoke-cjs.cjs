const { PriceWebSocketClient } = require('@tickwire/client');

void Promise.all([import('./node-main.mjs'), import('./smoke.mjs')]).then(([{ main }, { smoke }]) =>
  main(PriceWebSocketClient, smoke),
);
