import { PriceWebSocketClient } from '@tickwire/client';
import { usePrice } from '@tickwire/react';
import { smoke } from './smoke.mjs';

// A hook that was bundled is a function; without a component there is nothing to show.
globalThis.loaded = typeof usePrice === 'function';
globalThis.start = (url, refusedUrl) => smoke({ PriceWebSocketClient, url, refusedUrl });
