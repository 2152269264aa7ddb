/** Surroundings that a test controls. Fits the client's `Environment` by shape. */

interface State {
  online: boolean;
  visible: boolean;
}

/** The network and the page as a test wants them. */
export class FakeEnvironment {
  #state: State = { online: true, visible: true };
  readonly #listeners = new Set<(change: State & { woke: boolean }) => void>();

  read(): State {
    return { ...this.#state };
  }

  subscribe(listener: (change: State & { woke: boolean }) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Changes the flags and says so, unless `silently`: some platforms forget to. */
  change(part: Partial<State>, options: { silently?: boolean | undefined } = {}): void {
    const before = this.#state;
    this.#state = { ...before, ...part };
    const woke = (!before.online && this.#state.online) || (!before.visible && this.#state.visible);
    if (options.silently !== true) this.#tell(woke);
  }

  /** A page comes back from the cache, or a machine from sleep. */
  resume(): void {
    this.#tell(true);
  }

  #tell(woke: boolean): void {
    for (const listener of [...this.#listeners]) listener({ ...this.#state, woke });
  }
}
