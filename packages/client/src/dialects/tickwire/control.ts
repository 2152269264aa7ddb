/** What control messages do: greetings, acks, refusals, the user's standing. Prices and events do not come here. */
import type { Ack, ErrorMessage, Hello, ServerMessage } from '@tickwire/protocol';
import type { DialectHost, DialectLink, Pace, WireId } from '../../kernel/dialect.js';
import { PriceStreamError } from '../../kernel/errors.js';
import { hintMs } from '../../kernel/verdicts.js';
import type { Authentication } from '../authentication.js';
import { olderAck, readNotice, saidError } from '../coins.js';
import type { Positions } from './channel-positions.js';
import type { Implied } from './implied.js';
import type { Requests } from './requests.js';

/** What holds until a `hello` says otherwise. */
const defaults = { maxChannelsPerFrame: 50, maxFrameBytes: 16_384, messagesPerMinute: 300, burst: 40 };
/** The budget until a `hello` says otherwise. */
export const defaultPace: Pace = { burst: defaults.burst, perMinute: defaults.messagesPerMinute };
/** The version of the contract that this client speaks. */
const protocolVersion = 1;
const defaultLeaveMs = 1_000;
const leaveSpread = 0.2;
const defaultDeadlineMs = 10_000;

const needsUser = ' It is for users: give the client a credential, by the token option or authenticate().';
/** What the reader of a refusal can do. */
const nextSteps: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['UNKNOWN_CHANNEL', ' Check the name: client.catalog() lists what the server has.'],
  ['UNAUTHENTICATED', needsUser],
  ['AUTH_REQUIRED', needsUser],
  ['FORBIDDEN_CHANNEL', ' Check the rights of the token.'],
]);

function refusal(code: string, message: string, retryable: boolean): PriceStreamError {
  return new PriceStreamError(code, message + (nextSteps.get(code) ?? ''), { retryable });
}

/** The control of one stream's links. */
export function controlOf(
  host: DialectHost,
  authentication: Authentication,
  requests: Requests,
  positions: Positions,
  implied: Implied,
) {
  /** Of the socket that counts. */
  let limits: { readonly maxChannelsPerFrame: number; readonly maxFrameBytes: number } = defaults;
  let owesHello = false;
  let greetedOn: DialectLink | undefined;

  /** A `hello` states the limits of the server, and is answered. */
  function greet({ data }: Hello, link: DialectLink): void {
    const limit = (name: keyof typeof defaults): number => {
      const given = data.limits[name];
      return typeof given === 'number' && given >= 1 ? Math.floor(given) : defaults[name];
    };
    limits = { maxChannelsPerFrame: limit('maxChannelsPerFrame'), maxFrameBytes: limit('maxFrameBytes') };
    if (link === greetedOn) return;
    greetedOn = link;
    link.pace = { burst: limit('burst'), perMinute: limit('messagesPerMinute') };
    owesHello = true;
    link.greeted();
  }

  function acked(ack: Ack, link: DialectLink): void {
    const id = String(ack.id);
    if (ack.op === 'subscribe') {
      link.answered(id);
      for (const position of ack.data.subscribed) {
        // What is confirmed has its position already: a second ack would move it back or ahead of what comes.
        if (link.confirmed(position.channel, id)) positions.acked(position.channel, position, false);
      }
      for (const { channel, code, retryable, retryAfterMs } of ack.data.rejected ?? []) {
        const known = link.asked(channel);
        if (known?.id !== id || known.status === 'confirmed') continue;
        refuse([channel], id, refusal(code, `The server refused ${channel}.`, retryable === true), retryAfterMs, link);
      }
    } else if (ack.op === 'unsubscribe') link.answered(id);
    else if (ack.op === 'authenticate' && authentication.isAnswer(ack.id)) {
      implied.accepted(link, ack.data);
      authentication.accepted(link, ack.data.expiresAt);
    }
    requests.settle(ack.id, link, ack);
  }

  /** A channel that is refused for a while is asked for again when the while is over; one that is refused stays so. */
  function refuse(
    keys: readonly string[],
    id: string,
    error: PriceStreamError,
    retryAfterMs: unknown,
    link: DialectLink,
  ): void {
    link.refused(keys, id, error, retryAfterMs);
    // Nobody asked for what comes by itself: nobody is told of an error.
    if (!error.retryable && !implied.notResumed(keys)) host.report(error);
  }

  function refused({ id, data }: ErrorMessage, link: DialectLink): void {
    if (data?.code === 'TOKEN_EXPIRING') {
      authentication.renew(link);
      return;
    }
    const error = saidError(data);
    const request = id === undefined || id === null ? undefined : link.answered(String(id));
    if (request !== undefined) {
      const advised = refusal(error.code, error.message, error.retryable);
      refuse(request.gone ? [] : request.keys, request.id, advised, data?.retryAfterMs, link);
    } else if (!requests.settle(id, link, error)) refusedOrReported(error, id, data?.retryAfterMs);
  }

  function refusedOrReported(error: PriceStreamError, id?: WireId, retryAfterMs?: unknown): void {
    if (authentication.isAnswer(id)) authentication.refused(error, !error.retryable, retryAfterMs);
    else host.report(error);
  }

  /** An older server accepts without an id. */
  function accept(link: DialectLink): void {
    if (authentication.isAnswer()) authentication.accepted(link);
  }

  function take(message: ServerMessage, link: DialectLink): void {
    switch (message.type) {
      case 'hello':
        if (link.dialect.name === 'tickwire') greet(message, link);
        return;
      case 'pong':
        link.pong(message.id, message.ts);
        return;
      case 'ack':
        acked(message, link);
        break;
      case 'error':
        refused(message, link);
        break;
      case 'going_away': {
        const { reconnectAfterMs, deadlineMs } = message.data;
        const inMs = hintMs(reconnectAfterMs) ?? defaultLeaveMs;
        link.moving(inMs + host.random() * inMs * leaveSpread, hintMs(deadlineMs) ?? defaultDeadlineMs);
        return;
      }
      case 'price_update':
        readNotice(message, link, refusedOrReported, () => accept(link));
        break;
      case 'subscribed':
      case 'unsubscribed':
        olderAck(
          link,
          message.type === 'unsubscribed',
          message.data?.coinId ?? message.coinId,
          message.data?.subscription,
        );
        return;
      case 'authenticated':
        accept(link);
        break;
      default:
        return;
    }
    link.pump();
  }

  return {
    limits: () => limits,

    /** The answer to a greeting that is still owed. */
    hello(client: string): unknown {
      if (!owesHello) return undefined;
      owesHello = false;
      return { type: 'hello', data: { protocol: protocolVersion, client } };
    },

    /** What control messages do. Of a socket that is being left, only answers to what went out on it count. */
    receive: (message: ServerMessage, link: DialectLink): void => {
      host.inTurn(() => {
        if (!link.live) return;
        if (link.current) take(message, link);
        else if (message.type === 'ack') requests.settle(message.id, link, message);
        else if (message.type === 'error') requests.settle(message.id, link, saidError(message.data));
      });
    },
  };
}
