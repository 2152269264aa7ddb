/** The frame of every panel: a title, a short note or buttons beside it, and a body that scrolls. */
import type { ReactElement, ReactNode } from 'react';

interface PanelProps {
  /** Names the panel's heading: `${id}-title`. */
  id: string;
  title: ReactNode;
  /** Beside the title, at the end of the line. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

export function Panel({ id, title, aside, className, children }: PanelProps): ReactElement {
  return (
    <section className={className === undefined ? 'panel' : `panel ${className}`} aria-labelledby={`${id}-title`}>
      <header className="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside !== undefined && <div className="panel-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}
