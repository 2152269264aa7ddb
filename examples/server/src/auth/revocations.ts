/** Users whose older tokens no longer count. An entry lives as long as a token made before it could. */

/** How long and how many. */
export interface RevocationOptions {
  /** The longest that a token may be valid for, in ms. */
  readonly keepMs: number;
  readonly maxUsers: number;
  /** Epoch ms: tokens say when they were issued. */
  readonly now: () => number;
  /** Measures spans, in ms: a clock that is set forward and back must not end an entry early. @default `now` */
  readonly elapsed?: () => number;
}

interface Entry {
  readonly at: number;
  readonly since: number;
}

/** The list of revocations of this node. */
export class Revocations {
  readonly #options: RevocationOptions;
  /** In the order in which they were made. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: RevocationOptions) {
    this.#options = options;
  }

  /**
   * From now on tokens that were issued up to this moment are refused.
   *
   * @returns `false` when there is no room: nothing is revoked then, for what was revoked before must stay so
   */
  add(userId: string): boolean {
    if (!this.hasRoomFor(userId)) return false;
    this.#entries.delete(userId);
    this.#entries.set(userId, { at: this.#options.now(), since: this.#elapsed() });
    return true;
  }

  /** Whether this user can be revoked now. */
  hasRoomFor(userId: string): boolean {
    this.#forgetOld();
    return this.#entries.has(userId) || this.#entries.size < this.#options.maxUsers;
  }

  /**
   * Whether a token of the user is revoked. `iat` counts whole seconds, so one that was issued in the second of the
   * revocation is; one that does not say when it was issued is as long as the entry stands.
   */
  covers(userId: string, issuedAt: number | undefined): boolean {
    this.#forgetOld();
    const entry = this.#entries.get(userId);
    return entry !== undefined && (issuedAt === undefined || issuedAt <= entry.at);
  }

  /** Entries that stand. */
  get size(): number {
    return this.#entries.size;
  }

  #elapsed(): number {
    return (this.#options.elapsed ?? this.#options.now)();
  }

  #forgetOld(): void {
    const now = this.#options.now();
    const elapsed = this.#elapsed();
    for (const [userId, { at, since }] of this.#entries) {
      if (Math.min(now - at, elapsed - since) <= this.#options.keepMs) return;
      this.#entries.delete(userId);
    }
  }
}
