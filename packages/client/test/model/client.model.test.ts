import { describe, expect, it } from 'vitest';
import { sequenceOf } from './operations.js';
import { report, runSequence } from './run-sequence.js';

const sequences = 5_000;
const blocks = 10;

describe('a client to which anything happens in any order', () => {
  it.each(Array.from({ length: blocks }, (_, block) => block))(
    'keeps every invariant in block %i of 500 random sequences',
    async (block) => {
      const count = sequences / blocks;
      for (let seed = block * count; seed < (block + 1) * count; seed += 1) {
        const sequence = sequenceOf(seed);
        if ((await runSequence(sequence)) !== undefined) expect.unreachable(await report(sequence));
      }
    },
    60_000,
  );
});
