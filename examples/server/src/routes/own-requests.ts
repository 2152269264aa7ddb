/** What the messages about alerts and read cursors do: they belong to the user that the connection has proven to be. */
import {
  ErrorCode,
  type AlertCreateMessage,
  type AlertDeleteMessage,
  type AlertListMessage,
  type MarkMessage,
} from '@tickwire/protocol';
import { encodeMessage } from '@tickwire/protocol/codec';
import type { AlertBook } from '../alerts/alert-book.js';
import { hasScope } from '../auth/identity.js';
import type { Connection } from '../plugins/connection.js';
import type { ErrorAbout } from '../services/frames.js';
import type { ReadCursors } from '../services/read-cursors.js';

/** A message of a user about what is the user's own. */
export type OwnMessage = AlertCreateMessage | AlertListMessage | AlertDeleteMessage | MarkMessage;

/** What they are answered with. */
export interface OwnRequestOptions {
  readonly alerts: AlertBook;
  readonly cursors: ReadCursors;
  /** The last seq of a channel that was sent to the connection; absent when it does not have the channel. */
  readonly headOf: (connection: Connection, channel: string) => number | undefined;
  readonly refuse: (connection: Connection, code: ErrorCode, about: ErrorAbout) => void;
}

const noAlerts = 'The scope of this token is without alerts:write';

/** Answers one of them. */
export function answerOwn(
  { alerts, cursors, headOf, refuse }: OwnRequestOptions,
  connection: Connection,
  message: OwnMessage,
): void {
  const { id, type: op } = message;
  const { identity } = connection;
  if (identity === undefined) {
    refuse(connection, ErrorCode.UNAUTHENTICATED, { id, op });
    return;
  }
  const isChange = op === 'alert_create' || op === 'alert_delete';
  if (isChange && !hasScope(identity, 'alerts:write')) {
    refuse(connection, ErrorCode.FORBIDDEN_CHANNEL, { id, op, message: noAlerts });
    return;
  }
  const { userId } = identity;
  switch (message.type) {
    case 'alert_create': {
      const { clientRef } = message.data;
      const outcome = alerts.create(userId, message.data);
      if (!outcome.ok) {
        refuse(connection, outcome.code, { id, op, message: outcome.message });
        return;
      }
      const { alertId, created } = outcome;
      const data = { alertId, created, ...(clientRef === undefined ? {} : { clientRef }) };
      connection.send(encodeMessage({ type: 'ack', id, op: 'alert_create', data }));
      return;
    }
    case 'alert_list':
      connection.send(encodeMessage({ type: 'ack', id, op: 'alert_list', data: { items: alerts.list(userId) } }));
      return;
    case 'alert_delete': {
      const { alertId } = message.data;
      if (!alerts.delete(userId, alertId)) {
        refuse(connection, ErrorCode.BAD_MESSAGE, { id, op, message: 'You have no such alert' });
        return;
      }
      connection.send(encodeMessage({ type: 'ack', id, op: 'alert_delete', data: { alertId } }));
      return;
    }
    case 'mark': {
      const { channel, seq } = message.data;
      const head = headOf(connection, channel);
      if (channel !== 'user' || head === undefined) {
        refuse(connection, ErrorCode.BAD_MESSAGE, { id, op, message: 'There is a read cursor for user alone' });
        return;
      }
      const moved = cursors.move(userId, Math.min(seq, head));
      connection.send(encodeMessage({ type: 'ack', id, op: 'mark', data: { channel, seq: moved } }));
      return;
    }
  }
}
