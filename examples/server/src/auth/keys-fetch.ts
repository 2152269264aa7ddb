/** How public keys are fetched: a bounded answer, and a pause after a failure, whatever tokens strangers show meanwhile. */
import type { FetchImplementation } from 'jose';
import { readBody } from '../sources/bounded-body.js';

/** Why no keys were asked for. */
export class KeysPauseError extends Error {
  override readonly name = 'KeysPauseError';
}

const mostBytes = 262_144;
const pauseMs = 5_000;

/**
 * Makes the `fetch` of a key set. `elapsed` is the monotonic clock, in ms. It follows no redirect unless its caller asks for that.
 *
 * @throws KeysPauseError from what it returns, within 5 s of a failure
 */
export function createKeysFetch(elapsed: () => number, ask: typeof fetch = fetch): FetchImplementation {
  let failedAt = -Infinity;
  return async (url, options) => {
    if (elapsed() - failedAt < pauseMs) throw new KeysPauseError('The address of the public keys failed a moment ago');
    failedAt = elapsed();
    const response = await ask(url, options);
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Error(`The address of the public keys answered ${response.status}`);
    }
    const text = await readBody(response, mostBytes, options.signal);
    // What is no JSON is a failure as well.
    JSON.parse(text);
    failedAt = -Infinity;
    return new Response(text);
  };
}
