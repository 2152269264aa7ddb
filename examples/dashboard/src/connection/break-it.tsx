/** Breaks this page's connection on purpose, to see what the SDK does about it; nothing where the server cannot be broken. */
import { useState, type ReactNode } from 'react';
import { useDemoOffer, useDemoServer } from '../account/demo-context.js';
import { PassingButton } from '../shell/passing-button.js';
import { useNow } from '../shell/use-now.js';
import type { FaultKind } from './fault-kinds.js';
import { faultWords } from './faults.js';
import type { SdkLog } from './sdk-log-store.js';

/** What is broken now. */
interface Broken {
  kind: FaultKind;
  /** Epoch ms. */
  until: number;
}

export function BreakIt({ log }: { log: SdkLog }): ReactNode {
  const server = useDemoServer();
  const faults = useDemoOffer()?.faults ?? [];
  const now = useNow();
  const [broken, setBroken] = useState<Broken>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  if (server === undefined || faults.length === 0) return null;
  const active = broken !== undefined && broken.until > now ? broken : undefined;

  const ask = (kind: FaultKind | 'none'): void => {
    const { forMs, done } = kind === 'none' ? { forMs: 0, done: 'You mended it.' } : faultWords(kind);
    if (busy) return;
    setBusy(true);
    setProblem('');
    // Before the answer: what it does may be noticed sooner.
    log.note('you', done);
    server.breakIt(kind, forMs).then(
      () => {
        setBroken(kind === 'none' || forMs === 0 ? undefined : { kind, until: Date.now() + forMs });
        setBusy(false);
      },
      (error: unknown) => {
        setProblem(error instanceof Error ? error.message : 'The server did not do it. Try again in a moment.');
        setBusy(false);
      },
    );
  };

  return (
    <section className="break-it" aria-labelledby="break-it-title">
      <h3 id="break-it-title">Break it</h3>
      <p className="note">Only this page is hit. Watch the log below, and the prices.</p>
      <div className="break-it-buttons">
        {faults.map((kind) => {
          const { label, help } = faultWords(kind);
          return (
            <button
              key={kind}
              type="button"
              data-fault={kind}
              aria-pressed={active?.kind === kind}
              title={help}
              onClick={() => ask(kind)}
            >
              {label}
            </button>
          );
        })}
      </div>
      {active !== undefined && (
        <p className="break-it-now">
          <span>
            {faultWords(active.kind).help}{' '}
            <span className="number">{Math.ceil((active.until - now) / 1_000)} s left.</span>
          </span>
          <PassingButton data-fault="none" focusNext={`[data-fault="${active.kind}"]`} onClick={() => ask('none')}>
            Mend it now
          </PassingButton>
        </p>
      )}
      {problem !== '' && <p className="warning">{problem}</p>}
    </section>
  );
}
