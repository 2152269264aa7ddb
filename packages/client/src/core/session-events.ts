/** What happens to a session, and what it asks the shell to do. */
import type { Channel, ClientMessage, ServerMessage } from '@tickwire/protocol';
import type { Acked } from './positions.js';
import type { Credential, TokenReason } from './credentials.js';
import type { Fault, HolderOptions, Session, TimerName } from './session-state.js';
import type { UpgradeRefusal } from './upgrade-refusal.js';

/** What happens to a session. Socket events carry the number of their socket. */
export type SessionEvent =
  | { readonly type: 'connect' }
  | { readonly type: 'close'; readonly reason?: string }
  | {
      readonly type: 'subscribe';
      readonly holder: number;
      readonly channels: readonly Channel[];
      readonly options: HolderOptions;
    }
  | { readonly type: 'unsubscribe'; readonly holder: number; readonly channels: readonly Channel[] }
  | { readonly type: 'flush' }
  /** The channel is asked for anew, from its position. */
  | { readonly type: 'resubscribe'; readonly channel: Channel }
  | { readonly type: 'request'; readonly key: number; readonly message: ClientMessage }
  | { readonly type: 'authenticate'; readonly credential: Credential; readonly key: number }
  | { readonly type: 'socket-opened'; readonly socketId: number }
  | {
      readonly type: 'socket-closed';
      readonly socketId: number;
      readonly code: number;
      readonly reason: string;
      /** What the user's `onClose` says of it. */
      readonly verdict?: 'retry' | 'stop' | 'fail' | undefined;
      /** What the platform said of the failure, for people. */
      readonly cause?: unknown;
      /** Set when the server answered the upgrade in HTTP. */
      readonly upgrade?: UpgradeRefusal | undefined;
    }
  | { readonly type: 'socket-unavailable'; readonly socketId: number }
  | {
      readonly type: 'message-received';
      readonly socketId: number;
      readonly message: ServerMessage;
    }
  /** Before a message is routed, while the dialect is not proved: prices tell it as well. */
  | { readonly type: 'frame-seen'; readonly socketId: number; readonly messageType: string; readonly known: boolean }
  | {
      readonly type: 'frame-refused';
      readonly socketId: number;
      readonly code: 'BAD_JSON' | 'BAD_MESSAGE';
      /** What came and what is wrong with it, short and without secrets, for people. */
      readonly what: string;
      /** Good frames of the client so far. */
      readonly good: number;
    }
  | { readonly type: 'timer-fired'; readonly timer: TimerName }
  | {
      readonly type: 'token-resolved';
      readonly socketId: number;
      readonly credential: Credential | null;
      /** Set when the provider threw, rejected or did not answer in time. */
      readonly fault?: Fault | undefined;
    }
  | {
      readonly type: 'environment-changed';
      readonly online: boolean;
      readonly visible: boolean;
      /** Something woke up: the network came back, the page was shown or resumed. */
      readonly woke: boolean;
    };

/** What a session asks the shell to do, in order. */
export type SessionEffect =
  | { readonly type: 'open-socket'; readonly socketId: number }
  | { readonly type: 'drop-socket'; readonly socketId: number; readonly code: number; readonly reason: string }
  | { readonly type: 'send'; readonly socketId: number; readonly frame: ClientMessage }
  | { readonly type: 'start-timer'; readonly timer: TimerName; readonly delayMs: number }
  | { readonly type: 'stop-timer'; readonly timer: TimerName }
  /** Raise `flush` once the code that runs now is done, so that many subscribes become one frame. */
  | { readonly type: 'flush-soon' }
  | {
      readonly type: 'fetch-token';
      readonly socketId: number;
      readonly reason: TokenReason;
    }
  | { readonly type: 'settle'; readonly key: number; readonly data: unknown }
  | { readonly type: 'reject'; readonly key: number; readonly fault: Fault }
  /** The server said where a channel starts; `implicit`: without having been asked for it. */
  | { readonly type: 'position'; readonly channel: string; readonly ack: Acked; readonly implicit: boolean }
  /** A channel that comes by itself could not be resumed: what the server told in passing has to do. */
  | { readonly type: 'not-resumed'; readonly channel: string }
  /** A channel's last wire subscription is let go. */
  | { readonly type: 'release'; readonly channel: Channel }
  | { readonly type: 'emit-error'; readonly fault: Fault };

/** What a step gives. */
export interface Step {
  readonly session: Session;
  readonly effects: readonly SessionEffect[];
}
