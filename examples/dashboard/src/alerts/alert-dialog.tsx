/** The dialog that makes an alert: the browser's own, so that Escape, focus and its return are the browser's. */
import { PriceStreamError } from '@tickwire/client';
import { useAlerts, type PriceChannel } from '@tickwire/react';
import { useId, useLayoutEffect, useRef, type ReactElement } from 'react';
import { toast } from 'react-hot-toast/headless';
import { useAccount } from '../account/demo-context.js';
import { SignIn } from '../account/sign-in.js';
import { useMarket } from '../market/market.js';
import { AlertFields } from './alert-fields.js';
import { alertRefusalWords } from './alert-words.js';

interface AlertDialogProps {
  /** The instrument that it is about at first; a coin where there is a choice. */
  channel: PriceChannel | undefined;
  close: () => void;
}

/** Open while it is there. */
export function AlertDialog({ channel, close }: AlertDialogProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const { rows, selected } = useMarket();
  const { state } = useAccount();
  const isIn = state.status === 'in';
  const { create } = useAlerts(isIn ? {} : null);
  const coins = [...rows.values()].filter(({ kind }) => kind === 'coin');
  const asked = [channel, selected].map((wanted) => coins.find((row) => row.channel === wanted));
  const first = asked.find((row) => row !== undefined) ?? coins[0];

  // Before the effects of what is in it: they find it open.
  useLayoutEffect(() => {
    const own = dialog.current;
    own?.showModal();
    // Closed before it is taken away, so that the focus goes back to where it was.
    return () => own?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      className="alert-dialog"
      aria-labelledby={titleId}
      onClose={close}
      onClick={(event) => {
        // Beside the dialog: what is hit is its backdrop.
        if (event.target === dialog.current) close();
      }}
    >
      <div className="alert-dialog-inside">
        <h2 id={titleId}>New alert</h2>
        {!isIn && <SignIn toDo="be told, on each of your devices" />}
        {isIn && first === undefined && (
          <p className="empty">
            Alerts watch coins, and the server has named none yet. Try again once there are prices.
          </p>
        )}
        {isIn && first !== undefined && (
          <AlertFields
            coins={coins}
            first={first}
            cancel={close}
            submit={(wish) => {
              create(wish).catch((error: unknown) => {
                if (error instanceof PriceStreamError) toast(`not made. ${alertRefusalWords(error)}`);
              });
              close();
            }}
          />
        )}
        {(!isIn || first === undefined) && (
          <p className="alert-buttons">
            <button type="button" onClick={close}>
              Cancel
            </button>
          </p>
        )}
      </div>
    </dialog>
  );
}
