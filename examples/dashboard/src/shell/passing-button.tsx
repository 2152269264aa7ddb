/** A button that disappears once it has done its work: who had the focus on it finds it on the connection's status. */
import { useLayoutEffect, useRef, type ReactElement, type ReactNode } from 'react';
import { statusId } from '../connection/connection-pill.js';

export function PassingButton({ onClick, children }: { onClick: () => void; children: ReactNode }): ReactElement {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const own = button.current;
    // Runs before the button is taken out of the page, while it still has the focus.
    return () => {
      if (own !== null && document.activeElement === own) document.getElementById(statusId)?.focus();
    };
  }, []);
  return (
    <button ref={button} type="button" onClick={onClick}>
      {children}
    </button>
  );
}
