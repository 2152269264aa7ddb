/** Carries revocations to every node: a log of the engine that no client can name. */
import { isUserId } from '../auth/identity.js';
import type { Engine } from '../engine/engine.js';

/** Tells all nodes, this one included. Rejects when the user id is none, there is no room (`RevocationsFullError`) or the engine fails. */
export type RevokeUser = (userId: string) => Promise<void>;

const log = 'control:revoked';

/** Nothing was revoked: as many revocations stand as this server remembers, and none of them may be forgotten. */
export class RevocationsFullError extends Error {
  override readonly name = 'RevocationsFullError';
}

/** The way of revocations; `start` listens for them and returns the undo. */
export function createRevocationChannel(
  engine: Engine,
  canRevoke: (userId: string) => boolean,
): {
  revokeUser: RevokeUser;
  start: (revoke: (userId: string) => void) => Promise<() => void>;
} {
  return {
    async revokeUser(userId) {
      if (!isUserId(userId)) throw new RangeError('A user id is 1 to 64 visible ASCII characters');
      if (!canRevoke(userId)) throw new RevocationsFullError('Too many revocations stand; nothing was revoked');
      await engine.publish(log, JSON.stringify(userId));
    },
    async start(revoke) {
      const stopListening = engine.onMessage(({ channel, body }) => {
        if (channel !== log) return;
        const userId: unknown = JSON.parse(body);
        if (isUserId(userId)) revoke(userId);
      });
      const leave = await engine.subscribe(log);
      return () => {
        stopListening();
        leave();
      };
    },
  };
}
