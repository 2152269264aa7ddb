/** Frames written to a socket as they are: a bench that sends as fast as it can pays for them beforehand. */

/** One text frame of a server: FIN, no mask (RFC 6455, section 5.2). */
export function framed(text: string): Buffer {
  const body = Buffer.from(text);
  const head = body.length < 126 ? Buffer.from([0x81, body.length]) : Buffer.from([0x81, 126, 0, 0]);
  if (body.length > 65_535) return Buffer.concat([longHead(body.length), body]);
  if (body.length >= 126) head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}

function longHead(length: number): Buffer {
  const head = Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
