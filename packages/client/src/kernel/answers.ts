/** The promises of the user's calls. */
import { PriceStreamError } from './errors.js';

const nothing = (): void => undefined;

/**
 * The answer to a call. What the call throws, the answer rejects with; an ending that the user asked for (`close`,
 * `unsubscribe`, an abort) needs nobody to catch it, and whoever awaits still sees it.
 */
export function answerTo<Answer>(
  call: () => Answer | PromiseLike<Answer>,
  signal: () => AbortSignal | undefined = nothing as () => undefined,
): Promise<Answer> {
  const work = new Promise<Answer>((resolve) => {
    resolve(call());
  });
  const answer = work.then((value) => value);
  work.catch((cause: unknown) => {
    const isAskedFor = (cause instanceof PriceStreamError && cause.code === 'CLOSED') || signal()?.aborted === true;
    if (isAskedFor) answer.catch(nothing);
  });
  return answer;
}
