/** What each message of a client does: one case a type, each a call. It reads messages and never a socket. */
import {
  CloseCode,
  ErrorCode,
  type ClientMessage,
  type HistoryMessage,
  type SubscribeMessage,
  type UnsubscribeMessage,
} from '@tickwire/protocol';
import type { AlertBook } from '../alerts/alert-book.js';
import { channelIn, type Catalog } from '../catalog.js';
import type { Clock } from '../clock.js';
import { countOne, type Counters } from '../counters.js';
import type { Engine } from '../engine/engine.js';
import type { Limits } from '../limits.js';
import type { Connection } from '../plugins/connection.js';
import type { SocketAuthentication } from './authentication.js';
import * as frames from '../services/frames.js';
import type { JoinOutcome, Membership } from '../services/membership.js';
import { stepsOf } from '../services/recovery.js';
import { ReadCursors } from '../services/read-cursors.js';
import { answerOwn } from './own-requests.js';
import { requestOf, type SubscriptionRequest } from './subscribe-requests.js';

/** What requests are answered with. */
export interface RequestOptions {
  readonly catalog: Catalog;
  readonly engine: Engine;
  readonly membership: Membership;
  readonly authentication: SocketAuthentication;
  readonly alerts: AlertBook;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly counters: Counters;
}

/** Answers messages, one at a time for each connection. */
export interface Requests {
  /** Does what the message asks for. Rejects only when the engine fails. */
  answer(connection: Connection, message: ClientMessage): Promise<void>;
  /** Greets an older client in the typed form, once. */
  welcome(connection: Connection): void;
  /** Sends an error frame. */
  refuse(connection: Connection, code: ErrorCode, about?: frames.ErrorAbout): void;
}

/** Messages of a channel that somebody gets who does not say how many. */
const defaultHistory = 100;

/** Makes the answering part of the route. */
export function createRequests(options: RequestOptions): Requests {
  const { catalog, engine, membership, authentication, clock, limits } = options;

  function refuse(connection: Connection, code: ErrorCode, about: frames.ErrorAbout = {}): void {
    countOne(options.counters.errors, code);
    connection.send(frames.errorFrame(code, about, clock.now()));
  }

  function welcome(connection: Connection): void {
    if (connection.isWelcomed || connection.dialect === 'tickwire') return;
    connection.isWelcomed = true;
    connection.send(frames.welcomeFrame(connection.id, clock.now()));
  }

  function hello(connection: Connection, protocol: number): void {
    if (protocol !== frames.protocolVersion) {
      refuse(connection, ErrorCode.UNSUPPORTED_VERSION, { op: 'hello' });
      connection.close(CloseCode.UNSUPPORTED_VERSION, 'unsupported_version');
      return;
    }
    membership.leaveImpliedMetals(connection);
    connection.dialect = 'tickwire';
  }

  /** Whether the connection may be answered with ②; an older client is told what is missing. */
  function isNew(connection: Connection, message: { id?: string | number | undefined; type: string }): boolean {
    if (connection.dialect === 'tickwire') return true;
    refuse(connection, ErrorCode.BAD_MESSAGE, { id: message.id, op: message.type, message: 'Answer the hello first' });
    return false;
  }

  /** An older client has shown what it is; one of coins was not meant by the metals that silence brought it. */
  function settleDialect(connection: Connection, dialect: 'coins' | 'metals'): void {
    if (connection.dialect !== 'undecided') return;
    connection.dialect = dialect;
    if (dialect === 'coins') membership.leaveImpliedMetals(connection);
  }

  /** What the request shows of its sender, and whether an `ack` is the answer to it. */
  function takeNote(connection: Connection, { form, id }: SubscriptionRequest): { acks: boolean } {
    if (connection.dialect === 'tickwire') return { acks: id !== undefined };
    settleDialect(connection, form === 'metals' ? 'metals' : 'coins');
    if (form !== 'metals') welcome(connection);
    return { acks: false };
  }

  function typedAnswers(request: SubscriptionRequest, { subscribed, rejected }: JoinOutcome): string[] {
    const now = clock.now();
    const { id, coinId } = request;
    const answers = rejected.map(({ code, channel }) =>
      frames.errorFrame(code as ErrorCode, { id, op: 'subscribe', coinId, channel }, now),
    );
    // A coin that is not here is refused once, not once for each of its channels.
    if (request.form === 'coin') answers.splice(1);
    if (request.form !== 'metals' && subscribed.length > 0) {
      answers.unshift(frames.subscriptionFrame('subscribed', request.about, now));
    }
    return answers;
  }

  async function subscribe(connection: Connection, message: SubscribeMessage): Promise<void> {
    const request = requestOf(message, catalog);
    if (request.form === 'channels' && !isNew(connection, message)) return;
    const { acks } = takeNote(connection, request);
    membership.leaveImpliedMetals(connection);
    await membership.join(connection, request.wishes, (outcome) =>
      acks && request.id !== undefined
        ? [frames.subscribeAckFrame(request.id, outcome.subscribed, outcome.rejected)]
        : typedAnswers(request, outcome),
    );
  }

  function unsubscribe(connection: Connection, message: UnsubscribeMessage): void {
    const request = requestOf(message, catalog);
    if (request.form === 'channels' && !isNew(connection, message)) return;
    const { acks } = takeNote(connection, request);
    const channels = request.wishes.map(({ channel }) => channel);
    membership.leave(connection, channels);
    if (acks && request.id !== undefined) {
      const heads = membership.headsOf(connection);
      const gone = channels.filter((channel) => !heads.has(channel));
      connection.send(frames.unsubscribeAckFrame(request.id, gone));
    } else if (request.form !== 'metals') {
      connection.send(frames.subscriptionFrame('unsubscribed', request.about, clock.now()));
    }
  }

  async function history(connection: Connection, message: HistoryMessage): Promise<void> {
    const { channel, since, limit = defaultHistory } = message.data;
    const parsed = channelIn(catalog, channel);
    const about = { id: message.id, op: message.type };
    if (parsed === undefined) {
      refuse(connection, ErrorCode.UNKNOWN_CHANNEL, about);
      return;
    }
    if (parsed.needsAuth && connection.identity === undefined) {
      refuse(connection, ErrorCode.UNAUTHENTICATED, about);
      return;
    }
    const log = await engine.history(frames.logOf(parsed, connection.identity?.userId), {
      ...(since === undefined ? {} : { since: { epoch: since.epoch, seq: since.seq } }),
      limit: Math.min(limit, limits.historyMessages),
    });
    // As recoveries do, and of the same share.
    await membership.turns.take(connection.address, stepsOf(log.messages));
    const { messages, isWhole } = frames.withinFrame(log.messages, since === undefined);
    const complete = log.complete && isWhole;
    connection.send(frames.historyAckFrame(message.id, { ...log, channel, complete }, messages));
  }

  const own = {
    alerts: options.alerts,
    cursors: new ReadCursors(limits.maxRememberedKeys),
    headOf: (connection: Connection, channel: string) => membership.headsOf(connection).get(channel),
    refuse,
  };

  return {
    refuse,
    welcome,
    async answer(connection, message) {
      switch (message.type) {
        case 'hello':
          hello(connection, message.data.protocol);
          return;
        case 'ping': {
          const isBare = connection.dialect !== 'tickwire' && message.id === undefined && message.ts === undefined;
          connection.send(frames.pongFrame(message, !isBare, clock.now()));
          return;
        }
        case 'subscribe':
          return subscribe(connection, message);
        case 'unsubscribe':
          unsubscribe(connection, message);
          return;
        case 'history':
          return isNew(connection, message) ? history(connection, message) : undefined;
        case 'catalog':
          if (isNew(connection, message)) {
            connection.send(frames.catalogAckFrame(message.id, catalog.revision, catalog.items));
          }
          return;
        case 'authenticate':
          settleDialect(connection, 'coins');
          welcome(connection);
          return authentication.authenticate(connection, message);
        case 'alert_create':
        case 'alert_list':
        case 'alert_delete':
        case 'mark':
          if (isNew(connection, message)) answerOwn(own, connection, message);
          return;
      }
    },
  };
}
