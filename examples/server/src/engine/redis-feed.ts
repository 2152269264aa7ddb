/** What a node knows of one channel that it hears through Redis. Plain state; `redis-feeds.ts` moves it. */
import type { IdentifiedMessage, IdentifiedPosition } from './redis-messages.js';

/** One channel. */
export interface Feed {
  readonly channel: string;
  readonly take: (payload: unknown) => void;
  /** Resolves once it is live for the first time. */
  ready: Promise<void>;
  interests: number;
  cancelLinger: (() => void) | undefined;
  /** How far it was told; unknown before it was first settled. */
  position: IdentifiedPosition | undefined;
  /** Up to here the log was read: what comes of it once more is no sign of anything. */
  settledTo: number;
  /** Whether what follows is told at once; if not, it is held. */
  isLive: boolean;
  readonly held: IdentifiedMessage[];
  settling: Promise<void> | undefined;
  isGone: boolean;
}

/** A channel of which nothing is known yet. */
export function createFeed(channel: string, take: (payload: unknown) => void): Feed {
  return {
    channel,
    take,
    ready: Promise.resolve(),
    interests: 0,
    cancelLinger: undefined,
    position: undefined,
    settledTo: 0,
    isLive: false,
    held: [],
    settling: undefined,
    isGone: false,
  };
}
