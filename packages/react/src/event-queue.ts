/** The events of one list: the newest of them, how many came in all, and none lost between two renders. */
import type { Refusal } from './feed-client.js';
import type { Shown } from './showing.js';

/** What a list of events shows; the same object until a part of it changes. */
export interface EventList<Event> {
  /** In the order in which they came, the newest last; at most `max`. */
  readonly items: readonly Event[];
  /** How many have come since the list began or was cleared; more than there are items once the oldest had to go. */
  readonly total: number;
  /** Why none comes: the channel is refused, or the stream has none such; `null` otherwise. */
  readonly error: Refusal;
  /** Empties the list, and counts from 0. */
  readonly clear: () => void;
}

/** A list that is filled between renders and shown with the next one. */
export interface EventQueue<Event> extends Shown {
  readonly get: () => EventList<Event>;
  readonly getInitial: () => EventList<Event>;
  readonly add: (event: Event) => void;
  readonly fail: (error: Refusal) => void;
}

/** @param touched called when there is something new to show */
export function createEventQueue<Event>(max: number, touched: (queue: Shown) => void): EventQueue<Event> {
  let items: Event[] = [];
  let total = 0;
  let error: Refusal = null;
  const clear = (): void => {
    items = [];
    total = 0;
    touched(queue);
  };
  const empty: EventList<Event> = { items: [], total, error, clear };
  let shown = empty;
  const queue: EventQueue<Event> = {
    listeners: new Set(),
    refresh: () => {
      const isSame = shown.items.length === items.length && shown.total === total && shown.error === error;
      if (!isSame) shown = { items: [...items], total, error, clear };
      return !isSame;
    },
    get: () => shown,
    getInitial: () => empty,
    add: (event) => {
      items.push(event);
      total += 1;
      if (items.length > max) items.shift();
      touched(queue);
    },
    fail: (next) => {
      if (next === error) return;
      error = next;
      touched(queue);
    },
  };
  return queue;
}
