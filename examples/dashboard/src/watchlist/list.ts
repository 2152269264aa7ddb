/** The list of instruments that a person composes; pure. */
import { parseChannel } from '@tickwire/protocol/rules';
import type { PriceChannel } from '@tickwire/react';
import type { CatalogRow } from '../market/catalog-rows.js';

/** The channels of the list, in the order that its owner gave them. */
export type WatchedList = readonly PriceChannel[];

/** A longer list is cut: it would not fit into what a server subscribes for one page. */
export const mostWatched = 1_500;
const mostByDefault = 10;

/** What most people look at first, where the catalog has it. */
const wellKnown: readonly PriceChannel[] = [
  ...(['coin:bitcoin', 'coin:ethereum', 'coin:solana', 'coin:dogecoin', 'coin:shiba-inu', 'coin:pepe'] as const),
  ...(['metal:gold', 'metal:silver', 'metal:platinum', 'metal:palladium'] as const),
];

function isPriceChannel(value: unknown): value is PriceChannel {
  const parsed = parseChannel(value);
  return parsed?.id !== undefined && (parsed.prefix === 'coin' || parsed.prefix === 'metal');
}

/** The list that was kept in the browser, without what is no channel and what is there twice; `undefined` for no list. */
export function keptList(value: unknown): WatchedList | undefined {
  if (!Array.isArray(value)) return undefined;
  return [...new Set(value.filter(isPriceChannel))].slice(0, mostWatched);
}

/** The list of a first visit: what is well known, then what the catalog has first. */
export function defaultList(rows: ReadonlyMap<string, CatalogRow>): WatchedList {
  const known = wellKnown.filter((channel) => rows.has(channel));
  return [...new Set([...known, ...[...rows.values()].map(({ channel }) => channel)])].slice(0, mostByDefault);
}

/** How many rows of the catalog `?rows=` asks for, to see how the page bears them; `undefined` where it asks for none. */
export function askedRows(search: string): number | undefined {
  const asked = Number(new URLSearchParams(search).get('rows'));
  return Number.isInteger(asked) && asked > 0 ? Math.min(asked, mostWatched) : undefined;
}

/** The list with another channel at its end; the same list where it is there, or no room for it. */
export function withChannel(list: WatchedList, channel: PriceChannel): WatchedList {
  return list.includes(channel) || list.length >= mostWatched ? list : [...list, channel];
}

/** The list without a channel. */
export function withoutChannel(list: WatchedList, channel: PriceChannel): WatchedList {
  return list.filter((known) => known !== channel);
}

/** The list with a channel in another place; a place beyond an end is that end. */
export function withMoved(list: WatchedList, channel: PriceChannel, to: number): WatchedList {
  const from = list.indexOf(channel);
  const place = Math.min(Math.max(to, 0), list.length - 1);
  if (from < 0 || from === place) return list;
  const rest = withoutChannel(list, channel);
  return [...rest.slice(0, place), channel, ...rest.slice(place)];
}
