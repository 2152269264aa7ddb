/** A channel is one ordered stream; its name is the same word on the wire, in the client, in React and in the server. */

/** *State*: the last value wins and may be conflated. *Event*: ordered, never conflated, a loss is always announced. */
export type ChannelKind = 'state' | 'event';

/** The part of a channel's name before the colon; a name without a colon is its own prefix. */
export type ChannelPrefix = 'coin' | 'metal' | 'whales' | 'social' | 'global' | 'user' | 'portfolio';

/** A channel's name as a type: what `subscribe` takes, and what decides the type of what it delivers. */
export type Channel =
  | `coin:${string}`
  | `metal:${string}`
  | 'whales'
  | `whales:${string}`
  | 'social'
  | `social:${string}`
  | 'global'
  | 'user'
  | 'portfolio';

/** A channel's name taken apart. */
export interface ParsedChannel {
  /** The whole name, as it was given. */
  channel: Channel;
  prefix: ChannelPrefix;
  /** The part after the colon; absent for `whales`, `social`, `global`, `user` and `portfolio`. */
  id?: string;
  kind: ChannelKind;
  /** Whether only an authenticated connection may have it. */
  needsAuth: boolean;
  /** Whether every connection (or every authenticated one) has it without asking. */
  implicit: boolean;
}

/** Names that mean something to JavaScript objects and therefore are never a coin, a metal or a user's channel. */
export const refusedNames: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/** What stands after the colon: 1 to 64 of `a-z 0-9 _ -`, the first a letter or a digit, and no refused name. */
export const namePattern = /^(?!(?:constructor|prototype)$)[a-z0-9][a-z0-9_-]{0,63}$/;

/** The grammar of channel names; section 3 of PROTOCOL.md. */
export const channelPattern =
  /^(?:(?:coin|metal|whales|social):(?!(?:constructor|prototype)$)[a-z0-9][a-z0-9_-]{0,63}|whales|social|global|user|portfolio)$/;

const families: ReadonlyMap<string, Pick<ParsedChannel, 'kind' | 'needsAuth' | 'implicit'>> = new Map([
  ['coin', { kind: 'state', needsAuth: false, implicit: false }],
  ['metal', { kind: 'state', needsAuth: false, implicit: false }],
  ['whales', { kind: 'event', needsAuth: false, implicit: false }],
  ['social', { kind: 'event', needsAuth: false, implicit: false }],
  ['global', { kind: 'event', needsAuth: false, implicit: true }],
  ['user', { kind: 'event', needsAuth: true, implicit: true }],
  ['portfolio', { kind: 'state', needsAuth: true, implicit: true }],
]);

/**
 * Takes a channel's name apart.
 *
 * @returns `undefined` for anything that is no channel name: another type, an unknown prefix, an ill-formed or refused id.
 * @example parseChannel('coin:bitcoin') // { channel: 'coin:bitcoin', prefix: 'coin', id: 'bitcoin', kind: 'state', … }
 */
export function parseChannel(name: unknown): ParsedChannel | undefined {
  if (typeof name !== 'string' || !channelPattern.test(name)) return undefined;
  const colon = name.indexOf(':');
  const prefix = colon < 0 ? name : name.slice(0, colon);
  const family = families.get(prefix);
  if (family === undefined) return undefined;
  return {
    channel: name as Channel,
    prefix: prefix as ChannelPrefix,
    ...(colon < 0 ? {} : { id: name.slice(colon + 1) }),
    ...family,
  };
}

function named<P extends string>(prefix: P, id: string): `${P}:${string}` {
  if (typeof id !== 'string' || !namePattern.test(id)) {
    throw new RangeError(
      `Not a ${prefix} name. Use 1 to 64 of a-z, 0-9, "_" and "-", starting with a letter or a digit, for example ${prefix}('${prefix === 'coin' ? 'bitcoin' : 'gold'}').`,
    );
  }
  return `${prefix}:${id}`;
}

/**
 * The channel of one coin's price: `coin('bitcoin') === 'coin:bitcoin'`.
 *
 * @throws RangeError when `id` is not 1 to 64 of `a-z 0-9 _ -` or is a refused name.
 */
export function coin<const Id extends string>(id: Id): `coin:${Id}` {
  return named('coin', id) as `coin:${Id}`;
}

/**
 * The channel of one metal's price: `metal('gold') === 'metal:gold'`.
 *
 * @throws RangeError when `name` is not 1 to 64 of `a-z 0-9 _ -` or is a refused name.
 */
export function metal<const Name extends string>(name: Name): `metal:${Name}` {
  return named('metal', name) as `metal:${Name}`;
}
