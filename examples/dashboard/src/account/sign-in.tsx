/** Signing in with one click, wherever somebody has to be signed in; words and no button where nobody can. */
import type { ReactElement } from 'react';
import { useAccount, useDemoOffer } from './demo-context.js';

interface SignInProps {
  /** What it is good for: `see what it is worth`. */
  toDo: string;
}

export function SignIn({ toDo }: SignInProps): ReactElement {
  const offer = useDemoOffer();
  const { state, signIn } = useAccount();
  if (offer === undefined) return <p className="empty">Asking the server who may sign in…</p>;
  if (offer.accounts.length === 0) {
    return (
      <p className="empty">
        Nobody can sign in here: the server has no demo users. Start it with <code>DEMO_ACCOUNTS=true</code> to {toDo}.
      </p>
    );
  }
  return (
    <div className="empty sign-in">
      <p>Sign in to {toDo}. The prices stay as they are.</p>
      <div className="sign-in-users">
        {offer.accounts.map((user) => (
          <button
            key={user.id}
            type="button"
            data-user={user.id}
            disabled={state.status === 'signing-in'}
            onClick={() => void signIn(user)}
          >
            {state.status === 'signing-in' && state.user.id === user.id ? 'Signing in…' : user.name}
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
