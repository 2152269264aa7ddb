/** Where the prices come from: the server of the page, or the one that `?ws=` names during development. */

/**
 * The WebSocket URL of a page.
 *
 * @param page `location`, or what stands for it
 * @returns `ws://host/ws` (`wss` on https), or the `ws` parameter where it is a WebSocket URL
 */
export function serverUrl(page: Pick<Location, 'protocol' | 'host' | 'search'>): string {
  const named = new URLSearchParams(page.search).get('ws');
  if (named !== null && /^wss?:\/\//.test(named) && URL.canParse(named)) return named;
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}/ws`;
}
