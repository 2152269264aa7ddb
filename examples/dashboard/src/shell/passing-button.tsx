/** A button that disappears once it has done its work: who had the focus on it finds it where the work is seen. */
import { useLayoutEffect, useRef, type ButtonHTMLAttributes, type ReactElement } from 'react';
import { statusId } from '../connection/connection-pill.js';

interface PassingButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** A selector of what gets the focus. @default the connection's status */
  focusNext?: string;
}

export function PassingButton({ focusNext = `#${statusId}`, ...button }: PassingButtonProps): ReactElement {
  const element = useRef<HTMLButtonElement>(null);
  const next = useRef(focusNext);
  useLayoutEffect(() => {
    next.current = focusNext;
  });
  useLayoutEffect(() => {
    const own = element.current;
    // Runs before the button is taken out of the page, while it still has the focus.
    return () => {
      if (own !== null && document.activeElement === own) document.querySelector<HTMLElement>(next.current)?.focus();
    };
  }, []);
  return <button ref={element} type="button" {...button} />;
}
