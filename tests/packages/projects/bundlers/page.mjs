import { PriceWebSocketClient } from '@tickwire/client';
import { smoke } from './smoke.mjs';

const { url, refusedUrl } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
globalThis.smokeDone = smoke({ PriceWebSocketClient, url, refusedUrl });
