/** Alert rules and what they told, in words; pure. */
import type { PriceStreamError } from '@tickwire/client';
import { decimalToNumber, type AlertTriggered } from '@tickwire/protocol';
import { formatCount, formatDollars } from '../events/format-event.js';

/** How a price of the rule's coin is written. */
export type WritePrice = (price: number) => string;

type Condition = Readonly<Record<string, unknown>>;

function numberAt(condition: Condition, key: string): number | undefined {
  return decimalToNumber(condition[key]);
}

function percent(value: number): string {
  return `${Number(Math.abs(value).toFixed(2))} %`;
}

/** What a rule waits for: `above $65,000.00`, `falls 5 % in 24 h`; a kind that this page does not know is named. */
export function conditionWords(alertType: string, condition: Condition, write: WritePrice): string {
  const price = numberAt(condition, 'targetPrice');
  if (alertType === 'price_above' && price !== undefined) return `above ${write(price)}`;
  if (alertType === 'price_below' && price !== undefined) return `below ${write(price)}`;
  const change = numberAt(condition, 'percentageChange');
  if (alertType === 'percent_change' && change !== undefined)
    return change < 0 ? `falls ${percent(change)} in 24 h` : `moves ${percent(change)} in 24 h`;
  const volume = numberAt(condition, 'volumeThreshold');
  if (alertType === 'volume_spike' && volume !== undefined) return `volume above ${formatDollars(volume)} in 24 h`;
  const worth = numberAt(condition, 'usdValue');
  if (alertType === 'whale_movement' && worth !== undefined) return `a whale moves ${formatDollars(worth)} or more`;
  const mentions = numberAt(condition, 'socialThreshold');
  if (alertType === 'social_spike' && mentions !== undefined) return `${formatCount(mentions)} mentions or more`;
  return alertType.replaceAll('_', ' ');
}

/** How far a price still has to go, in percent of itself; `undefined` for rules of something else, and where it is there. */
export function distancePercent(alertType: string, condition: Condition, price: number): number | undefined {
  const target = numberAt(condition, 'targetPrice');
  if (target === undefined || price <= 0 || (alertType !== 'price_above' && alertType !== 'price_below'))
    return undefined;
  const toGo = ((target - price) / price) * 100 * (alertType === 'price_above' ? 1 : -1);
  return toGo > 0 ? toGo : undefined;
}

/** Why the server did not do what was asked, with what to do next. */
export function alertRefusalWords(error: Pick<PriceStreamError, 'code' | 'message'>): string {
  const known = refusals.get(error.code);
  return known ?? `The server did not do it: ${error.message}`;
}

const refusals: ReadonlyMap<string, string> = new Map([
  ['TOO_MANY_ITEMS', 'You have as many alerts as there is room for. Delete one, and try again.'],
  ['UNAUTHENTICATED', 'Alerts need a user. Sign in, and try again.'],
  ['REQUEST_TIMEOUT', 'The server did not answer in time, so it is not known whether it was done. Look at the list.'],
  ['CONNECT_FAILED', 'The connection was lost on the way. Try again once it is back.'],
  ['CLOSED', 'There is no connection. Connect, and try again.'],
  ['UNKNOWN_CHANNEL', 'The server watches no such coin.'],
  ['RATE_LIMITED', 'That was too often. Try again in a minute.'],
]);

/** What has fired, and at which price where it is known: `above $65,000.00, at $65,012.30`. */
export function firedWords({ data }: AlertTriggered, write: WritePrice): string {
  const price = decimalToNumber(data.coinData?.['price']);
  const at = price === undefined ? '' : `, at ${write(price)}`;
  return `${conditionWords(data.alertType, data.condition, write)}${at}`;
}

/** The same for the same firing, on each device. */
export function firingKey({ data }: AlertTriggered): string {
  return `${data.alertId} ${data.triggeredAt}`;
}
