/** The lane of its own that polled prices take: the positions of the socket, which it resumes from, know nothing of them. */
import type { ChannelPositions, PositionsHost } from './channel-positions.js';
import { FallbackPolling, type PollingHost } from './fallback-polling.js';
import type { MessageRouter, RouterHost } from './message-router.js';
import type { FallbackSettings, Settings } from './options.js';

/** What the lane asks of the client. */
export interface LaneHost extends Omit<PollingHost, 'route'>, Pick<PositionsHost, 'isWanted'> {
  makePositions(host: PositionsHost): ChannelPositions;
  makeRouter(
    positions: ChannelPositions,
    source: Pick<RouterHost, 'isLive' | 'currentSocket' | 'control'>,
  ): MessageRouter;
}

const nothing = (): void => undefined;

/** The polling of a client. */
export function polledLane(settings: Settings, fallback: FallbackSettings, host: LaneHost): FallbackPolling {
  const positions = host.makePositions({
    clock: settings.clock,
    isWanted: (channel) => host.isWanted(channel),
    minIntervalMs: () => 0,
    deliver: (channel, message) => router.deliver(channel, message),
    announce: nothing,
    missed: nothing,
    duplicate: nothing,
    confirm: nothing,
    history: () => Promise.reject(new Error('There is no history while polling.')),
    resubscribe: nothing,
  });
  const router = host.makeRouter(positions, {
    isLive: (run) => run === polling.run,
    currentSocket: () => polling.run,
    control: nothing,
  });
  const polling: FallbackPolling = new FallbackPolling(settings, fallback, {
    ...host,
    route: (message, reported) => router.route(message, reported, polling.run),
  });
  return polling;
}
