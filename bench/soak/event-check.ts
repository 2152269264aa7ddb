/** What one client heard of its event channel: every number once, in order, or covered by a `gap` event. */
import type { GapEvent } from '@tickwire/client';

/** What was counted; all clients added up. */
export interface EventCounts {
  delivered: number;
  /** `gap` events with a range, and those that an epoch change brings. */
  gaps: number;
  epochGaps: number;
  /** Must stay 0. */
  lostWithoutGap: number;
  /** Must stay 0: an event that was delivered before, by its number or by its payload. */
  duplicates: number;
}

/** Counts of nothing. */
export function noCounts(): EventCounts {
  return { delivered: 0, gaps: 0, epochGaps: 0, lostWithoutGap: 0, duplicates: 0 };
}

/** Follows one channel of one client. */
export class EventCheck {
  readonly counts = noCounts();
  /** The publisher's own number of the last event. */
  lastNumber = 0;
  #epoch: string | undefined;
  #seq = 0;
  /** Whether the next event may have any number: the first one, and the first after an epoch change that was announced. */
  #startsAnew = true;

  gap({ from, to }: GapEvent): void {
    if (from === null || to === null) {
      this.counts.epochGaps += 1;
      this.#startsAnew = true;
      return;
    }
    this.counts.gaps += 1;
    if (!this.#startsAnew) this.counts.lostWithoutGap += Math.max(0, from - this.#seq - 1);
    this.#seq = Math.max(this.#seq, to);
  }

  /** @param number the publisher's own, which grows across epochs */
  event(epoch: string, seq: number, number: number): void {
    this.counts.delivered += 1;
    if (this.#startsAnew) this.#startsAnew = false;
    else if (epoch !== this.#epoch) this.counts.lostWithoutGap += 1;
    else if (seq <= this.#seq) this.counts.duplicates += 1;
    else this.counts.lostWithoutGap += seq - this.#seq - 1;
    if (number <= this.lastNumber) this.counts.duplicates += 1;
    this.lastNumber = Math.max(this.lastNumber, number);
    this.#epoch = epoch;
    this.#seq = seq;
  }
}
