/** Who is signed in, and how to become somebody; nothing where the server has no demo accounts. */
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { useAccount, useDemoOffer } from './demo-context.js';
import { accountId, SignIn } from './sign-in.js';

export function AccountButton(): ReactNode {
  const offer = useDemoOffer();
  const { state, signOut } = useAccount();
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  const isIn = state.status === 'in';
  useEffect(() => {
    // Done is done: the menu goes, and gives the focus back to its button.
    if (menu.current?.matches(':popover-open') === true) menu.current.hidePopover();
  }, [isIn]);
  if (!isIn && (offer === undefined || offer.accounts.length === 0)) return null;
  const words = { out: 'Sign in', 'signing-in': 'Signing in…', refused: 'Sign in' };
  return (
    <>
      <button type="button" id={accountId} className="account" data-account={state.status} popoverTarget={id}>
        {isIn ? (
          <>
            <span className="unseen">Signed in as </span>
            {state.user.name}
          </>
        ) : (
          words[state.status]
        )}
      </button>
      <div ref={menu} id={id} popover="auto" className="account-menu" role="group" aria-label="Account">
        {isIn ? (
          <div className="empty sign-in">
            <p>Signed in as {state.user.name}, for as long as this tab is open.</p>
            <button type="button" data-sign-out="" onClick={() => void signOut()}>
              Sign out
            </button>
            <p className="note">Signing out makes the connection anew, without you on it.</p>
          </div>
        ) : (
          <SignIn toDo="have alerts and a portfolio" />
        )}
      </div>
    </>
  );
}
