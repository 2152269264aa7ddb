/** What has been heard on one link, as far as it says how well both sides understand each other. */

/** The frames of one link that did not decode, counted over a minute. */
export interface BadFrames {
  /** Monotonic: when the counting began. */
  readonly since: number;
  readonly count: number;
  /** Frames without JSON, and no good frame between them. */
  readonly inARow: number;
  /** What the client's count of good frames was when the counting began, and at the last bad frame. */
  readonly goodAtStart: number;
  readonly goodAtLast: number;
}

/** What a link has heard so far, until it has heard a message of the contract. */
export interface Heard {
  readonly known: boolean;
  /** Frames of no dialect, and what the first of them was. */
  readonly foreign: number;
  readonly first: string;
}

export const noBadFrames: BadFrames = { since: -Infinity, count: 0, inARow: 0, goodAtStart: 0, goodAtLast: 0 };
export const nothingHeard: Heard = { known: false, foreign: 0, first: '' };
