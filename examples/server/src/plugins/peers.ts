/** Every TCP connection of the HTTP server, so that none outlives it. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Keeps track from now on.
 *
 * @returns cuts all that are open, and from then on each that comes
 */
export function trackPeers(server: Server): () => void {
  // An upgrade that was refused in HTTP is no longer the HTTP server's to close: its peer could keep a closed server waiting.
  const peers = new Set<Socket>();
  let isOver = false;
  server.on('connection', (socket: Socket) => {
    if (isOver) socket.destroy();
    peers.add(socket);
    socket.once('close', () => peers.delete(socket));
  });
  return () => {
    isOver = true;
    for (const peer of peers) peer.destroy();
  };
}
