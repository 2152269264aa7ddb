import { PriceWebSocketClient } from '@tickwire/client';
import { smoke } from './smoke.mjs';

const [url, refusedUrl] = Deno.args;
await smoke({ PriceWebSocketClient, url, refusedUrl });
console.log('SMOKE done');
