/** The comparison as a page and a picture. */
import { cpus, loadavg } from 'node:os';
import type { Client } from './clients.js';
import type { Outcome } from './rows.js';

/** One failure with what came of it, in the order of the clients. */
export interface Line {
  readonly id: string;
  readonly title: string;
  readonly how: string;
  readonly runs: number;
  readonly outcomes: readonly Outcome[];
}

/** Rows in which more is better. */
const moreIsBetter = new Set(['herd']);

/** Where a peer does better than ours, by more than a tenth. */
function behind(line: Line, clients: readonly Client[]): string | undefined {
  const [own, ...peers] = line.outcomes;
  if (own === undefined) return undefined;
  const sign = moreIsBetter.has(line.id) ? -1 : 1;
  const ownFigure = own.figure ?? Infinity;
  let best: { name: string; outcome: Outcome } | undefined;
  for (const [index, outcome] of peers.entries()) {
    if (outcome.figure === null || sign * (ownFigure - outcome.figure) <= Math.abs(ownFigure) * 0.1) continue;
    if (best?.outcome.figure !== undefined && sign * ((best.outcome.figure ?? 0) - outcome.figure) <= 0) continue;
    best = { name: clients[index + 1]?.name ?? '', outcome };
  }
  return best === undefined ? undefined : `- **${line.id}**: ours ${own.text}, ${best.name} ${best.outcome.text}.`;
}

/** Why a figure of ours is what it is, where somebody else's is better. */
const reasons: Readonly<Record<string, string>> = {
  M1: 'We wait `connectTimeoutMs`, 10 s by default: on a slow mobile network an upgrade takes seconds. Lower it where yours is fast.',
  M2: 'The same `connectTimeoutMs` covers the greeting of the server.',
  M3: 'A shorter silence is asked about by `heartbeat: { idleMs, timeoutMs }`; the default costs one ping in 15 s of silence and none while prices flow. Its 20 s are the price of that.',
  M4: 'One attempt is a client that has given up. Fewer are no virtue by themselves: who waits longer is also back later.',
  M5: 'Fewer attempts are no virtue by themselves: who waits longer is also back later.',
  restart:
    'By the end of 8 s the back-off has grown to a ceiling of 8 s; a client that tries each second is back sooner and tries a broken server as often.',
  herd: 'Ours comes back within 250 ms and 1 s, the first time; a wider spread means that users wait longer for a server that has only blinked. A server that wants more asks for it: the hint `;sp=60000` spreads its clients over a minute.',
  provider:
    'Ours goes on without a token for public channels only after the provider has failed, and asks again at the next connection.',
  reconnects: 'Below one function in two reconnects we see noise of the measurement.',
};

function whereBehind(lines: readonly Line[], clients: readonly Client[]): string {
  const found = lines.flatMap((line) => {
    const text = behind(line, clients);
    return text === undefined ? [] : [`${text} ${reasons[line.id] ?? ''}`.trimEnd()];
  });
  return found.length === 0 ? 'In this run, nowhere by more than a tenth.' : found.join('\n');
}

/** The page. `lowLatency`: ours in M3 with a shorter heartbeat. */
export function report(lines: readonly Line[], clients: readonly Client[], lowLatency: Outcome | undefined): string {
  const notes = clients.filter(({ note }) => note !== '').map(({ name, note }) => `${name}: ${note}`);
  const sooner =
    lowLatency === undefined
      ? ''
      : `\n\nM3 with ours set to \`heartbeat: { idleMs: 3000, timeoutMs: 2000 }\`: ${lowLatency.text}.`;
  return `# What a failure does to a client

Made by \`pnpm bench:resilience\`: ours and seven peers through the same failures, side by side in one run, each with its default
options, on real sockets of one machine. Each client talks to a small server that is true to its protocol; between them stands a TCP
proxy that delays, swallows or breaks. Attempts and times are read off the proxy, so that nobody is asked about itself.

![How long until a dead connection is replaced](images/resilience.svg)

| failure | ${clients.map(({ name }) => name).join(' | ')} |
|---|${clients.map(() => '---').join('|')}|
${lines.map((line) => `| **${line.id}** ${line.title} | ${line.outcomes.map(({ text }) => text).join(' | ')} |`).join('\n')}${sooner}

## How each is done

${lines.map((line) => `- **${line.id}**: ${line.how}${line.runs > 1 ? `; the median of ${line.runs} runs` : ''}.`).join('\n')}

Beside the defaults: ${notes.join('; ')}. The \`ws\` package is everybody's WebSocket. In **throws**, an exception that
leaves a listener ends a Node process; here a handler keeps it alive, and \`ws\` brings nothing more after it. A browser only logs it.

## Where we are not ahead

${whereBehind(lines, clients)}

Node ${process.version}, ${cpus()[0]?.model ?? ''} × ${cpus().length}, ${new Date().toISOString().slice(0, 10)}, load ${loadavg()[0]?.toFixed(0) ?? ''} at the end. What happens within a second depends on the machine; run it on yours.
`;
}

const barHeight = 26;
const chartWidth = 400;
const labelWidth = 210;
const capMs = 60_000;

/** A bar for each client: how long a connection of which all bytes vanish is taken for alive. */
export function picture(line: Line, clients: readonly Client[]): string {
  const height = clients.length * barHeight + 46;
  const bars = clients.map(({ name }, index) => {
    const outcome = line.outcomes[index];
    const ms = Math.min(capMs, outcome?.figure ?? capMs);
    const y = 38 + index * barHeight;
    const width = Math.max(2, (ms / capMs) * chartWidth);
    const fill = index === 0 ? '#2563eb' : outcome?.figure === null ? '#dc2626' : '#94a3b8';
    return [
      `<text x="${labelWidth - 8}" y="${y + 13}" text-anchor="end">${name}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${width.toFixed(1)}" height="18" rx="2" fill="${fill}"/>`,
      `<text x="${labelWidth + width + 6}" y="${y + 13}">${outcome?.text ?? ''}</text>`,
    ].join('');
  });
  const title = 'All bytes vanish: seconds until the client has a new connection';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="${title}">
<rect width="760" height="${height}" fill="#fff"/>
<text x="8" y="22" font-size="14" font-weight="600">${title}</text>
${bars.join('\n')}
</svg>
`;
}
