/** A name for this page, so that the demo's faults hit its connections and no one else's. Not a secret, and of one load. */

/**
 * The WebSocket URL of a page with its name in it, `?page=…`; servers that do not know the name pass over it.
 *
 * @param url what `serverUrl` gives
 */
export function withPageId(url: string, page: string): string {
  const named = new URL(url);
  named.searchParams.set('page', page);
  return named.href;
}
