/** One hook's place at a shared client: it keeps what was shown when it moves from one to another, and says that it is old. */
import type { Connection, PriceStreamError, PriceTick } from '@tickwire/client';
import type { PriceFeed } from './price-feed.js';
import type { Lease, SharedClients, Wish } from './shared-client.js';
import type { Token } from './shared-entry.js';

/** Where a hook sits, and what it looks at. */
export interface Place extends Pick<Wish, 'url' | 'session'> {
  readonly channels: readonly string[];
}

/** Whom a seat tells. */
export interface SeatListeners {
  /** What the feed shows is about to change, as soon as this is rendered. */
  renew(feed: PriceFeed): void;
  /** Another client stands behind the seat. */
  moved(): void;
}

/** A hook's place. Nothing is opened before `sit`, which belongs into an effect. */
export interface Seat {
  /** Remembers the newest token; where somebody sits, moves if that asks for another client. Once after each render. */
  offer(token: Token | null | undefined): void;
  sit(place: Place, listeners: SeatListeners): () => void;
  /** The price of a channel; one that this connection has not brought is never fresh. */
  tick(channel: string, isOpen: boolean): PriceTick | undefined;
  error(channel: string): PriceStreamError | null;
  connection(): Connection;
  retry: () => void;
}

const idle: Connection = { status: 'idle' };
const asking: Connection = { status: 'connecting', attempt: 1 };
const staleTicks = new WeakMap<PriceTick, PriceTick>();

/** The same price, of yesterday; the same object for the same price. */
function staleTickOf(tick: PriceTick): PriceTick {
  if (tick.freshness === 'stale') return tick;
  const known = staleTicks.get(tick) ?? { ...tick, freshness: 'stale' };
  staleTicks.set(tick, known);
  return known;
}

/** Makes a seat. */
export function createSeat(clients: SharedClients): Seat {
  let token: Token | null | undefined;
  /** How many renders in a row have brought the same token. */
  let seen = 0;
  let seated: (Place & SeatListeners) | undefined;
  let lease: Lease | undefined;
  let unlisten: () => void = () => undefined;
  /** Only the last wish counts. */
  let wishes = 0;
  let kept = new Map<string, PriceTick>();
  let keptOf = '';

  const placeName = ({ url, session }: Place): string => JSON.stringify([url, session ?? null]);

  function keep({ channels }: Place): void {
    const ticks = channels.flatMap((channel) => {
      const tick = lease?.feed.get(channel).tick ?? kept.get(channel);
      return tick === undefined ? [] : [[channel, staleTickOf(tick)] as const];
    });
    kept = new Map(ticks);
  }

  function leave(): void {
    if (seated !== undefined) keep(seated);
    unlisten();
    unlisten = () => undefined;
    lease?.release();
    lease = undefined;
  }

  function take(next: Lease, place: Place & SeatListeners): void {
    const before = lease;
    if (before?.feed !== next.feed) {
      const stopBefore = unlisten;
      if (before !== undefined) keep(place);
      const renew = (): void => place.renew(next.feed);
      const stops = [next.feed.follow(renew), next.feed.subscribe(place.channels, renew, true)];
      unlisten = () => {
        for (const stop of stops) stop();
      };
      stopBefore();
    }
    lease = next;
    before?.release();
    place.moved();
  }

  function move(): void {
    const place = seated;
    if (place === undefined) return;
    wishes += 1;
    const mine = wishes;
    const given = clients.lease({ url: place.url, session: place.session, token });
    if (!(given instanceof Promise)) {
      take(given, place);
      return;
    }
    void given.then((arrived) => {
      if (mine === wishes && seated === place) take(arrived, place);
      else arrived.release();
    });
  }

  return {
    offer: (next) => {
      const before = token;
      if (next === before) {
        seen += 1;
        return;
      }
      // A function that is another one at each render is the same wish; one that has lasted was somebody's.
      const hasLasted = typeof before === 'function' && (seen > 1 || clients.holdersOf(before) > 1);
      token = next;
      seen = 1;
      if (seated === undefined) return;
      const isInline = typeof before === 'function' && typeof next === 'function' && !hasLasted;
      const isFunction = typeof before === 'function' || typeof next === 'function';
      const stays = typeof seated.session === 'string' || isInline || !isFunction;
      if (lease === undefined || !stays) move();
      else
        lease.offer(next, () => {
          if (token === next) move();
        });
    },
    sit: (place, listeners) => {
      if (placeName(place) !== keptOf) kept.clear();
      keptOf = placeName(place);
      seated = { ...place, ...listeners };
      move();
      const own = seated;
      return () => {
        if (seated !== own) return;
        leave();
        wishes += 1;
        seated = undefined;
      };
    },
    tick: (channel, isOpen) => {
      const tick = lease?.feed.get(channel).tick;
      if (tick === undefined) return kept.get(channel);
      return isOpen ? tick : staleTickOf(tick);
    },
    error: (channel) => lease?.feed.get(channel).error ?? null,
    connection: () => lease?.feed.connection() ?? (seated === undefined ? idle : asking),
    retry: () => lease?.retry(),
  };
}
