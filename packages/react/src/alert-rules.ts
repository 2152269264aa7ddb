/** The alert rules of a user as they will be once the server has answered; what it refuses is taken back. */
import type { AlertCreateAck, AlertItem, AlertRule, Alerts, Connection } from '@tickwire/client';
import { PriceStreamError } from '@tickwire/client/core';
import type { FeedClient, Refusal } from './feed-client.js';
import { errorOf } from './price-channel.js';
import type { StreamFeed } from './price-feed.js';
import type { Shown } from './showing.js';
import type { ReadableStore } from './use-selection.js';

/** One rule of the user. */
export interface AlertRow {
  /** The server's id; of a rule that it has not answered yet, one that no rule has. */
  readonly alertId: string | number;
  readonly alertType: string;
  readonly coinId?: AlertItem['coinId'];
  readonly condition: AlertItem['condition'];
  /** Whether the server has yet to confirm it. */
  readonly pending: boolean;
}

/** What is known of the rules; the same object until a part of it changes. */
export interface RulesState {
  readonly rules: readonly AlertRow[];
  /** Why the last thing that was asked for did not happen; `null` otherwise. */
  readonly error: Refusal;
}

/** The rules of one user. */
export interface AlertRules extends ReadableStore<RulesState> {
  readonly create: (rule: AlertRule) => Promise<AlertCreateAck['data']>;
  readonly remove: (alertId: string | number) => Promise<void>;
}

/** What hooks show of no rules. */
export const noRules: RulesState = { rules: [], error: null };

const refuse = (): Promise<never> =>
  Promise.reject(
    new PriceStreamError('UNAVAILABLE', 'This stream keeps no alert rules. Give the provider a PriceWebSocketClient.'),
  );
const refusing: Alerts = { create: refuse, list: refuse, delete: refuse };

/** Makes the rules of one client; they are listed while somebody looks, anew for each connection that knows its user. */
export function createAlertRules(feed: StreamFeed, { alerts = refusing, connection }: FeedClient): AlertRules {
  const known = new Map<AlertRow['alertId'], AlertRow>();
  const creating = new Map<AlertRow['alertId'], AlertRow>();
  const removing = new Set<AlertRow['alertId']>();
  let created = 0;
  let answered = 0;
  let error: Refusal = null;
  let value = noRules;
  let unfollow = (): void => undefined;

  const shown: Shown = {
    listeners: new Set(),
    refresh: () => {
      value = { rules: [...known.values(), ...creating.values()].filter((row) => !removing.has(row.alertId)), error };
      return true;
    },
  };

  function change(next: Refusal): void {
    error = next;
    feed.touch(shown);
  }

  /** Shows what will be, and what is once it is known. A refusal is the state's and the caller's, if that one looks. */
  function acting<Answer>(work: Promise<Answer>, apply: (answer: Answer) => void, end: () => void): Promise<Answer> {
    change(null);
    const acted = work.then(
      (answer) => {
        end();
        answered += 1;
        apply(answer);
        change(null);
        return answer;
      },
      (cause: unknown) => {
        end();
        const refusal = errorOf(cause);
        change(refusal);
        throw refusal;
      },
    );
    acted.catch(() => undefined);
    return acted;
  }

  function keep(alertId: AlertRow['alertId'], { alertType, coinId, condition }: AlertRule | AlertItem): void {
    known.set(alertId, { alertId, alertType, coinId: coinId ?? null, condition, pending: false });
  }

  function list(): void {
    const before = answered;
    alerts.list().then(
      (items) => {
        // A list from before an answer lacks the rule that was made, or has the one that was deleted.
        if (answered !== before) {
          list();
          return;
        }
        known.clear();
        if (shown.listeners.size === 0) return;
        for (const item of items) keep(item.alertId, item);
        change(null);
      },
      (cause: unknown) => change(errorOf(cause)),
    );
  }

  function forget(): void {
    known.clear();
    change(null);
  }

  function follow(): () => void {
    let wasKnown = false;
    const look = (now: Connection): void => {
      // Closing signs out: the rules are not for whoever signs in next.
      if (now.status === 'closed') forget();
      const isKnown = now.status === 'connected' && now.authenticated;
      if (isKnown && !wasKnown) list();
      wasKnown = isKnown;
    };
    if (alerts === refusing) list();
    else look(connection.get());
    return connection.subscribe(look);
  }

  return {
    get: () => value,
    getInitial: () => noRules,
    subscribe: (listener) => {
      const own = (): void => listener();
      if (shown.listeners.size === 0) unfollow = follow();
      shown.listeners.add(own);
      return () => {
        shown.listeners.delete(own);
        if (shown.listeners.size > 0) return;
        unfollow();
        feed.forget(shown);
        // While nobody looks nobody hears of another user either; they are listed anew.
        known.clear();
        shown.refresh();
      };
    },
    create: (rule) => {
      created += 1;
      const alertId = `new-${created}`;
      const { alertType, coinId, condition } = rule;
      creating.set(alertId, { alertId, alertType, coinId: coinId ?? null, condition, pending: true });
      return acting(
        alerts.create(rule),
        (ack) => keep(ack.alertId, rule),
        () => creating.delete(alertId),
      );
    },
    remove: (alertId) => {
      removing.add(alertId);
      return acting(
        alerts.delete(alertId),
        () => known.delete(alertId),
        () => removing.delete(alertId),
      );
    },
  };
}
