import { createMemoryEngine } from '../src/engine/memory.js';
import { describeEngine } from './engine-conformance.js';
import { createManualClock } from './manual-clock.js';

describeEngine('memory', () => {
  const clock = createManualClock();
  let epochs = 0;
  const engine = createMemoryEngine({
    limits: {
      resumeWindowMs: 10_000,
      resumeMessages: 5,
      resumeBytes: 1_000,
      userWindowMs: 100_000,
      userMessages: 3,
      maxChannels: 20,
    },
    now: () => clock.now(),
    createEpoch: () => `e${(epochs += 1)}`,
    onListenerError: () => undefined,
  });
  return Promise.resolve({ engine, advance: (ms) => clock.advance(ms) });
});
