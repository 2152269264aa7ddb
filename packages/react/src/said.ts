/** What a developer has to know, in the console: each sentence once, however often it applies. */
// Bundlers replace it; neither the DOM nor this package's types know it.
declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

const mostSaid = 1_000;
const said = new Set<string>();

/** Writes a sentence to the console, unless it stands there already; `more` is written with it. */
export function sayOnce(sentence: string, ...more: readonly unknown[]): void {
  if (said.has(sentence) || said.size >= mostSaid) return;
  said.add(sentence);
  globalThis.console.error(`[tickwire] ${sentence}`, ...more);
}

/** Whether hints are wanted: everywhere but in what a bundler built for production. */
export function isDevelopment(): boolean {
  try {
    return process.env['NODE_ENV'] !== 'production';
  } catch {
    // Without a bundler a page has no `process`.
    return true;
  }
}
