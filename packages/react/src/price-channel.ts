/** Which channels carry prices, and what is wrong with a name that does not. */
import { PriceStreamError } from '@tickwire/client';
import { parseChannel, type Channel } from '@tickwire/protocol/rules';

/** A channel that carries prices: `coin:<id>` or `metal:<name>`. */
export type PriceChannel = Extract<Channel, `coin:${string}` | `metal:${string}`>;

const longestShown = 80;

/** What to write instead of a name; `undefined` for the name of a channel that carries prices. */
export function wrongChannel(channel: unknown): PriceStreamError | undefined {
  const parsed = parseChannel(channel);
  if (parsed?.prefix === 'coin' || parsed?.prefix === 'metal') return undefined;
  const given = typeof channel === 'string' ? `'${channel.slice(0, longestShown)}'` : `A ${typeof channel}`;
  const wrong = parsed === undefined ? 'is no channel: names are lower case' : 'carries no prices';
  return new PriceStreamError('CONFIGURATION', `${given} ${wrong}. Write for example 'coin:bitcoin'.`);
}

/** Whatever was thrown, as the error that hooks show. */
export function errorOf(cause: unknown): PriceStreamError {
  if (cause instanceof PriceStreamError) return cause;
  const message = cause instanceof Error ? cause.message : 'The client refused without a reason.';
  return new PriceStreamError('UNAVAILABLE', message, { cause });
}
