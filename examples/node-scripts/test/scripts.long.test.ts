import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { referenceServer, script, until, type Run } from './script-runs.js';

const runs: Run[] = [];
const started = <R extends Run>(run: R): R => {
  runs.push(run);
  return run;
};
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tickwire-scripts-'));
});
afterEach(async () => {
  await Promise.all(runs.splice(0).map((run) => run.stop('SIGKILL')));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The prices of a channel that a script has printed, in order. */
const pricesOf = (run: Run, channel: string, column = 1): string[] =>
  run.output
    .split('\n')
    .map((line) => line.split('\t'))
    .filter((cells) => cells.includes(channel))
    .map((cells) => cells[column] ?? '');

/** A token that is good for ten minutes. */
function tokenOf(sub: string, secret: string): string {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const iat = Math.floor(Date.now() / 1_000);
  const content = `${encoded({ alg: 'HS256' })}.${encoded({ sub, iat, exp: iat + 600 })}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}

describe('the Node scripts', () => {
  it('say what they do with --help, and what is wrong with what they are given', async () => {
    const names = ['tail-prices', 'survive-restart', 'record-prices', 'replay-recording', 'watch-alerts'];
    const helped = names.map((name) => started(script(name, ['--help'])));
    for (const run of helped) {
      expect(await run.ended).toBe(0);
      expect(run.output).toContain('--help');
    }
    const wrong = started(script('survive-restart', ['bitcoin']));
    expect(await wrong.ended).toBe(1);
    expect(wrong.output).toContain('"bitcoin" is no channel');
  });

  it('survive-restart goes on after a restart and says how long it was and what was missed', async () => {
    const first = started(await referenceServer());
    const { port } = first;
    const run = started(script('survive-restart', ['--url', `ws://127.0.0.1:${port}/ws`, 'coin:bitcoin']));
    await until('prices', () => pricesOf(run, 'coin:bitcoin').length >= 3, run);
    await first.stop('SIGKILL');
    await until('the loss', () => run.output.includes('# lost:'), run);
    started(await referenceServer(port));
    await until('the return', () => /# back after \d+\.\d s/.test(run.output), run);
    await until('what was missed', () => /# coin:bitcoin: .*; the server counts anew/.test(run.output), run);
    const before = pricesOf(run, 'coin:bitcoin').length;
    await until('more prices', () => pricesOf(run, 'coin:bitcoin').length > before, run);
    expect(await run.stop()).toBe(0);
  });

  it('record-prices writes what replay-recording plays: the same prices in the same order', async () => {
    const server = started(await referenceServer());
    const { port } = server;
    const file = path.join(folder, 'prices.jsonl');
    const recorder = started(
      script('record-prices', ['--out', file, '--url', `ws://127.0.0.1:${port}/ws`, 'coin:bitcoin']),
    );
    await until('the connection', () => recorder.output.includes('# connected'), recorder);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await recorder.stop('SIGINT')).toBe(0);
    expect(recorder.output).toMatch(/# \d+ lines in .*, 0 dropped/);
    await server.stop();

    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    const recorded = lines.map((line) => {
      const { at, frame } = JSON.parse(line) as { at: number; frame: string };
      expect(at).toBeGreaterThan(1_700_000_000_000);
      return String((JSON.parse(frame) as { data: { price: number } }).data.price);
    });
    expect(recorded.length).toBeGreaterThan(3);

    const replay = started(script('replay-recording', ['--in', file, '--port', '0', '--speed', '2']));
    await until('the replay', () => replay.output.includes('messages at ws://'), replay);
    expect(replay.output).toContain('(0 lines could not be read)');
    const url = /ws:\S+/.exec(replay.output)?.[0] ?? '';
    const tail = started(script('tail-prices', ['--url', url, 'coin:bitcoin']));
    await until('every price', () => pricesOf(tail, 'coin:bitcoin', 3).length >= recorded.length, tail);
    expect(pricesOf(tail, 'coin:bitcoin', 3)).toEqual(recorded);
    expect(await tail.stop()).toBe(0);
  });

  it('record-prices stops in time though there is no server', async () => {
    const file = path.join(folder, 'nothing.jsonl');
    const run = started(script('record-prices', ['--out', file, '--url', 'ws://127.0.0.1:1/ws']));
    await until('the attempts', () => run.output.includes('# reconnecting'), run);
    expect(await run.stop()).toBe(0);
    expect(run.output).toContain('# 0 lines');
  });

  it('watch-alerts creates an alert with a real token, once, and prints it when it triggers', async () => {
    const secret = 'a secret that only this test knows';
    const { port } = started(await referenceServer(0, { JWT_SECRET: secret }));
    const args = ['--url', `ws://127.0.0.1:${port}/ws`, '--coin', 'bitcoin', '--above', '1'];
    const env = { TICKWIRE_TOKEN: tokenOf('alice', secret) };
    const first = started(script('watch-alerts', args, env));
    await until('the alert', () => first.output.includes('! price_above of bitcoin {"targetPrice":1} at 2'), first);
    expect(first.output).toContain('# alert 1 is new');
    expect(first.output).toContain('1\tprice_above');
    expect(await first.stop('SIGINT')).toBe(0);
    const second = started(script('watch-alerts', args, env));
    await until('the list', () => second.output.includes('# 1 alerts'), second);
    expect(second.output).toContain('# alert 1 was there already');
    for (const { output } of [first, second]) expect(output).not.toContain(env.TICKWIRE_TOKEN);
  });

  it('watch-alerts says in words that the server does not accept the token, and never prints it', async () => {
    const { port } = started(await referenceServer());
    const env = { TICKWIRE_TOKEN: 'hush-7f3a' };
    const run = started(
      script('watch-alerts', ['--url', `ws://127.0.0.1:${port}/ws`, '--coin', 'bitcoin', '--above', '1'], env),
    );
    expect(await run.ended).toBe(1);
    expect(run.output).toContain('Alerts need a server that can authenticate.');
    expect(run.output).not.toContain('hush-7f3a');
  });
});
