/** The lane of its own that polled prices take: the positions of the socket, which it resumes from, know nothing of them. */
import { ChannelPositions, type PositionsHost } from './channel-positions.js';
import { PriceStreamError } from './errors.js';
import { FallbackPolling, type PollingHost } from './fallback-polling.js';
import type { MessageRouter, RouterHost } from './message-router.js';
import type { Settings } from './options.js';

interface LaneHost extends Omit<PollingHost, 'route'>, Pick<PositionsHost, 'isWanted'> {
  makeRouter(
    positions: ChannelPositions,
    source: Pick<RouterHost, 'isLive' | 'currentSocket' | 'control'>,
  ): MessageRouter;
}

const nothing = (): void => undefined;

/** The polling of a client, if it was asked for. */
export function polledLane(settings: Settings, host: LaneHost): FallbackPolling | undefined {
  if (settings.fallback === undefined) return undefined;
  const positions = new ChannelPositions({
    clock: settings.clock,
    isWanted: (channel) => host.isWanted(channel),
    minIntervalMs: () => 0,
    deliver: (channel, message) => router.deliver(channel, message),
    announce: nothing,
    missed: nothing,
    duplicate: nothing,
    confirm: nothing,
    history: () => Promise.reject(new PriceStreamError('UNAVAILABLE', 'There is no history while polling.')),
    resubscribe: nothing,
  });
  const router = host.makeRouter(positions, {
    isLive: (run) => run === polling.run,
    currentSocket: () => polling.run,
    control: nothing,
  });
  const polling: FallbackPolling = new FallbackPolling(settings, settings.fallback, {
    prices: host.prices,
    counters: host.counters,
    route: (message, reported) => router.route(message, reported, polling.run),
    invalid: (event) => host.invalid(event),
    changed: () => host.changed(),
    polled: () => host.polled(),
  });
  return polling;
}
