/** Plays 100,000 random sequences to the client beside its reference model; writes results.md, or prints the seed of a violation. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { sequenceOf } from '../../packages/client/test/model/operations.js';
import { report, runSequence } from '../../packages/client/test/model/run-sequence.js';

const { values } = parseArgs({
  options: {
    sequences: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1000000' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log('pnpm bench:model [--sequences 100000] [--seed 1000000]   the first seed; the others follow it');
  process.exit(0);
}
const count = Number(values.sequences);
const first = Number(values.seed);
const kinds = new Map<string, number>();
const startedAt = performance.now();
for (let index = 0; index < count; index += 1) {
  const sequence = sequenceOf(first + index);
  for (const operation of sequence.operations) kinds.set(operation.do, (kinds.get(operation.do) ?? 0) + 1);
  if ((await runSequence(sequence)) !== undefined) {
    console.error(await report(sequence));
    process.exit(1);
  }
  if ((index + 1) % 5_000 === 0) console.error(`${(index + 1).toLocaleString('en')} sequences`);
}
const seconds = (performance.now() - startedAt) / 1_000;
const total = [...kinds.values()].reduce((sum, each) => sum + each, 0);
const rows = [...kinds].sort((left, right) => right[1] - left[1]);
const text = `# Random interleavings

Made by \`pnpm bench:model\`. A whole client on a fake clock and fake sockets, a server of one of the three dialects that does what the
sequence says, and a small reference model beside both. After every operation: at most one socket (two during make-before-break),
nothing of a stale socket is heard, no dial before the floor, status as in the model, nothing thrown, no timer left while closed. At the end
the server behaves: what is wanted is what the server has, each price comes once, no event is missing in silence, every promise settles.

${count.toLocaleString('en')} sequences from seed ${first}, ${total.toLocaleString('en')} operations, no violation, ${seconds.toFixed(0)} s.
Node ${process.version}, ${cpus()[0]?.model ?? ''} × ${cpus().length}, ${new Date().toISOString().slice(0, 10)}.

| operation | times |
|---|---|
${rows.map(([kind, times]) => `| ${kind} | ${times.toLocaleString('en')} |`).join('\n')}
`;
writeFileSync(new URL('results.md', import.meta.url), text);
console.log(text);
