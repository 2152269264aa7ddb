/** Errors that nobody listens for: each kind is told once, where developers look. */
import type { PriceStreamError } from './errors.js';

/** Takes a text and the error itself; `console.error` does. */
export type ErrorSink = (text: string, error: unknown) => void;

/** Kinds that are told; a server cannot fill a console. */
const mostKinds = 20;

/** What one client has told. */
export class UnheardErrors {
  readonly #told = new Set<string>();
  readonly #sink: ErrorSink | undefined;

  constructor(sink: ErrorSink | undefined) {
    this.#sink = sink;
  }

  /** Tells of an error, with what was thrown, unless one of its kind has been told. */
  tell(error: PriceStreamError): void {
    const { code, message, cause } = error;
    // A listener's slip is a kind for each event.
    const isListener = code === 'LISTENER_FAILED';
    const kind = isListener ? message : code;
    if (this.#told.has(kind) || this.#told.size >= mostKinds) return;
    this.#told.add(kind);
    const text = `Tickwire: ${code}: ${message} (Told once. Listen with client.on('error', …).)`;
    try {
      // Looked up when it is called: a page may replace it.
      const thrown = isListener && cause !== undefined ? cause : error;
      if (this.#sink === undefined) globalThis.console.error(text, thrown);
      else this.#sink(text, thrown);
    } catch {
      // There is nowhere left to tell it.
    }
  }
}
