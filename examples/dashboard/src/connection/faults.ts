/** The ways in which the demo server can be broken for this page, in words; pure. */

import type { FaultKind } from './fault-kinds.js';

/** What a person is told of a fault. */
export interface FaultWords {
  /** On the button. */
  label: string;
  /** What it does, and what to expect. */
  help: string;
  /** In the log, once it is done. */
  done: string;
  /** How long it lasts; `0` for what happens once. */
  forMs: number;
}

const words: Readonly<Record<FaultKind, FaultWords>> = {
  drop: {
    label: 'Cut the link',
    help: 'The server drops the connection without a goodbye. The SDK notices at once and comes back within seconds.',
    done: 'You cut the link.',
    forMs: 0,
  },
  freeze: {
    label: 'Freeze the server',
    help: 'The link stays open and says nothing for 30 s. The SDK asks after 5 s of silence, and gives the link up 4 s later.',
    done: 'You froze the server for 30 s. Prices stop; the link looks fine.',
    forMs: 30_000,
  },
  refuse: {
    label: 'Refuse connections',
    help: 'The link is cut, and new ones are turned away for 10 s. The SDK tries again, with longer and longer waits.',
    done: 'You made the server turn this page away for 10 s.',
    forMs: 10_000,
  },
  slow: {
    label: 'Slow the link down',
    help: 'Everything that the server sends comes late for 30 s. The SDK measures it, and gives nothing up.',
    done: 'You slowed the link down for 30 s.',
    forMs: 30_000,
  },
  lose: {
    label: 'Lose messages',
    help: 'Some messages vanish on their way for 20 s. The SDK sees holes in the numbering and asks for what is missing.',
    done: 'You made the link lose messages for 20 s.',
    forMs: 20_000,
  },
};

/** What a person is told of a fault. */
export function faultWords(kind: FaultKind): FaultWords {
  return words[kind];
}
