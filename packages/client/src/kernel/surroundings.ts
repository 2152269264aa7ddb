/** What the platform says of the network and the page, while there is a connection to keep. */
import type { Environment, EnvironmentState } from '../io/environment.js';
import type { LifeState } from './life-state.js';
import type { Life } from './life.js';
import type { Sockets } from './sockets.js';

type Change = EnvironmentState & { woke: boolean };

/** The surroundings of one stream. */
export class Surroundings {
  readonly #environment: Environment;
  readonly #life: Life;
  readonly #sockets: Sockets;
  readonly #changed: (state: Change) => void;
  #undo: (() => void) | undefined;

  /** @param changed what is said is another thing than before, or something woke up */
  constructor(environment: Environment, life: Life, sockets: Sockets, changed: (state: Change) => void) {
    this.#environment = environment;
    this.#life = life;
    this.#sockets = sockets;
    this.#changed = changed;
  }

  /** Listeners on the platform stand only while there is a connection to keep. */
  follow(status: LifeState['status']): void {
    if (status === 'idle' || status === 'closed' || status === 'failed') {
      this.#undo?.();
      this.#undo = undefined;
      return;
    }
    this.#undo ??= this.#environment.subscribe((change) => this.#tell(change));
    if (status === 'connecting') this.sample();
  }

  /** Some platforms never say that they are back online: the flags are read anew before they decide anything. */
  sample(): void {
    const { online, visible } = this.#environment.read();
    const isOnline = online || this.#sockets.isNear;
    if (isOnline !== this.#life.online || visible !== this.#life.visible) this.#tell({ online, visible, woke: false });
  }

  #tell({ online, visible, woke }: Change): void {
    // A server that is reached without the internet does not mind.
    this.#changed({ online: online || this.#sockets.isNear, visible, woke });
  }
}
