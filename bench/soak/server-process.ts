/** The reference server as its own process, on one port for the whole run: started, killed, told to end, started again. */
import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { stablePort } from '../server/deploy-server.js';

/** Memory after a collection, in MB. */
export interface ServerMemory {
  readonly heap: number;
  readonly rss: number;
}

const main = new URL('../../examples/server/src/main.ts', import.meta.url);
const probe = new URL('memory-probe.ts', import.meta.url);
const secret = 'of-this-machine-only';

export class ServerProcess {
  readonly port: number;
  readonly #environment: Record<string, string>;
  #child: ChildProcess | undefined;
  /** How often it did not end in time. */
  hungEnds = 0;

  private constructor(port: number, clients: number) {
    this.port = port;
    this.#environment = {
      WEBSOCKET_PORT: String(port),
      LOG_LEVEL: 'fatal',
      PRICE_UPDATE_INTERVAL: '500',
      PRICE_SEED: '1',
      WS_MAX_CONNECTIONS: String(clients * 3 + 100),
      WS_DRAIN_SPREAD_MS: '3000',
      API_KEYS: `soak:${createHash('sha256').update(secret).digest('hex')}:publish`,
    };
  }

  static async create(clients: number): Promise<ServerProcess> {
    return new ServerProcess(await stablePort(21_000 + (process.pid % 1_000)), clients);
  }

  async start(): Promise<void> {
    const execArgv = ['--conditions=@tickwire/source', '--expose-gc', '--import', 'tsx', '--import', probe.href];
    this.#child = fork(main, [], {
      execArgv,
      env: { PATH: process.env['PATH'], ...this.#environment },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    for (let tries = 0; tries < 300; tries += 1) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/api/prices`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.ok === true) return;
      await pause(100);
    }
    throw new Error('The server did not start within 30 s');
  }

  /** Ends it and waits until it is gone; one that was told to end and has not within 20 s is killed, and counted. */
  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    const late = setTimeout(() => {
      this.hungEnds += 1;
      child.kill('SIGKILL');
    }, 20_000);
    await gone;
    clearTimeout(late);
  }

  /** Publishes the event with this number; whether the server said that it did. */
  async publish(number: number): Promise<boolean> {
    const timestamp = new Date().toISOString();
    const hash = `0x${number.toString(16)}`;
    const data = { coinId: 'bitcoin', txHash: hash, fromAddress: hash, toAddress: hash, amount: 1, usdValue: number };
    const body = JSON.stringify({ type: 'whale_movement', data: { ...data, timestamp, source: 'soak' }, timestamp });
    const headers = { 'content-type': 'application/json', 'x-api-key': `soak.${secret}` };
    const signal = AbortSignal.timeout(5_000);
    const url = `http://127.0.0.1:${this.port}/api/publish`;
    try {
      const answer = await fetch(url, { method: 'POST', headers, body, signal });
      await answer.arrayBuffer();
      return answer.status === 202;
    } catch {
      return false;
    }
  }

  /** Its memory; `undefined` while it is down. */
  async memory(): Promise<ServerMemory | undefined> {
    const child = this.#child;
    if (child?.connected !== true) return undefined;
    const answered = new AbortController();
    const answer = once(child, 'message', { signal: answered.signal });
    child.send('memory', () => undefined);
    const won = await Promise.race([answer, pause(5_000, undefined, { ref: false })]).catch(() => undefined);
    answered.abort();
    answer.catch(() => undefined);
    return (won as [ServerMemory] | undefined)?.[0];
  }
}
