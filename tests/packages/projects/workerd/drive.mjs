// drive.mjs url refusedUrl: runs the worker in workerd, as `wrangler dev` would.
import path from 'node:path';
import { Miniflare } from 'miniflare';

const [url, refusedUrl] = process.argv.slice(2);
const miniflare = new Miniflare({
  modules: true,
  scriptPath: path.join(import.meta.dirname, 'out/worker.mjs'),
  compatibilityDate: '2026-07-01',
  telemetry: { enabled: false },
});
const query = new URLSearchParams({ url, refusedUrl });
const response = await miniflare.dispatchFetch(`http://worker.example/?${query}`);
const text = await response.text();
await miniflare.dispose();
if (text !== 'done') throw new Error(text);
console.log('SMOKE done');
