/** F26: what the pages tell people to type into a shell is typed, word for word, and does what the page says. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { shellBlocks } from './documented-commands.js';
import { root, until } from './stage.js';

const demo = 'npx -y pnpm@12.21.0 demo';
const start = 'npx -y pnpm@12.21.0 --filter ./examples/server start';
const replay = 'PRICE_SOURCE=replay REPLAY_FILE=session.jsonl REPLAY_SPEED=10 npx -y pnpm@12.21.0 demo';
const signs = [
  'export JWT_SECRET=$(openssl rand -hex 32)',
  'npx -y pnpm@12.21.0 --filter ./examples/server start &',
  'npx -y pnpm@12.21.0 --silent --filter ./examples/server run token --user alice --minutes 10',
];
const publishes = [
  `curl -X POST localhost:3001/api/publish -H "X-API-Key: $KEY" -H 'Content-Type: application/json' \\`,
  `-d '{"type":"social_spike","data":{"coinId":"bitcoin","platform":"reddit","mentions24h":5000,"sentimentScore":0.8,"trendingScore":95,"change":150,"timestamp":"2026-01-01T00:00:00Z"}}'`,
];

const shells: ChildProcess[] = [];
/** Everything that a shell has started is in its group, so that a signal reaches it as one from a terminal does. */
function signal(shell: ChildProcess, name: NodeJS.Signals): void {
  try {
    process.kill(-(shell.pid ?? 0), name);
  } catch {
    // It has ended.
  }
}
afterEach(() => {
  for (const shell of shells.splice(0)) signal(shell, 'SIGKILL');
});

function type(script: string, env: Record<string, string> = {}) {
  const shell = spawn('bash', ['-c', script], {
    cwd: root,
    env: { ...process.env, PORT: '0', ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  shells.push(shell);
  const typed = { shell, output: '', ended: once(shell, 'close').then(([code]) => code as number | null) };
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.on('data', (chunk: Buffer) => (typed.output += chunk.toString()));
  }
  return typed;
}

const portIn = (output: string): number | undefined => {
  const port = /(?:listening at http:\/\/[^"\s]*|http:\/\/localhost):(\d+)/i.exec(output)?.[1];
  return port === undefined ? undefined : Number(port);
};

/** Waits for the server that a script has started, asks it for a price, and ends it as Ctrl-C does. */
async function serves(script: string, words: string, env: Record<string, string> = {}): Promise<void> {
  const typed = type(script, env);
  const port = await until('the server', () => portIn(typed.output), 240_000);
  await until('its prices', async () => {
    const prices = await (await fetch(`http://127.0.0.1:${port}/api/prices`)).text();
    return prices.includes(words) ? true : undefined;
  });
  signal(typed.shell, 'SIGINT');
  await typed.ended;
}

/** The block of a page that has all these lines. */
function blockWith(...lines: readonly string[]): string {
  const block = shellBlocks().find(({ script }) => lines.every((line) => script.includes(line)));
  if (block === undefined) throw new Error(`No page has ${lines.join(' … ')}`);
  return block.script;
}

describe('F26: what a page tells people to type', () => {
  it('F26: starts the demo', async () => {
    blockWith(demo);
    await serves(demo, 'coin:bitcoin');
  });

  it('F26: starts the server alone', async () => {
    blockWith(start);
    await serves(start, 'coin:bitcoin');
  });

  it('F26: replays a recording', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'tickwire-session-'));
    try {
      const frame = JSON.stringify({ type: 'ticker', product_id: 'ABC-USD', price: '1', time: '2024-05-01T10:00:00Z' });
      const file = path.join(folder, 'session.jsonl');
      await writeFile(file, `${JSON.stringify({ receivedAt: 1_714_557_600_000, frame })}\n`);
      await serves(blockWith(replay).replace('session.jsonl', file), 'coin:abc-usd');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('F26: prints a token of a user, beside the server that takes it', async () => {
    const typed = type(blockWith(...signs));
    const token = await until('a token', () => /^(eyJ[\w-]+\.[\w-]+\.[\w-]+)$/m.exec(typed.output)?.[1]);
    const port = await until('the server', () => portIn(typed.output));
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
    expect(claims).toMatchObject({ sub: 'alice' });
    const answer = await fetch(`http://127.0.0.1:${port}/api/prices`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(200);
    expect(typed.output).not.toContain('unexpected argument');
  });

  it('F26: publishes an event with a key', async () => {
    const hash = createHash('sha256').update('right').digest('hex');
    const server = type(start, { API_KEYS: `feed:${hash}:publish` });
    const port = await until('the server', () => portIn(server.output), 240_000);
    const script = blockWith(...publishes).replace('localhost:3001', `127.0.0.1:${port}`);
    const typed = type(script, { KEY: 'feed.right' });
    expect(await typed.ended).toBe(0);
    expect(typed.output).not.toContain('"error"');
    const history = await (await fetch(`http://127.0.0.1:${port}/api/status`)).text();
    expect(history).toContain('running');
  });
});
