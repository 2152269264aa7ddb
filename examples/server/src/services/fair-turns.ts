/**
 * Long work in parts: so many steps in one turn of the event loop, whoever asks for them. Where more is wanted, addresses
 * take turns, and within an address those who wait: who opens many connections gets no more than who opens one.
 */
import { nextTurnOfLoop, type NextTurn } from '../clock.js';

/** What turns are made of. */
export interface FairTurnsOptions {
  /** Steps in one turn, of all together. One who was let go may overdraw them; later turns pay for it. */
  readonly steps: number;
  /** @default a later turn of the event loop */
  readonly nextTurn?: NextTurn;
}

interface Asker {
  readonly steps: number;
  readonly go: () => void;
}

/** Hands out steps. */
export class FairTurns {
  readonly #steps: number;
  readonly #nextTurn: NextTurn;
  /** By address, in the order of their turns. */
  readonly #waiting = new Map<string, Asker[]>();
  #left: number;
  #isTurnDue = false;

  constructor({ steps, nextTurn = nextTurnOfLoop }: FairTurnsOptions) {
    this.#steps = steps;
    this.#nextTurn = nextTurn;
    this.#left = steps;
  }

  /** Addresses that wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Asks for steps. `undefined`: they are there. Otherwise resolves when it is the asker's turn. */
  take(address: string, steps: number): Promise<void> | undefined {
    if (this.#left > 0 && this.#waiting.size === 0) {
      this.#spend(steps);
      return undefined;
    }
    return new Promise((go) => {
      const queue = this.#waiting.get(address);
      if (queue === undefined) this.#waiting.set(address, [{ steps, go }]);
      else queue.push({ steps, go });
    });
  }

  #spend(steps: number): void {
    this.#left -= steps;
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    this.#nextTurn(() => {
      this.#isTurnDue = false;
      this.#turn();
    });
  }

  #turn(): void {
    this.#left = Math.min(this.#steps, this.#left + this.#steps);
    for (const [address, queue] of this.#waiting) {
      if (this.#left <= 0) break;
      const asker = queue.shift();
      this.#waiting.delete(address);
      // Behind all others; the loop comes to it again.
      if (queue.length > 0) this.#waiting.set(address, queue);
      if (asker === undefined) continue;
      this.#left -= asker.steps;
      asker.go();
    }
    if (this.#left < this.#steps) this.#spend(0);
  }
}
