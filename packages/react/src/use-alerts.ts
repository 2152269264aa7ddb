/** The user's alerts: those that have fired, and the rules that they come from. */
import type { AlertTriggered } from '@tickwire/client';
import { useMemo, useSyncExternalStore } from 'react';
import { createAlertRules, noRules, type AlertRules, type RulesState } from './alert-rules.js';
import type { EventList } from './event-queue.js';
import { feedClientOf } from './feed-client.js';
import { sharedBy } from './shared-store.js';
import { useStream } from './stream-context.js';
import { useChannelEvents, type EventListOptions } from './use-channel-events.js';
import { noStore } from './use-selection.js';

/** What {@link useAlerts} gives; `items`, `total` and `clear` are of the alerts that have fired while it was mounted. */
export interface AlertList extends EventList<AlertTriggered>, RulesState {
  /**
   * Makes a rule. It stands in `rules` at once, and is taken back if the server refuses it; that is `error`, and the
   * promise rejects, which nobody has to look at.
   */
  readonly create: AlertRules['create'];
  /** Deletes a rule. It leaves `rules` at once, and comes back if the server refuses. */
  readonly remove: AlertRules['remove'];
}

// In one file with others, a call is taken for something that has to happen.
const rulesOf = /* @__PURE__ */ sharedBy(createAlertRules);
const nobody = /* @__PURE__ */ noStore(noRules);

/**
 * Alerts that fire while mounted, and the rules of the user, which all components below a provider share. `null` is
 * none: nobody is signed in.
 *
 * @throws Error without a provider
 * @example const { items, rules, create, remove } = useAlerts();
 */
export function useAlerts(options: EventListOptions | null = {}): AlertList {
  const { client, feed } = useStream('useAlerts');
  const events = useChannelEvents<AlertTriggered>('useAlerts', options === null ? null : 'user', options ?? {});
  const own = rulesOf(feed, feedClientOf(client));
  const store = options === null ? nobody : own;
  const { rules, error } = useSyncExternalStore(store.subscribe, store.get, store.getInitial);
  return useMemo(
    () => ({ ...events, rules, error: events.error ?? error, create: own.create, remove: own.remove }),
    [events, rules, error, own],
  );
}
