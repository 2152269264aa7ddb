/** Users whose older tokens no longer count. An entry lives as long as a token made before it could. */

/** How long and how many. */
export interface RevocationOptions {
  /** The longest that a token may be valid for, in ms. */
  readonly keepMs: number;
  readonly maxUsers: number;
  readonly now: () => number;
}

/** The list of revocations of this node. */
export class Revocations {
  readonly #options: RevocationOptions;
  /** In the order of their instants. */
  readonly #revokedAt = new Map<string, number>();

  constructor(options: RevocationOptions) {
    this.#options = options;
  }

  /** From now on tokens that were issued up to this moment are refused. */
  add(userId: string): void {
    const now = this.#options.now();
    this.#forgetOld(now);
    this.#revokedAt.delete(userId);
    if (this.#revokedAt.size >= this.#options.maxUsers) {
      const [oldest] = this.#revokedAt.keys();
      if (oldest !== undefined) this.#revokedAt.delete(oldest);
    }
    this.#revokedAt.set(userId, now);
  }

  /**
   * Whether a token of the user is revoked. `iat` counts whole seconds, so one that was issued in the second of the
   * revocation is; one that does not say when it was issued is as long as the entry stands.
   */
  covers(userId: string, issuedAt: number | undefined): boolean {
    this.#forgetOld(this.#options.now());
    const revokedAt = this.#revokedAt.get(userId);
    return revokedAt !== undefined && (issuedAt === undefined || issuedAt <= revokedAt);
  }

  /** Entries that stand. */
  get size(): number {
    return this.#revokedAt.size;
  }

  #forgetOld(now: number): void {
    for (const [userId, at] of this.#revokedAt) {
      if (now - at <= this.#options.keepMs) return;
      this.#revokedAt.delete(userId);
    }
  }
}
