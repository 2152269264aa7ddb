/** What a socket may bring in place of a text: bytes of every make. */

/** The bytes of a frame, whatever holds them; `undefined` for what holds none. */
export function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // A buffer of another realm, as test environments have it.
  return Object.prototype.toString.call(data) === '[object ArrayBuffer]'
    ? new Uint8Array(data as ArrayBuffer)
    : undefined;
}

/** The text that bytes are in UTF-8; `undefined` where they are none, or nobody here can tell. */
export function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The first bytes, for people: `1f 8b 08 00`. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** What has to be waited for until its bytes are there: a `Blob`. */
export function bytesLater(data: unknown): Promise<ArrayBuffer> | undefined {
  const blob = data as { arrayBuffer?: unknown } | null | undefined;
  if (typeof blob !== 'object' || typeof blob?.arrayBuffer !== 'function') return undefined;
  return (blob as { arrayBuffer(): Promise<ArrayBuffer> }).arrayBuffer();
}
