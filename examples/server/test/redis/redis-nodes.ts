/** Engines on one Redis, as nodes have them, each with a witness that writes down what its listeners are told. */
import { randomBytes } from 'node:crypto';
import { systemClock } from '../../src/clock.js';
import type { Engine, Loss, PublishedMessage } from '../../src/engine/engine.js';
import { createRedisEngine } from '../../src/engine/redis.js';
import { openRedis } from '../../src/engine/redis-clients.js';
import { defaultLimits, type Limits } from '../../src/limits.js';

export const createId = (): string => randomBytes(9).toString('base64url');

export interface EngineNode {
  readonly engine: Engine;
  /** All that it was told, in order. */
  readonly told: (PublishedMessage | Loss)[];
  /** Errors that Redis or a connection had; the node lives. */
  readonly errors: unknown[];
  /** The numbers in the bodies of what it was told of a channel, with `lost` where a loss was told. */
  heard(channel: string): (number | 'lost')[];
  figure(name: string): number;
  close(): Promise<void>;
}

/** A node's engine, connected and started. */
export async function startNode(url: string, limits: Partial<Limits> = {}): Promise<EngineNode> {
  const errors: unknown[] = [];
  const link = openRedis({
    settings: { mode: 'single', urls: [url], prefix: 't' },
    random: Math.random,
    onError: (error) => errors.push(error),
  });
  await link.connect();
  const engine = createRedisEngine({
    link,
    prefix: 't',
    limits: { ...defaultLimits, engineLingerMs: 50, ...limits },
    clock: systemClock,
    createId,
    onError: (_what, error) => errors.push(error),
  });
  await engine.start();
  const told: (PublishedMessage | Loss)[] = [];
  engine.onMessage((message) => told.push(message));
  engine.onLoss((loss) => told.push(loss));
  return {
    engine,
    told,
    errors,
    heard: (channel) =>
      told
        .filter((item) => item.channel === channel)
        .map((item) => ('body' in item ? (JSON.parse(item.body) as { n: number }).n : 'lost')),
    figure: (name) => engine.status().figures.get(name) ?? 0,
    async close() {
      await engine.close();
      await link.close();
    },
  };
}

/** Publishes `{"n":from}` … `{"n":to}`, one after the other. */
export async function publishRange(engine: Engine, channel: string, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n += 1) await engine.publish(channel, JSON.stringify({ n }));
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** What must never be, whatever happened: a hole that was not told, a number twice, or one that goes back within its epoch. */
export function faultsIn(told: readonly (PublishedMessage | Loss)[]): string[] {
  const faults: string[] = [];
  const last = new Map<string, { epoch: string; seq: number }>();
  const ended = new Set<string>();
  for (const { channel, epoch, seq, ...rest } of told) {
    const known = last.get(channel);
    const isLoss = !('body' in rest);
    const at = `${channel} ${epoch}#${seq}`;
    if (ended.has(`${channel} ${epoch}`)) faults.push(`${at} is of an epoch that has ended`);
    if (known !== undefined && known.epoch !== epoch) {
      ended.add(`${channel} ${known.epoch}`);
      if (!isLoss) faults.push(`${at} begins an epoch of which nobody was told`);
    } else if (known !== undefined && isLoss && seq <= known.seq) faults.push(`${at} is lost and was told`);
    else if (known !== undefined && !isLoss && seq !== known.seq + 1) faults.push(`${at} follows #${known.seq}`);
    last.set(channel, { epoch, seq });
  }
  return faults;
}
