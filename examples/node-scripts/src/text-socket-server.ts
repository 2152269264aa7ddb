/** The few pages of RFC 6455 that a demo needs: text frames both ways, up to 64 KiB, on Node alone. For more take `ws`. */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';

const handshakeGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const opcode = { text: 1, close: 8, ping: 9, pong: 10 } as const;
const longestPayload = 65_535;

/** A frame of a server: whole, and not masked. */
function frameOf(code: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([0x80 | code, length]), payload]);
  const head = Buffer.alloc(length <= longestPayload ? 4 : 10);
  head[0] = 0x80 | code;
  head[1] = length <= longestPayload ? 126 : 127;
  if (length <= longestPayload) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

/** The first frame of what a client has sent; `undefined` while it is not whole. @throws RangeError when it is too long */
function readFrame(bytes: Buffer): { code: number; payload: Buffer; size: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  if (short === 127) throw new RangeError('A frame is too long.');
  const headSize = short === 126 ? 8 : 6;
  if (bytes.length < headSize) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short;
  if (bytes.length < headSize + length) return undefined;
  const mask = bytes.subarray(headSize - 4, headSize);
  const payload = bytes.subarray(headSize, headSize + length).map((byte, index) => byte ^ mask.readUInt8(index % 4));
  return { code: bytes.readUInt8(0) & 0x0f, payload: Buffer.from(payload), size: headSize + length };
}

/** One connection. */
export interface TextSocket {
  send(text: string): void;
  received: (text: string) => void;
  closed: () => void;
}

function textSocket(stream: Duplex): TextSocket {
  const socket: TextSocket = {
    send: (text) => void stream.write(frameOf(opcode.text, Buffer.from(text))),
    received: () => undefined,
    closed: () => undefined,
  };
  let waiting: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    try {
      for (let frame = readFrame(waiting); frame !== undefined; frame = readFrame(waiting)) {
        waiting = waiting.subarray(frame.size);
        if (frame.code === opcode.text) socket.received(frame.payload.toString());
        else if (frame.code === opcode.ping) stream.write(frameOf(opcode.pong, frame.payload));
        else if (frame.code === opcode.close) stream.end(frameOf(opcode.close, frame.payload));
      }
    } catch {
      stream.destroy();
    }
  });
  stream.on('error', () => stream.destroy());
  stream.on('close', () => socket.closed());
  return socket;
}

/** Listens for WebSockets; `connected` is called for each. */
export async function listenForText(port: number, connected: (socket: TextSocket) => void): Promise<Server> {
  const server = createServer((_request, response) => response.writeHead(426).end('This is a WebSocket.\n'));
  server.on('upgrade', (request, stream) => {
    const key = `${request.headers['sec-websocket-key'] ?? ''}${handshakeGuid}`;
    const accept = createHash('sha1').update(key).digest('base64');
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    stream.write(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`);
    connected(textSocket(stream));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
