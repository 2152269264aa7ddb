/** Reads the body of an answer up to a bound: an upstream must not be able to fill the memory. */

/** Why a body was not read. */
export class BodyTooBigError extends Error {
  override readonly name = 'BodyTooBigError';
}

/**
 * The text of an answer.
 *
 * @throws BodyTooBigError when it has more than `mostBytes`; the rest is not read
 */
export async function readBody(response: Response, mostBytes: number): Promise<string> {
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.byteLength;
    if (length > mostBytes) {
      reader.cancel().catch(() => undefined);
      throw new BodyTooBigError(`The answer has more than ${mostBytes} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}
