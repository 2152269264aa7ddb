/** Signing in with one click, wherever somebody has to be signed in; words and no button where nobody can. */
import { useLayoutEffect, useRef, type ReactElement } from 'react';
import { useAccount, useDemoOffer } from './demo-context.js';

/** Where the focus goes when what had it is gone: who has signed in stands there. */
export const accountId = 'account';

interface SignInProps {
  /** What it is good for: `see what it is worth`. */
  toDo: string;
}

export function SignIn({ toDo }: SignInProps): ReactElement {
  const offer = useDemoOffer();
  const { state, signIn } = useAccount();
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const own = place.current;
    // Runs before the buttons are taken out of the page, while one of them may still have the focus.
    return () => {
      if (own?.contains(document.activeElement) === true) document.getElementById(accountId)?.focus();
    };
  }, [offer]);
  const isBusy = state.status === 'signing-in';
  if (offer === undefined) return <p className="empty">Asking the server who may sign in…</p>;
  if (offer.accounts.length === 0) {
    return (
      <p className="empty">
        Nobody can sign in here: the server has no demo users. Start it with <code>DEMO_ACCOUNTS=true</code> to {toDo}.
      </p>
    );
  }
  return (
    <div ref={place} className="empty sign-in">
      <p>Sign in to {toDo}. The prices stay as they are.</p>
      <div className="sign-in-users">
        {offer.accounts.map((user) => (
          <button
            key={user.id}
            type="button"
            data-user={user.id}
            // Not disabled: that would take the focus away.
            aria-disabled={isBusy}
            onClick={() => {
              if (!isBusy) void signIn(user);
            }}
          >
            {isBusy && state.user.id === user.id ? 'Signing in…' : user.name}
          </button>
        ))}
      </div>
      {state.status === 'refused' && (
        <p className="warning">
          {state.user.name} could not sign in: {state.reason}
        </p>
      )}
    </div>
  );
}
