// Loads the bundle where only what React Native has is to be seen: no process, no document, nothing of Node.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';

const [url, refusedUrl] = process.argv.slice(2);
const given = {};
for (const name of [
  'WebSocket',
  'setTimeout',
  'clearTimeout',
  'queueMicrotask',
  'console',
  'fetch',
  'AbortController',
  'URL',
  'TextDecoder',
  'performance',
])
  given[name] = globalThis[name];
const phone = vm.createContext({ ...given, navigator: { product: 'ReactNative' } });
vm.runInContext('var globalThis = this, window = this, global = this, self = this;', phone);
vm.runInContext(readFileSync(path.join(import.meta.dirname, 'out/bundle.js'), 'utf8'), phone);
if (phone.loaded !== true) throw new Error('The bundle did not load.');
const said = await phone.start(url, refusedUrl);
if (said !== 'done') throw new Error(String(said));
console.log('SMOKE done');
