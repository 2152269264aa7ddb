/** Decodes a million mutated frames in both directions and watches the heap; adds its lines to results.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { decodeClientMessage, decodeServerMessage } from '@tickwire/protocol/codec';
import { mutatedFrames, seededRandom, vectorFrames } from '../../packages/protocol/test/mutate-frame.js';

const total = 1_000_000;
const seed = 20_261_122;
const before = Object.getOwnPropertyNames(Object.prototype).join();
const frames = mutatedFrames(vectorFrames(), seededRandom(seed));
const heap: number[] = [];
const counts = { ok: 0, BAD_JSON: 0, BAD_MESSAGE: 0 };

for (let index = 1; index <= total; index += 1) {
  const text = frames.next().value;
  const result = decodeServerMessage(text);
  decodeClientMessage(text);
  counts[result.ok ? 'ok' : result.code] += 1;
  if (index % (total / 10) === 0) {
    globalThis.gc?.();
    heap.push(process.memoryUsage().heapUsed / 1e6);
    console.error(`${index.toLocaleString('en')} frames, heap ${heap.at(-1)?.toFixed(1) ?? ''} MB`);
  }
}
if (Object.getOwnPropertyNames(Object.prototype).join() !== before) throw new Error('Object.prototype has changed');

const lines = `${total.toLocaleString('en')} frames, each decoded in both directions, made from all vectors with seed ${seed}: no throw, \`Object.prototype\` unchanged.
From a server ${counts.ok.toLocaleString('en')} were taken, ${counts.BAD_JSON.toLocaleString('en')} were no JSON, ${counts.BAD_MESSAGE.toLocaleString('en')} were refused.
Heap after a collection, each 100,000 frames: ${heap.map((mb) => mb.toFixed(1)).join(', ')} MB.
`;
const file = new URL('results.md', import.meta.url);
const [head = ''] = readFileSync(file, 'utf8').split('\n## A million mutated frames\n');
writeFileSync(file, `${head}\n## A million mutated frames\n\n${lines}`);
console.log(lines);
