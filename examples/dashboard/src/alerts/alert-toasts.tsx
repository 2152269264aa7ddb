/** Says that an alert fired, over whatever is looked at; stands once in the page. */
import { useStreamEvent } from '@tickwire/react';
import type { ReactElement } from 'react';
import { resolveValue, toast, useToaster } from 'react-hot-toast/headless';
import { useMarket } from '../market/market.js';
import { PassingButton } from '../shell/passing-button.js';
import { firedWords } from './alert-words.js';
import { coinOfAlert } from './coin-of-alert.js';
import { unseenAlerts } from './unseen-alerts.js';

/** So long a toast stays; longer while somebody points at it. */
const shownMs = 12_000;

export function AlertToasts(): ReactElement {
  const { rows, show } = useMarket();
  const { toasts, handlers } = useToaster({ duration: shownMs });
  useStreamEvent('alert_triggered', (alert) => {
    const { name, write } = coinOfAlert(alert.data.coinId, rows);
    const words = `${name} ${firedWords(alert, write)}`;
    unseenAlerts.add(words);
    toast(words);
  });
  return (
    <div
      className="toasts"
      role="region"
      aria-label="Alerts that fired"
      onMouseEnter={handlers.startPause}
      onMouseLeave={handlers.endPause}
      onFocus={handlers.startPause}
      onBlur={handlers.endPause}
    >
      {toasts
        .filter(({ visible }) => visible)
        .map((each) => (
          <div key={each.id} className="toast" data-toast={each.id}>
            <p {...each.ariaProps}>
              <strong>Alert:</strong> {resolveValue(each.message, each)}
            </p>
            <PassingButton
              focusNext="#tab-alerts"
              onClick={() => {
                show('alerts');
                toast.dismiss(each.id);
              }}
            >
              Show
            </PassingButton>
            <PassingButton className="quiet" focusNext="#tab-alerts" onClick={() => toast.dismiss(each.id)}>
              Close<span className="unseen"> this note</span>
            </PassingButton>
          </div>
        ))}
    </div>
  );
}
