/** Alert rules and what they told, in words; pure. */
import { decimalToNumber, type AlertItem, type AlertTriggered } from '@tickwire/protocol';
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

/** The rule of a list in words. */
export function ruleWords(rule: Pick<AlertItem, 'alertType' | 'condition'>, write: WritePrice): string {
  return conditionWords(rule.alertType, rule.condition, write);
}

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

/** The title of the page while nobody looks: how many alerts fired meanwhile, and the last of them. */
export function titleWords(title: string, unseen: number, last: string | undefined): string {
  if (unseen === 0) return title;
  return `(${unseen}) ${last ?? 'Alert'} – ${title}`;
}
