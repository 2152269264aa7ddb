/** Sockets that were let go: each has its time to close, then it is ended. None of them says anything any more. */
import type { Clock } from '../io/clock.js';
import type { Socket } from '../io/web-socket.js';

/** A server that does not answer a close is not waited for any longer. */
const closeHandshakeMs = 3_000;

/** The sockets that one client has let go and that have not closed yet. */
export class LeavingSockets {
  readonly #clock: Clock;
  /** As many as attempts fit into the time above. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(socket: Socket, code: number, reason: string): void {
    const gone = new Promise<void>((resolve) => {
      // Whoever waits for the close may have nothing else that keeps the process alive.
      const timer = this.#clock.setTimeout(
        () => {
          socket.destroy();
          resolve();
        },
        closeHandshakeMs,
        { keepAlive: true },
      );
      socket.drop(code, reason, () => {
        this.#clock.clearTimeout(timer);
        resolve();
      });
    });
    this.#leaving.add(gone);
    void gone.then(() => this.#leaving.delete(gone));
  }

  /** Resolves once all have closed, or have had their time. */
  async gone(): Promise<void> {
    while (this.#leaving.size > 0) await Promise.all(this.#leaving);
  }
}
