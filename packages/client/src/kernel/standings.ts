/** Whether a channel's subscription stands, as far as the server can tell. */
import type { Shown } from './connection.js';
import type { PriceStreamError } from './errors.js';
import type { Links } from './links.js';
import { missingError } from './missing-channels.js';
import type { Prices } from './prices.js';

/** How a subscription stands. */
export type Standing =
  | { readonly state: 'pending' }
  | { readonly state: 'ready'; readonly confirmed: boolean }
  | { readonly state: 'refused'; readonly error: PriceStreamError };

/** The standings of one stream. */
export class Standings {
  readonly #links: Links;
  readonly #shown: Shown;
  readonly #prices: Prices;

  constructor(links: Links, shown: Shown, prices: Prices) {
    this.#links = links;
    this.#shown = shown;
    this.#prices = prices;
  }

  /** Where a channel stands on this connection. */
  of(channel: string): Standing {
    const { ending } = this.#shown;
    if (ending !== undefined) return { state: 'refused', error: ending };
    // Nobody confirms a channel that comes another way.
    if (this.#shown.instead?.() !== undefined) return { state: 'ready', confirmed: this.#hasCome(channel) };
    const { current } = this.#links;
    if (current?.up !== true) return { state: 'pending' };
    const key = current.carry(channel);
    if (key === undefined) return { state: 'refused', error: missingError(current.dialect.name, [channel]) };
    const asked = key === true ? undefined : current.asked(key);
    if (asked?.status === 'refused' && asked.error !== undefined) return { state: 'refused', error: asked.error };
    if (asked?.status === 'confirmed') return { state: 'ready', confirmed: true };
    if (key === true || asked?.status === 'unconfirmed') return { state: 'ready', confirmed: this.#hasCome(channel) };
    return { state: 'pending' };
  }

  /** A channel whose standing cannot be confirmed counts as confirmed once data of this connection has come. */
  #hasCome(channel: string): boolean {
    const { current } = this.#shown;
    const tick = this.#prices.view.get(channel);
    return current.status === 'connected' && tick !== undefined && tick.receivedAt >= current.since;
  }
}
