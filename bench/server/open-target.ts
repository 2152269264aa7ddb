/** Opens a measured server and a crowd that is connected to it. */
import type { CrowdOrder } from './crowd.js';
import { Remote } from './remote.js';

/** A server with its crowd. */
export interface OpenedTarget {
  readonly target: Remote;
  readonly crowd: Remote;
  readonly port: number;
  end(): Promise<void>;
}

/** What a connection to this kind of server says, and how many frames it gets before it is ready. */
export function manners(kind: string, channels: number): Pick<CrowdOrder, 'path' | 'say' | 'readyAfter'> {
  if (kind === 'socket.io') return { path: '/socket.io/?EIO=4&transport=websocket', say: ['40'], readyAfter: 3 };
  if (kind === 'ws') return { path: '/', say: [], readyAfter: 1 };
  const hello = JSON.stringify({ type: 'hello', data: { protocol: 1 } });
  if (channels === 0) return { path: '/ws', say: [hello], readyAfter: 1 };
  const names = Array.from({ length: channels }, (_, index) => ({ channel: `coin:bench-${index}` }));
  return {
    path: '/ws',
    say: [hello, JSON.stringify({ type: 'subscribe', id: 1, data: { channels: names } })],
    readyAfter: 2,
  };
}

/** Starts a server of this kind, with so many channels, and nobody connected. */
export function startTarget(kind: string, channels: number): Remote {
  return new Remote('./target.ts', { args: [kind, String(channels)], execArgv: ['--expose-gc'] });
}

/** Opens so many connections, each with all channels. */
export async function connectionsFor(kind: string, count: number, channels: number): Promise<OpenedTarget> {
  const target = startTarget(kind, channels);
  const crowd = new Remote('./crowd.ts');
  const end = async (): Promise<void> => {
    await Promise.all([crowd.end(), target.end()]);
  };
  try {
    const port = await target.call<number>('port');
    await crowd.call('open', { port, count, ...manners(kind, channels) } satisfies CrowdOrder);
    return { target, crowd, port, end };
  } catch (error) {
    await end();
    throw error;
  }
}
