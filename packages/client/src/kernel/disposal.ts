/** `using` and `await using`, for platforms and compilers that know them; for others there is nothing to see. */

/** What `using` needs; no member where the compiler's `lib` has no `Symbol.dispose`. */
export type Disposes = SymbolConstructor extends { readonly dispose: infer Key extends symbol }
  ? { [K in Key]: () => void }
  : object;

/** What `await using` needs; no member where the compiler's `lib` has no `Symbol.asyncDispose`. */
export type AsyncDisposes = SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol }
  ? { [K in Key]: () => Promise<void> }
  : object;

/**
 * The base of what is closed. Its method stands here and not in the class itself, whose declaration would name a symbol
 * that not every compiler has.
 */
export const Closable: abstract new () => AsyncDisposes = class {
  // Where the platform lacks the symbol, this is a method that nobody calls.
  [Symbol.asyncDispose](): Promise<void> {
    return (this as unknown as { close(): Promise<void> }).close();
  }
};
