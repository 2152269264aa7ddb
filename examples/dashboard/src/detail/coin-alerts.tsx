/** The user's alerts of one coin, and another one from its price as it stands. */
import { useAlerts } from '@tickwire/react';
import type { ReactElement } from 'react';
import { useAccount } from '../account/demo-context.js';
import { AlertButton } from '../alerts/alert-button.js';
import { alertRefusalWords } from '../alerts/alert-words.js';
import { RuleRow } from '../alerts/alerts-panel.js';
import type { CatalogRow } from '../market/catalog-rows.js';

export function CoinAlerts({ row }: { row: CatalogRow }): ReactElement {
  const { state } = useAccount();
  const isIn = state.status === 'in';
  const { rules, remove, error } = useAlerts(isIn ? {} : null);
  const coinId = row.channel.slice(row.channel.indexOf(':') + 1);
  const own = rules.filter((rule) => String(rule.coinId) === coinId);
  return (
    <section className="detail-part alerts" aria-label={`Alerts of ${row.name}`}>
      <div className="detail-part-head">
        <h3 id="coin-alerts-title">Alerts</h3>
        <AlertButton channel={row.channel}>Alert at this price</AlertButton>
      </div>
      {isIn && error !== null && <p className="alerts-problem warning">{alertRefusalWords(error)}</p>}
      {own.length === 0 ? (
        <p className="detail-none">
          {isIn ? `None waits for ${row.name}.` : `Sign in to be told when ${row.name} gets somewhere.`}
        </p>
      ) : (
        <ul role="list" aria-labelledby="coin-alerts-title">
          {own.map((rule) => (
            <RuleRow key={rule.alertId} rule={rule} remove={() => void remove(rule.alertId)} />
          ))}
        </ul>
      )}
    </section>
  );
}
