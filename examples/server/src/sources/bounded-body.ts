/** Reads the body of an answer up to a bound: an upstream must not be able to fill the memory. */

/** Why a body was not read. */
export class BodyTooBigError extends Error {
  override readonly name = 'BodyTooBigError';
}

/**
 * The text of an answer.
 *
 * @param signal ends the reading, whatever the body itself hangs on
 * @throws BodyTooBigError when it has more than `mostBytes`; the rest is not read
 */
export async function readBody(response: Response, mostBytes: number, signal: AbortSignal): Promise<string> {
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
  if (reader === undefined) return '';
  const letGo = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', letGo);
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return text + decoder.decode();
      length += value.byteLength;
      if (length > mostBytes) {
        letGo();
        throw new BodyTooBigError(`The answer has more than ${mostBytes} bytes`);
      }
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    signal.removeEventListener('abort', letGo);
  }
}
