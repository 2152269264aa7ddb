/** The user's alerts: what is waited for, and what fired. */
import { useAlerts, useConnection, usePrice, usePriceClient } from '@tickwire/react';
import type { AlertTriggered } from '@tickwire/protocol';
import { useEffect, useState, type ReactElement } from 'react';
import { useAccount } from '../account/demo-context.js';
import { SignIn } from '../account/sign-in.js';
import { formatTimeOfDay } from '../events/format-event.js';
import { useMarket } from '../market/market.js';
import { Panel } from '../shell/panel.js';
import { PassingButton } from '../shell/passing-button.js';
import { AlertButton } from './alert-button.js';
import { alertsIn, firedAlerts } from './alert-history.js';
import { alertRefusalWords, conditionWords, distancePercent, firedWords, firingKey } from './alert-words.js';
import { coinOfAlert } from './coin-of-alert.js';

type Alerts = ReturnType<typeof useAlerts>;
type Rule = Alerts['rules'][number];

/** `, 1.4 % to go`; nothing for rules that wait for something else than a price. */
function toGoWords({ condition }: Rule, toGo: number | undefined): string {
  if (condition['targetPrice'] === undefined) return '';
  return toGo === undefined ? ', reached' : `, ${toGo.toFixed(toGo < 1 ? 2 : 1)} % to go`;
}

/** One rule, with how far its price has to go. */
export function RuleRow({ rule, remove }: { rule: Rule; remove: () => void }): ReactElement {
  const { rows } = useMarket();
  const { name, write } = coinOfAlert(rule.coinId, rows);
  const price = usePrice(
    rule.coinId === null || rule.coinId === undefined ? undefined : `coin:${rule.coinId}`,
    (tick) => tick?.price,
  );
  const words = conditionWords(rule.alertType, rule.condition, write);
  const toGo = price === undefined ? undefined : distancePercent(rule.alertType, rule.condition, price);
  return (
    <li className="alert-row" data-rule={rule.alertId} data-pending={rule.pending}>
      <span className="alert-what">
        <span className="name">{name}</span> {words}
        <span className="note number">
          {rule.pending ? 'Being made…' : price === undefined ? 'Waits' : `Now ${write(price)}${toGoWords(rule, toGo)}`}
        </span>
      </span>
      <PassingButton
        className="quiet"
        disabled={rule.pending}
        focusNext="#alerts-new [data-new-alert]"
        onClick={remove}
      >
        Delete<span className="unseen"> the alert {`${name} ${words}`}</span>
      </PassingButton>
    </li>
  );
}

function FiredRow({ alert }: { alert: AlertTriggered }): ReactElement {
  const { rows } = useMarket();
  const { name, write } = coinOfAlert(alert.data.coinId, rows);
  const { triggeredAt } = alert.data;
  return (
    <li className="alert-row" data-fired={alert.data.alertId}>
      <time dateTime={triggeredAt} title={triggeredAt}>
        {formatTimeOfDay(triggeredAt)}
      </time>
      <span className="alert-what">
        <span className="name">{name}</span> {firedWords(alert, write)}
      </span>
    </li>
  );
}

/** What fired before the page was opened, asked for anew with each connection. */
function useEarlier(): readonly AlertTriggered[] {
  const client = usePriceClient();
  const since = useConnection((connection) =>
    connection.status === 'connected' && connection.authenticated ? connection.since : undefined,
  );
  const [earlier, setEarlier] = useState<readonly AlertTriggered[]>([]);
  useEffect(() => {
    if (since === undefined) return undefined;
    let isLeft = false;
    client.history('user', { limit: 50 }).then(
      ({ messages }) => {
        if (!isLeft) setEarlier(alertsIn(messages));
      },
      // A server without history of users: what comes from now on is shown.
      () => undefined,
    );
    return () => {
      isLeft = true;
    };
  }, [client, since]);
  return earlier;
}

function UserAlerts(): ReactElement {
  const { items, rules, remove, error } = useAlerts();
  const { live } = useMarket();
  const fired = firedAlerts(items, useEarlier());
  return (
    <div className="panel-body" data-live={live}>
      {!live && (
        <div className="stale-note">
          <p>No connection. The server goes on watching; what fires meanwhile is told once the link is back.</p>
        </div>
      )}
      {error !== null && <p className="alerts-problem warning">{alertRefusalWords(error)}</p>}
      <h3 id="alerts-waiting">Waiting</h3>
      {rules.length === 0 ? (
        <p className="empty">No alert waits. “New alert” makes one from the price of a coin.</p>
      ) : (
        <ul role="list" aria-labelledby="alerts-waiting">
          {rules.map((rule) => (
            <RuleRow key={rule.alertId} rule={rule} remove={() => void remove(rule.alertId)} />
          ))}
        </ul>
      )}
      <h3 id="alerts-fired">Fired</h3>
      {fired.length === 0 ? (
        <p className="empty">None has fired. Those that do are listed here, and said on each of your devices.</p>
      ) : (
        <ul role="list" aria-labelledby="alerts-fired">
          {fired.map((alert) => (
            <FiredRow key={firingKey(alert)} alert={alert} />
          ))}
        </ul>
      )}
    </div>
  );
}

export function AlertsPanel(): ReactElement {
  const { state } = useAccount();
  const isIn = state.status === 'in';
  return (
    <Panel
      id="alerts"
      title="Alerts"
      className="alerts"
      aside={
        isIn ? (
          <span id="alerts-new">
            <AlertButton channel={undefined}>New alert</AlertButton>
          </span>
        ) : undefined
      }
    >
      {/* Another user is another list. */}
      {isIn ? <UserAlerts key={state.user.id} /> : <SignIn toDo="be told when a price gets somewhere" />}
    </Panel>
  );
}
