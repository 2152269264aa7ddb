/** The alerts that fired, newest first: those that came while one looked, and those that the server still knows. Pure. */
import type { HistoryPage } from '@tickwire/client';
import type { AlertTriggered, ChannelMessage } from '@tickwire/protocol';
import { firingKey } from './alert-words.js';

/** So many are shown. */
const mostShown = 50;

/** The alerts in a stretch of the channel `user`, which may carry other things. */
export function alertsIn(messages: HistoryPage['messages']): AlertTriggered[] {
  return (messages as readonly ChannelMessage[]).filter(
    (message): message is AlertTriggered => message.type === 'alert_triggered',
  );
}

/** @param came the newest last, as they came @param earlier the newest last, as servers give them */
export function firedAlerts(came: readonly AlertTriggered[], earlier: readonly AlertTriggered[]): AlertTriggered[] {
  const byKey = new Map([...earlier, ...came].map((alert) => [firingKey(alert), alert]));
  const timeOf = ({ data }: AlertTriggered): number => Date.parse(data.triggeredAt);
  return [...byKey.values()].sort((one, other) => timeOf(other) - timeOf(one)).slice(0, mostShown);
}
