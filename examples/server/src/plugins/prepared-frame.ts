/**
 * A text frame that is made once and written to many sockets as it is: header and payload in one buffer, so that a send
 * is one write instead of a header, two queued chunks and a callback for each connection.
 */

/** Payloads below 126 bytes have their length in the header's second byte, those below 64 KiB in two more bytes. */
const shortest = 126;
const shorter = 65_536;
const finalText = 0x81;

/** A frame of RFC 6455, section 5.2, from a server: final, text, not masked, not compressed. */
export class PreparedFrame {
  /** The whole frame. */
  readonly bytes: Buffer;
  /** The message in it. */
  readonly payload: Buffer;

  constructor(text: string) {
    const length = Buffer.byteLength(text);
    const head = length < shortest ? 2 : length < shorter ? 4 : 10;
    this.bytes = Buffer.allocUnsafe(head + length);
    this.bytes[0] = finalText;
    if (head === 2) this.bytes[1] = length;
    else if (head === 4) {
      this.bytes[1] = 126;
      this.bytes.writeUInt16BE(length, 2);
    } else {
      this.bytes[1] = 127;
      this.bytes.writeBigUInt64BE(BigInt(length), 2);
    }
    this.bytes.write(text, head);
    this.payload = this.bytes.subarray(head);
  }
}
