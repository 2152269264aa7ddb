/** Every message that a server may send: the unions over the rooms that define them. Section 6 of PROTOCOL.md. */
import * as z from 'zod';
import { ackSchema, type Ack, type OtherAck } from './acks.js';
import { knownChannelMessages, type ChannelMessage } from './channel-messages.js';
import type { UnknownMessage } from './client-messages.js';
import {
  gapSchema,
  goingAwaySchema,
  heartbeatSchema,
  knownNotices,
  snapshotSchema,
  type Authenticated,
  type ErrorMessage,
  type Gap,
  type GoingAway,
  type Heartbeat,
  type Hello,
  type Pong,
  type Snapshot,
  type Subscribed,
  type Unsubscribed,
  type Welcome,
} from './control-messages.js';
import { unknownServerMessageSchema } from './server-types.js';
import { caps, optionalTimeSchema } from './primitives.js';

const batchItemSchema: z.ZodType<BatchItem> = z.union([
  ...knownChannelMessages,
  ...knownNotices,
  ackSchema,
  snapshotSchema,
  heartbeatSchema,
  gapSchema,
  goingAwaySchema,
  unknownServerMessageSchema,
]);
/** `batch`: up to 100 messages in one frame, never nested · tickwire. */
export const batchSchema = z.looseObject({
  type: z.literal('batch'),
  timestamp: optionalTimeSchema,
  messages: z.array(batchItemSchema).max(caps.messagesPerBatch),
});

/** Every message of the contract that a server may send. */
export const knownServerMessageSchema: z.ZodType<ServerMessage | OtherAck> = z.union([
  ...knownChannelMessages,
  ...knownNotices,
  ackSchema,
  snapshotSchema,
  heartbeatSchema,
  gapSchema,
  goingAwaySchema,
  batchSchema,
]);
/** What `decodeServerMessage` takes without a fault or a report: every known message, and unknown types. */
export const serverMessageSchema: z.ZodType<ServerMessage | OtherAck | UnknownMessage> = z.union([
  knownServerMessageSchema,
  unknownServerMessageSchema,
]);

type Unbatched =
  | ChannelMessage
  | Welcome
  | Subscribed
  | Unsubscribed
  | Authenticated
  | ErrorMessage
  | Pong
  | Hello
  | Ack
  | Snapshot
  | Heartbeat
  | Gap
  | GoingAway;
/** What a `batch` may carry. */
export type BatchItem = Unbatched | UnknownMessage;
/** `batch`: up to 100 messages in one frame, never nested · tickwire. */
export type Batch = z.infer<typeof batchSchema>;
/** Any known message from a server. */
export type ServerMessage = Unbatched | Batch;
