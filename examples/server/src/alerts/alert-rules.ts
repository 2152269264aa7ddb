/** When an alert triggers. Pure: a rule, where it stands and what happened make whether it triggers and where it stands then. */
import { decimalToNumber, type AlertCondition, type AlertType, type ChannelMessage } from '@tickwire/protocol';
import type { Moment } from '../clock.js';

/** A rule of one user. */
export interface AlertRule {
  readonly alertId: number;
  readonly userId: string;
  readonly alertType: AlertType;
  /** Absent: whales or spikes of any coin. */
  readonly coinId?: string;
  readonly condition: AlertCondition;
  /** The value of the condition that counts. */
  readonly threshold: number;
  /** After it triggered a rule is quiet for so long. */
  readonly cooldownMs: number;
  /** So far, in percent of the threshold, a value must go back before the rule can trigger again. */
  readonly hysteresisPct: number;
}

/** Where a rule stands. A rule that is not armed waits for the value to go back. */
export interface AlertState {
  readonly isArmed: boolean;
  readonly triggered?: Moment;
}

/** What happened to a coin, as far as rules look at it. */
export interface AlertSignal {
  readonly coinId: string;
  readonly kind: 'price' | 'whale' | 'social';
  readonly price?: number;
  /** Percent of 24 hours. */
  readonly changePercent?: number;
  readonly volume24h?: number;
  readonly usdValue?: number;
  readonly mentions24h?: number;
}

/** A rule before anything happened. */
export const freshAlert: AlertState = { isArmed: true };

/** Which value of the condition a rule needs, what it looks at, and whether each event stands for itself. */
interface Measure {
  readonly key: 'targetPrice' | 'percentageChange' | 'volumeThreshold' | 'usdValue' | 'socialThreshold';
  readonly kind: AlertSignal['kind'];
  /** 1: the value must reach the threshold from below; -1: from above. */
  readonly sign: 1 | -1;
  readonly valueOf: (signal: AlertSignal, threshold: number) => number | undefined;
}

const measures: ReadonlyMap<AlertType, Measure> = new Map<AlertType, Measure>([
  ['price_above', { key: 'targetPrice', kind: 'price', sign: 1, valueOf: ({ price }) => price }],
  ['price_below', { key: 'targetPrice', kind: 'price', sign: -1, valueOf: ({ price }) => price }],
  ['percent_change', { key: 'percentageChange', kind: 'price', sign: 1, valueOf: moveOf }],
  ['volume_spike', { key: 'volumeThreshold', kind: 'price', sign: 1, valueOf: ({ volume24h }) => volume24h }],
  ['whale_movement', { key: 'usdValue', kind: 'whale', sign: 1, valueOf: ({ usdValue }) => usdValue }],
  ['social_spike', { key: 'socialThreshold', kind: 'social', sign: 1, valueOf: ({ mentions24h }) => mentions24h }],
]);

/** A positive threshold means a move either way, a negative one a fall. */
function moveOf({ changePercent }: AlertSignal, threshold: number): number | undefined {
  if (changePercent === undefined) return undefined;
  return threshold < 0 ? -changePercent : Math.abs(changePercent);
}

/** The key of the condition that a type of rule needs. */
export function neededKey(alertType: AlertType): Measure['key'] | undefined {
  return measures.get(alertType)?.key;
}

/** Whether a type of rule is about one coin's price, and so needs to know which. */
export function needsCoin(alertType: AlertType): boolean {
  return measures.get(alertType)?.kind === 'price';
}

/** The threshold in a condition; `undefined` when the value that the type needs is not there. */
export function thresholdOf(alertType: AlertType, condition: AlertCondition): number | undefined {
  const key = neededKey(alertType);
  return key === undefined ? undefined : decimalToNumber(condition[key]);
}

/** Evaluates a rule. A signal that it does not look at changes nothing. */
export function evaluateAlert(
  rule: AlertRule,
  state: AlertState,
  signal: AlertSignal,
  now: Moment,
): { readonly state: AlertState; readonly triggers: boolean } {
  const measure = measures.get(rule.alertType);
  const isMeant = measure?.kind === signal.kind && (rule.coinId === undefined || rule.coinId === signal.coinId);
  const value = isMeant ? measure.valueOf(signal, rule.threshold) : undefined;
  if (measure === undefined || value === undefined) return { state, triggers: false };

  const threshold = measure.key === 'percentageChange' ? Math.abs(rule.threshold) : rule.threshold;
  const reached = measure.sign * value >= measure.sign * threshold;
  // Each whale and each spike stands for itself: there is nothing that could go back.
  const isArmed = state.isArmed || measure.kind !== 'price';
  if (!isArmed) {
    const back = measure.sign * threshold - (Math.abs(threshold) * rule.hysteresisPct) / 100;
    // A share of 0, or one too small for the digits of the threshold, leaves no distance: reached is never back.
    const isBack = !reached && (rule.hysteresisPct === 0 || measure.sign * value <= back);
    return { state: isBack ? { ...state, isArmed: true } : state, triggers: false };
  }
  const isQuiet = state.triggered !== undefined && now.elapsed - state.triggered.elapsed < rule.cooldownMs;
  return reached && !isQuiet
    ? { state: { isArmed: false, triggered: now }, triggers: true }
    : { state, triggers: false };
}

/** Leaves out what is no number. */
function numbersOf<K extends string>(values: Readonly<Record<K, unknown>>): Partial<Record<K, number>> {
  const found: Partial<Record<K, number>> = {};
  for (const key of Object.keys(values) as K[]) {
    const number = decimalToNumber(values[key]);
    if (number !== undefined) found[key] = number;
  }
  return found;
}

/** What a message of a coin means to rules; `undefined` for notices, and for a price that is known to be old. */
export function signalOf(coinId: string, message: ChannelMessage): AlertSignal | undefined {
  if (message.type === 'whale_movement') {
    return { coinId, kind: 'whale', ...numbersOf({ usdValue: message.data.usdValue }) };
  }
  if (message.type === 'social_spike') {
    return { coinId, kind: 'social', ...numbersOf({ mentions24h: message.data.mentions24h }) };
  }
  if (message.type !== 'price_update' || message.data.price === undefined || message.data['stale'] === true) {
    return undefined;
  }
  const { price, priceChange24h: changePercent, volume24h } = message.data;
  return { coinId, kind: 'price', ...numbersOf({ price, changePercent, volume24h }) };
}
