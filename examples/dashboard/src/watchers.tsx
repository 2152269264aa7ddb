/** What goes on whichever panel is looked at: alerts are told of, the portfolio is followed, and what the SDK does is written down. */
import { usePortfolio, usePriceClient } from '@tickwire/react';
import { useEffect, type ReactElement } from 'react';
import { useAccount } from './account/demo-context.js';
import { AlertToasts } from './alerts/alert-toasts.js';
import './alerts/toasts.css';
import { sdkLogOf } from './connection/sdk-log-store.js';

/** A server says what a portfolio is worth when it changes: a panel that is opened later has the last worth at once. */
function PortfolioWatch(): null {
  usePortfolio();
  return null;
}

export function Watchers(): ReactElement {
  const { state } = useAccount();
  const log = sdkLogOf(usePriceClient());
  // A log follows its client while it has a listener.
  useEffect(() => log.subscribe(() => undefined), [log]);
  return (
    <>
      <AlertToasts />
      {state.status === 'in' && <PortfolioWatch />}
    </>
  );
}
