/** Looks at everything that is published of a coin, and tells the users whose alerts it triggers. */
import type { AlertTriggered, ChannelMessage } from '@tickwire/protocol';
import { momentOf, toIso, type Clock } from '../clock.js';
import type { FairTurns } from '../services/fair-turns.js';
import type { AlertBook } from './alert-book.js';
import { signalOf, type AlertRule } from './alert-rules.js';

/** What the watch is made of. */
export interface AlertWatchOptions {
  readonly book: AlertBook;
  readonly clock: Clock;
  /** Spreads what is told over turns of the event loop. */
  readonly turns: FairTurns;
  /** Tells all devices of a user; what it rejects with has been logged. */
  readonly tell: (userId: string, message: AlertTriggered) => Promise<void>;
}

/** Telling one alert costs as much as so many holdings of a portfolio. */
const stepsOfAlert = 5;
const account = 'alerts';

/** The keys of a coin's data that go along with an alert. */
const toldKeys: readonly string[] = [
  ...['price', 'volume24h', 'priceChange24h', 'marketCap', 'currency', 'timestamp'],
  ...['txHash', 'amount', 'usdValue', 'platform', 'mentions24h', 'sentimentScore', 'trendingScore'],
];

/** An alert as the message on the wire, with what triggered it. */
export function alertMessageOf(
  { alertId, alertType, userId, condition }: AlertRule,
  coinId: string,
  data: object,
  now: number,
): AlertTriggered {
  const at = toIso(now);
  const coinData = Object.fromEntries(Object.entries(data).filter(([key]) => toldKeys.includes(key)));
  return {
    type: 'alert_triggered',
    data: { alertId, alertType, coinId, condition, triggeredAt: at, coinData },
    timestamp: at,
    userId,
    coinId,
  };
}

/** Makes the listener for messages of coins; it never throws. All rules are looked at at once, and told of in slices. */
export function createAlertWatch({ book, clock, turns, tell }: AlertWatchOptions) {
  function tellInTurn(rule: AlertRule, message: () => AlertTriggered): void {
    // A refusal has been logged by the service that tells.
    const run = (): void => void tell(rule.userId, message()).catch(() => undefined);
    const turn = turns.take(account, stepsOfAlert);
    if (turn === undefined) run();
    else void turn.then(run);
  }

  return (coinId: string, message: ChannelMessage): void => {
    const signal = signalOf(coinId, message);
    if (signal === undefined) return;
    const now = momentOf(clock);
    for (const rule of book.take(signal, now)) {
      tellInTurn(rule, () => alertMessageOf(rule, coinId, message.data ?? {}, now.at));
    }
  };
}
