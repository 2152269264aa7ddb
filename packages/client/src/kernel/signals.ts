/** What ends with a signal: one listener for each signal, however much ends with it and in how many clients. */

interface Endings {
  readonly all: Set<() => void>;
  readonly stop: () => void;
}

const bySignal = /* @__PURE__ */ new WeakMap<AbortSignal, Endings>();
const nothing = (): void => undefined;

function listenTo(signal: AbortSignal): Endings {
  const all = new Set<() => void>();
  const abort = (): void => {
    bySignal.delete(signal);
    for (const end of [...all]) end();
  };
  const stop = (): void => {
    bySignal.delete(signal);
    signal.removeEventListener('abort', abort);
  };
  signal.addEventListener('abort', abort, { once: true });
  const endings = { all, stop };
  bySignal.set(signal, endings);
  return endings;
}

/** Calls `end` once when the signal aborts; returns its undo. A signal that has aborted already calls nobody. */
export function onAbort(signal: AbortSignal | undefined, end: () => void): () => void {
  if (signal === undefined || signal.aborted) return nothing;
  const { all, stop } = bySignal.get(signal) ?? listenTo(signal);
  const own = (): void => {
    all.delete(own);
    end();
  };
  all.add(own);
  return () => {
    if (all.delete(own) && all.size === 0) stop();
  };
}
