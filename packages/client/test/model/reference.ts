/** What must be true of a client whatever happens to it: a small model beside it, told of the same things. */
import type { Connection } from '@tickwire/client';
import type { Channel } from '@tickwire/protocol';
import type { Sequence } from './operations.js';

/** Where the client is as far as its user is concerned. */
export type Mode = 'idle' | 'running' | 'closed' | 'failed';

export function modeOf({ status }: Connection): Mode {
  return status === 'idle' || status === 'closed' || status === 'failed' ? status : 'running';
}

const followers: Readonly<Record<Connection['status'], readonly Connection['status'][]>> = {
  idle: ['connecting', 'closed'],
  connecting: ['connected', 'reconnecting', 'paused', 'closed', 'failed'],
  connected: ['connected', 'connecting', 'reconnecting', 'paused', 'closed', 'failed'],
  reconnecting: ['connecting', 'reconnecting', 'paused', 'closed', 'failed'],
  paused: ['connecting', 'reconnecting', 'paused', 'closed', 'failed'],
  closed: ['connecting'],
  failed: ['connecting', 'closed'],
};

/** Whether a connection may go from one state to the other. */
export function mayFollow(before: Connection['status'], after: Connection['status']): boolean {
  return followers[before].includes(after);
}

type Verdict = 'stops' | 'fails' | 'may fail' | 'goes on';

/** What a close of the server does to a client with such a token: the table of protocol.md, section 8. */
export function verdictOf(code: number, token: Sequence['token']): Verdict {
  switch (code) {
    case 1000:
    case 4409:
      return 'stops';
    case 4400:
    case 4403:
    case 4406:
      return 'fails';
    case 4401:
      return token === 'provider' ? 'may fail' : 'fails';
    case 1002:
    case 4408:
      return 'may fail';
    default:
      return 'goes on';
  }
}

/** What a subscription has been given. */
export interface Delivered {
  readonly channel: string;
  readonly seq: number | undefined;
}

/** The numbers of an event channel that one subscription missed: neither delivered nor announced as lost. */
export function silentHoles(
  delivered: readonly Delivered[],
  gaps: readonly { channel: string; from: number | null; to: number | null }[],
): number[] {
  const seen = delivered.flatMap(({ channel, seq }) => (channel === 'whales' && seq !== undefined ? [seq] : []));
  const missing: number[] = [];
  for (let seq = (seen[0] ?? 0) + 1; seq < (seen.at(-1) ?? 0); seq += 1) {
    const told = gaps.some(({ from, to }) => from !== null && to !== null && from <= seq && seq <= to);
    if (!seen.includes(seq) && !told) missing.push(seq);
  }
  return missing;
}

/** The first of the numbers that does not come after the one before it. */
export function doubled(delivered: readonly Delivered[]): number | undefined {
  let last = 0;
  for (const { channel, seq } of delivered) {
    if (channel !== 'whales' || seq === undefined) continue;
    if (seq <= last) return seq;
    last = seq;
  }
  return undefined;
}

/** The channels of all that hold any. */
export function wantedBy(holders: Iterable<{ readonly channels: readonly Channel[] }>): Set<Channel> {
  return new Set([...holders].flatMap(({ channels }) => channels));
}
