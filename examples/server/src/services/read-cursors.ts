/** How far each user has read, in memory and bounded. A cursor never moves back. */

/** Cursors by user; the one that was moved longest ago makes room. */
export class ReadCursors {
  readonly #most: number;
  readonly #byUser = new Map<string, number>();

  /** @param most users that are remembered */
  constructor(most: number) {
    this.#most = most;
  }

  /** Users that are remembered. */
  get size(): number {
    return this.#byUser.size;
  }

  /** Moves the user's cursor on; returns where it stands now. */
  move(userId: string, seq: number): number {
    const moved = Math.max(seq, this.#byUser.get(userId) ?? 0);
    this.#byUser.delete(userId);
    if (this.#byUser.size >= this.#most) {
      const [oldest] = this.#byUser.keys();
      if (oldest !== undefined) this.#byUser.delete(oldest);
    }
    this.#byUser.set(userId, moved);
    return moved;
  }
}
