/** Which dialect the other side speaks, told from what it sends or, in silence, from what it is asked for. */
import type { Hello } from '@tickwire/protocol';
import { parseChannel, type Channel } from '@tickwire/protocol/rules';
import type { Dialect, Policy, ServerLimits } from './session-state.js';

const dialectsByType: ReadonlyMap<string, Dialect> = new Map<string, Dialect>([
  ['hello', 'tickwire'],
  ['priceUpdate', 'metals'],
  ['price_update', 'coins'],
  ['welcome', 'coins'],
  ['subscribed', 'coins'],
  ['alert_triggered', 'coins'],
  ['whale_movement', 'coins'],
  ['social_spike', 'coins'],
]);

/** What a first frame of this type proves; `undefined` for a bare `pong`, an `error`, and anything else. */
export function dialectOfFrame(type: string): Dialect | undefined {
  return dialectsByType.get(type);
}

/** What to speak when the server stays silent: decided by the first wanted channel. */
export function dialectOfChannels(wanted: Iterable<Channel>): Dialect | undefined {
  for (const channel of wanted) return parseChannel(channel)?.prefix === 'metal' ? 'metals' : 'coins';
  return undefined;
}

/**
 * The dialect at the moment the socket opens: an explicit older one, or the one remembered. `undefined` waits for the
 * server, because a `tickwire` server always speaks first.
 */
export function dialectAtOpen(policy: Policy['dialect'], remembered: Dialect | null): Dialect | undefined {
  const known = policy === 'auto' ? remembered : policy;
  return known === null || known === 'tickwire' ? undefined : known;
}

/** What holds until a `hello` says otherwise. */
export const defaultLimits: ServerLimits = {
  maxChannelsPerFrame: 50,
  maxFrameBytes: 16_384,
  messagesPerMinute: 300,
  burst: 40,
};

/** The limits of a `hello`; absent or useless ones keep the default. */
export function limitsOf(hello: Hello): ServerLimits {
  const { limits } = hello.data;
  const positive = (value: number | null | undefined, fallback: number): number =>
    typeof value === 'number' && value >= 1 ? value : fallback;
  return {
    maxChannelsPerFrame: Math.floor(positive(limits.maxChannelsPerFrame, defaultLimits.maxChannelsPerFrame)),
    maxFrameBytes: positive(limits.maxFrameBytes, defaultLimits.maxFrameBytes),
    messagesPerMinute: positive(limits.messagesPerMinute, defaultLimits.messagesPerMinute),
    burst: Math.floor(positive(limits.burst, defaultLimits.burst)),
  };
}
