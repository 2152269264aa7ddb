/** A million clients after a restart, by the real back-off function: attempts per second with and without the server's hint. */
import { writeFileSync } from 'node:fs';
import { herdCourse } from '../../packages/client/test/kernel/herd.js';
import { policy } from '../../packages/client/test/kernel/life-bench.js';
import { seededRandom } from '../../packages/client/test/model/operations.js';

const clients = 1_000_000;
const seed = 20_261_122;
const plans: readonly (readonly [reason: string, said: string])[] = [
  ['restart', 'none'],
  ['restart;ra=2000', '`ra=2000`'],
  ['restart;ra=2000;sp=30000', '`ra=2000;sp=30000`'],
  ['restart;ra=2000;sp=60000', '`ra=2000;sp=60000`'],
  ['restart;ra=2000;sp=300000', '`ra=2000;sp=300000`'],
];
const servers: readonly (readonly [downMs: number, capacityPerSecond: number, said: string])[] = [
  [0, Infinity, 'is back at once and takes everybody'],
  [5_000, Infinity, 'is away for 5 s, then takes everybody'],
  [5_000, 20_000, 'is away for 5 s, then takes 20,000 a second'],
  [60_000, 20_000, 'is away for a minute, then takes 20,000 a second'],
];
const shown = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const whole = (count: number): string => count.toLocaleString('en');

const tables = servers.map(([downMs, capacityPerSecond, said]) => {
  const lines = plans.map(([reason, hint]) => {
    const random = seededRandom(seed);
    const course = herdCourse({ clients, downMs, capacityPerSecond, reason, policy: policy.reconnect, random });
    console.error(`${said}, ${hint}`);
    const perClient = (course.attempts / clients).toFixed(1);
    return `| ${hint} | ${whole(course.peak)} | ${perClient} | ${shown(course.halfBackMs)} | ${shown(course.nearlyAllBackMs)} |`;
  });
  return `## The server ${said}

| hint in its close frame | most attempts in one second | attempts of a client | half are back after | 99 % after |
|---|---|---|---|---|
${lines.join('\n')}`;
});
const text = `# A million clients after a restart

Made by \`pnpm bench:herd\`. ${whole(clients)} connections end in the same instant with 1012; each client dials by the client's own back-off
function (\`core/reconnect.ts\`, defaults: 250 ms to 1 s at first, doubling up to 30 s, full jitter), refused ones again. No time passes and no
socket is opened: the figures are those of the function, with seed ${seed}. "After" counts from the return of the server.

${tables.join('\n\n')}

Without a hint a client cannot know how many others there are: most of a crowd dials within the first second. A server that knows how
many it had says \`;sp=\` (spread, in ms) in its close reason or \`reconnectAfterMs\` in \`going_away\`; divide the number of connections by what it
can take in a second. \`ra=\` alone is no spread: it moves the crowd, and keeps it together.
`;
writeFileSync(new URL('results.md', import.meta.url), text);
console.log(text);
