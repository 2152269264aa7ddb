/** `useSyncExternalStore` with a selector: renders only when what was selected changed. */
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';

/** A store as React reads it; `get` and `getInitial` give the same value until it changes. */
export interface ReadableStore<State> {
  subscribe: (listener: () => void) => () => void;
  get: () => State;
  /** What a server renders and hydration starts with. */
  getInitial: () => State;
}

const nothing = (): void => undefined;

/** A store that never changes: for hooks without a channel. */
export function noStore<State>(state: State): ReadableStore<State> {
  return { subscribe: () => nothing, get: () => state, getInitial: () => state };
}

/** What was committed last: written after a render, never while rendering. */
interface Rendered<Selected> {
  get: () => { value: Selected } | undefined;
  set: (value: Selected) => void;
}

function lastRendered<Selected>(): Rendered<Selected> {
  let last: ReturnType<Rendered<Selected>['get']>;
  return {
    get: () => last,
    set: (value) => {
      last = { value };
    },
  };
}

/** Runs a selector once for each state, and keeps the value that it gave before where the new one equals it. */
function remembering<State, Selected>(
  select: (state: State) => Selected,
  isEqual: (a: Selected, b: Selected) => boolean,
  rendered: Rendered<Selected>,
): (state: State) => Selected {
  // The memo belongs to this selector: concurrent renders with another one must not share it.
  let memo: { state: State; value: Selected } | undefined;
  return (state) => {
    if (memo !== undefined && Object.is(memo.state, state)) return memo.value;
    const value = select(state);
    const known = memo ?? rendered.get();
    memo = { state, value: known !== undefined && isEqual(known.value, value) ? known.value : value };
    return memo.value;
  };
}

/**
 * The selected part of a store.
 *
 * @param store must keep its identity from render to render
 * @param select may be an inline function
 * @param isEqual decides whether a new selection is the old one, which then keeps its identity
 */
export function useSelection<State, Selected>(
  store: ReadableStore<State>,
  select: (state: State) => Selected,
  isEqual: (a: Selected, b: Selected) => boolean,
): Selected {
  const [rendered] = useState(() => lastRendered<Selected>());
  const [get, getInitial] = useMemo(() => {
    const read = remembering(select, isEqual, rendered);
    const readInitial = remembering(select, isEqual, rendered);
    return [() => read(store.get()), () => readInitial(store.getInitial())];
  }, [store, select, isEqual, rendered]);
  const selected = useSyncExternalStore(store.subscribe, get, getInitial);
  useEffect(() => {
    rendered.set(selected);
  }, [rendered, selected]);
  return selected;
}
