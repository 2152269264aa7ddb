'use client';

import { PriceWebSocketClient } from '@tickwire/client';
import { PriceStreamProvider, usePrice } from '@tickwire/react';
import { useEffect, useState } from 'react';
import { smoke } from '../smoke.mjs';

function Price({ channel }) {
  const price = usePrice(channel, (tick) => tick?.price);
  return <output>{price ?? '–'}</output>;
}

const addresses = () => JSON.parse(decodeURIComponent(location.hash.slice(1)));

async function run(client) {
  const { url, refusedUrl } = addresses();
  while (!/^\d/.test(document.querySelector('output')?.textContent ?? ''))
    await new Promise((resolve) => setTimeout(resolve, 20));
  await client.close();
  return smoke({ PriceWebSocketClient, url, refusedUrl });
}

export function Bitcoin({ channel }) {
  // Rendered on the server, too: a client opens nothing before somebody subscribes.
  const [client] = useState(() => new PriceWebSocketClient(() => addresses().hookUrl));
  useEffect(() => {
    globalThis.smokeDone ??= run(client);
  }, [client]);
  return (
    <PriceStreamProvider client={client}>
      <Price channel={channel} />
    </PriceStreamProvider>
  );
}
