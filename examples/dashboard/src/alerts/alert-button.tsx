/** Makes an alert of an instrument with one click; for coins, which are what alerts watch. */
import type { PriceChannel } from '@tickwire/react';
import { useState, type ReactNode } from 'react';
import { useMarket } from '../market/market.js';
import { AlertDialog } from './alert-dialog.js';

interface AlertButtonProps {
  /** `undefined`: the dialog asks which coin. */
  channel: PriceChannel | undefined;
  /** @default 'Alert' */
  children?: ReactNode;
}

export function AlertButton({ channel, children = 'Alert' }: AlertButtonProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const { rows } = useMarket();
  const row = channel === undefined ? undefined : rows.get(channel);
  if (row?.kind === 'metal') return null;
  return (
    <>
      <button type="button" data-new-alert={channel ?? ''} onClick={() => setOpen(true)}>
        {children}
        {row !== undefined && <span className="unseen"> for {row.name}</span>}
      </button>
      {isOpen && <AlertDialog channel={channel} close={() => setOpen(false)} />}
    </>
  );
}
