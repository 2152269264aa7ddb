/**
 * Runs scripts by their name, and by their text where Redis does not know them yet. Messages keep the order in which they were
 * published, so those behind one that has to be sent anew wait for it.
 */
import type { RedisScript } from './redis-scripts.js';

/** Sends a command; a cluster finds the shard by the key. */
export type SendCommand = (key: string, args: string[]) => Promise<unknown>;

interface Waiting {
  readonly number: number;
  readonly goOn: () => void;
}

/** The calls of scripts over one way. */
export class ScriptCalls {
  readonly #send: SendCommand;
  /** Those behind a script that is sent by its text; `undefined` while none is. */
  #waiting: Waiting[] | undefined;
  #calls = 0;

  constructor(send: SendCommand) {
    this.#send = send;
  }

  async run({ sha, text }: RedisScript, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const number = (this.#calls += 1);
    const key = keys[0] ?? '';
    const rest = [String(keys.length), ...keys, ...args];
    for (;;) {
      if (this.#waiting !== undefined) await this.#turnOf(number, this.#waiting);
      try {
        return await this.#send(key, ['EVALSHA', sha, ...rest]);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      }
      if (this.#waiting !== undefined) continue;
      const waiting: Waiting[] = [];
      this.#waiting = waiting;
      try {
        return await this.#send(key, ['EVAL', text, ...rest]);
      } finally {
        // Whatever was on its way with the name alone has come back by now.
        this.#waiting = undefined;
        for (const { goOn } of waiting.toSorted((one, other) => one.number - other.number)) goOn();
      }
    }
  }

  #turnOf(number: number, waiting: Waiting[]): Promise<void> {
    return new Promise((goOn) => waiting.push({ number, goOn }));
  }
}
