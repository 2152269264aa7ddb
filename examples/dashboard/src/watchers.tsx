/** What goes on whichever panel is looked at: alerts are told of, and what the SDK does is written down. */
import { usePriceClient } from '@tickwire/react';
import { useEffect, type ReactElement } from 'react';
import { AlertToasts } from './alerts/alert-toasts.js';
import './alerts/toasts.css';
import { sdkLogOf } from './connection/sdk-log-store.js';

export function Watchers(): ReactElement {
  const log = sdkLogOf(usePriceClient());
  // A log follows its client while it has a listener.
  useEffect(() => log.subscribe(() => undefined), [log]);
  return <AlertToasts />;
}
