/** The failures: each done to one client on real sockets behind the fault proxy, and what came of it. */
import { FaultProxy } from '@tickwire/testing';
import type { Client, Dialled } from './clients.js';
import { startResettingServer, startServer, startSilentServer, type PeerServer } from './servers.js';

/** What came of it: a figure to compare by, `null` for never, and how it reads. */
export interface Outcome {
  readonly figure: number | null;
  readonly text: string;
}

/** A failure. */
export interface Row {
  readonly id: string;
  readonly title: string;
  /** How it is done, for the reader. */
  readonly how: string;
  /** Longest wait; `quickMs` with `--quick`. */
  readonly capMs: number;
  readonly quickMs: number;
  /** Random outcomes are judged by the median of five. */
  readonly runs: 1 | 5;
  /** Whether it has the machine for itself. */
  readonly alone: boolean;
  measure(client: Client, capMs: number): Promise<Outcome>;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something holds, at most so long. */
export async function until(holds: () => boolean, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (!holds() && performance.now() < end) await pause(10);
  return holds();
}

/** `1.2 s`, `38 ms`. */
export function shown(ms: number): string {
  return ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

const seconds = (ms: number, capMs: number): Outcome =>
  Number.isFinite(ms) ? { figure: ms, text: shown(ms) } : { figure: null, text: `never in ${capMs / 1_000} s` };
const attempts = (count: number): Outcome => ({ figure: count, text: String(count) });

/** When something happened at the proxy, in ms since it started. */
function timesOf(proxy: FaultProxy, what: string): number[] {
  return proxy.log.filter(({ event }) => event.startsWith(what)).map(({ atMs }) => atMs);
}

/** One client, its server and the proxy between them. */
export class Scene {
  readonly server: PeerServer;
  readonly proxy: FaultProxy;
  readonly heard: number[] = [];
  readonly #dialled: Dialled[] = [];
  #value = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(server: PeerServer, proxy: FaultProxy) {
    this.server = server;
    this.proxy = proxy;
  }

  static async on(server: PeerServer): Promise<Scene> {
    return new Scene(server, await FaultProxy.start(server.port, { logLimit: 100_000 }));
  }

  dial(client: Client, part: Partial<Parameters<Client['dial']>[0]> = {}): Dialled {
    const dialled = client.dial({ port: this.proxy.port, heard: (value) => this.heard.push(value), ...part });
    this.#dialled.push(dialled);
    return dialled;
  }

  /** Sends a value now and then, until the end. */
  publishEvery(ms: number): void {
    this.#timer = setInterval(() => this.server.publish((this.#value += 1)), ms);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    for (const dialled of this.#dialled) void Promise.resolve(dialled.close()).catch(() => undefined);
    await pause(50);
    await this.proxy.close();
    await this.server.stop();
  }
}

async function secondAttempt(client: Client, capMs: number, server: PeerServer, silent: boolean): Promise<Outcome> {
  const scene = await Scene.on(server);
  if (silent) scene.proxy.acceptSilent();
  scene.dial(client);
  await until(() => scene.proxy.counters.accepted >= 2, capMs);
  const [first = 0, second = Infinity] = timesOf(scene.proxy, 'accepted');
  await scene.end();
  return seconds(second - first, capMs);
}

async function attemptsIn(client: Client, capMs: number, server: PeerServer): Promise<Outcome> {
  const scene = await Scene.on(server);
  scene.dial(client);
  await pause(capMs);
  const { accepted } = scene.proxy.counters;
  await scene.end();
  return attempts(accepted);
}

async function connected(client: Client): Promise<Scene> {
  const scene = await Scene.on(await startServer(client.speaks));
  scene.dial(client);
  scene.publishEvery(100);
  if (!(await until(() => scene.heard.length > 0, 15_000))) throw new Error(`${client.name} does not connect`);
  return scene;
}

async function deadPeer(client: Client, capMs: number): Promise<Outcome> {
  const scene = await connected(client);
  scene.proxy.stall('both', 'open');
  await until(() => scene.proxy.counters.accepted >= 2, capMs);
  const [stalled = 0] = timesOf(scene.proxy, 'rule stall');
  const [, second = Infinity] = timesOf(scene.proxy, 'accepted');
  await scene.end();
  return seconds(second - stalled, capMs);
}

const outageMs = 8_000;

async function restart(client: Client, capMs: number): Promise<Outcome> {
  const scene = await connected(client);
  scene.proxy.refuse();
  scene.proxy.reset();
  await pause(outageMs);
  const from = performance.now();
  scene.heard.length = 0;
  await scene.proxy.accept();
  const back = await until(() => scene.heard.length > 0, capMs);
  const ms = back ? performance.now() - from : Infinity;
  const dialMs = (timesOf(scene.proxy, 'accepted').at(-1) ?? 0) - (timesOf(scene.proxy, 'rule accept').at(-1) ?? 0);
  await scene.end();
  const outcome = seconds(ms, capMs);
  return back ? { ...outcome, text: `${outcome.text}, ${shown(Math.max(0, ms - dialMs))} after its dial` } : outcome;
}

const herdSize = 20;

async function herd(client: Client, capMs: number): Promise<Outcome> {
  const scene = await Scene.on(await startServer(client.speaks));
  for (let index = 0; index < herdSize; index += 1) scene.dial(client);
  if (!(await until(() => scene.server.subscribers === herdSize, 15_000))) throw new Error(`${client.name}: no herd`);
  await pause(300);
  scene.proxy.reset();
  await until(() => scene.proxy.counters.accepted >= 2 * herdSize, capMs);
  const back = timesOf(scene.proxy, 'accepted').slice(herdSize);
  await scene.end();
  const spread = (back.at(-1) ?? 0) - (back[0] ?? 0);
  if (back.length < herdSize) {
    return { figure: null, text: `${back.length} of ${herdSize} came back in ${capMs / 1_000} s` };
  }
  return { figure: spread, text: shown(spread) };
}

/** What has the event loop of one process; the rest of the rows is in `lone-rows.ts`, a process for each client. */
export const rows: readonly Row[] = [
  {
    id: 'M1',
    title: 'The upgrade is never answered: time to the second attempt',
    how: 'the proxy takes the TCP connection and says nothing',
    capMs: 60_000,
    quickMs: 15_000,
    runs: 1,
    alone: false,
    measure: async (client, capMs) => secondAttempt(client, capMs, await startServer(client.speaks), true),
  },
  {
    id: 'M2',
    title: 'Upgraded, then the server never says a word: time to the second attempt',
    how: 'a server that answers the upgrade and nothing else',
    capMs: 60_000,
    quickMs: 15_000,
    runs: 1,
    alone: false,
    measure: async (client, capMs) => secondAttempt(client, capMs, await startSilentServer(), false),
  },
  {
    id: 'M3',
    title: 'Connected, then all bytes vanish both ways: time to a new connection',
    how: 'the proxy swallows what either side sends and closes nothing; who dials anew gets through',
    capMs: 185_000,
    quickMs: 30_000,
    runs: 1,
    alone: false,
    measure: deadPeer,
  },
  {
    id: 'M4',
    title: 'Connections are reset at once: attempts in 30 s',
    how: 'a TCP reset after each accept',
    capMs: 30_000,
    quickMs: 5_000,
    runs: 5,
    alone: false,
    measure: async (client, capMs) => attemptsIn(client, capMs, await startResettingServer()),
  },
  {
    id: 'M5',
    title: 'Accepted, greeted, dropped after 200 ms: attempts in 30 s',
    how: 'the server greets, takes what comes, and drops the TCP connection after 200 ms',
    capMs: 30_000,
    quickMs: 5_000,
    runs: 5,
    alone: false,
    measure: async (client, capMs) => {
      const server = await startServer(client.speaks);
      server.dropAfter(200);
      return attemptsIn(client, capMs, server);
    },
  },
  {
    id: 'restart',
    title: 'The server is away for 8 s under a live subscription: time from its return to the next value',
    how: 'all links reset, the port closed for 8 s; a value every 100 ms for who has subscribed',
    capMs: 60_000,
    quickMs: 15_000,
    runs: 5,
    alone: false,
    measure: restart,
  },
  {
    id: 'herd',
    title: '20 clients dropped together: spread of their first reconnects',
    how: 'all links reset at once, the server stays',
    capMs: 20_000,
    quickMs: 10_000,
    runs: 5,
    alone: true,
    measure: herd,
  },
];
