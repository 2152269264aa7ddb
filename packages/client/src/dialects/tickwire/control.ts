/** What control messages do: greetings, acks, refusals, the user's standing. Prices and events do not come here. */
import type { Ack, ErrorMessage, Hello, ServerMessage } from '@tickwire/protocol';
import { classifyPriceUpdate } from '@tickwire/protocol/rules';
import type { DialectHost, DialectLink, Pace, WireId } from '../../kernel/dialect.js';
import { PriceStreamError } from '../../kernel/errors.js';
import { hintMs } from '../../kernel/verdicts.js';
import type { Authentication } from '../authentication.js';
import { noticeAck, olderAck } from '../coins.js';
import type { ChannelPositions } from './channel-positions.js';
import type { Implied } from './implied.js';
import type { Requests } from './requests.js';

/** Limits of the server, as its `hello` states them. */
interface Limits {
  readonly maxChannelsPerFrame: number;
  readonly maxFrameBytes: number;
}

/** What holds until a `hello` says otherwise. */
const defaults = { maxChannelsPerFrame: 50, maxFrameBytes: 16_384, messagesPerMinute: 300, burst: 40 };
/** The budget until a `hello` says otherwise. */
export const defaultPace: Pace = { burst: defaults.burst, perMinute: defaults.messagesPerMinute };
/** The version of the contract that this client speaks. */
const protocolVersion = 1;
const defaultLeaveMs = 1_000;
const leaveSpread = 0.2;
const defaultDeadlineMs = 10_000;
const longestText = 256;

const needsUser = ' It is for users: give the client a credential, by the token option or authenticate().';
/** What the reader of a refusal can do. */
const nextSteps: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['UNKNOWN_CHANNEL', ' Check the name: client.catalog() lists what the server has.'],
  ['UNAUTHENTICATED', needsUser],
  ['AUTH_REQUIRED', needsUser],
  ['FORBIDDEN_CHANNEL', ' Check the rights of the token.'],
]);

/** What a server says of a fault; its text is for people and shortened. */
function serverError(code: unknown, text: unknown, retryable: boolean): PriceStreamError {
  const message =
    typeof text === 'string' && text !== '' ? text.slice(0, longestText) : 'The server reported an error.';
  return new PriceStreamError(typeof code === 'string' && code !== '' ? code.slice(0, 64) : 'INTERNAL', message, {
    retryable,
  });
}

/** The control of one stream's links. */
export class Control {
  /** Of the socket that counts. */
  limits: Limits = defaults;
  readonly #host: DialectHost;
  readonly #authentication: Authentication;
  readonly #requests: Requests;
  readonly #positions: ChannelPositions;
  readonly #implied: Implied;
  #owesHello = false;
  #greetedOn: DialectLink | undefined;

  constructor(
    host: DialectHost,
    authentication: Authentication,
    requests: Requests,
    positions: ChannelPositions,
    implied: Implied,
  ) {
    this.#host = host;
    this.#authentication = authentication;
    this.#requests = requests;
    this.#positions = positions;
    this.#implied = implied;
  }

  /** The answer to a greeting that is still owed. */
  hello(client: string): unknown {
    if (!this.#owesHello) return undefined;
    this.#owesHello = false;
    return { type: 'hello', data: { protocol: protocolVersion, client } };
  }

  /** What control messages do. Of a socket that is being left, only answers to what went out on it count. */
  receive(message: ServerMessage, link: DialectLink): void {
    this.#host.inTurn(() => {
      if (!link.live) return;
      if (link.current) this.#take(message, link);
      else if (message.type === 'ack') this.#requests.settle(message.id, link, message);
      else if (message.type === 'error') {
        const { code, message: text, error, retryable } = message.data ?? {};
        this.#requests.settle(message.id, link, serverError(code, text ?? error, retryable === true));
      }
    });
  }

  #take(message: ServerMessage, link: DialectLink): void {
    const authentication = this.#authentication;
    switch (message.type) {
      case 'hello':
        if (link.dialect.name === 'tickwire') this.#greet(message, link);
        return;
      case 'pong':
        link.pong(message.id, message.ts);
        return;
      case 'ack':
        this.#acked(message, link);
        break;
      case 'error':
        this.#refused(message, link);
        break;
      case 'going_away': {
        const { reconnectAfterMs, deadlineMs } = message.data;
        const inMs = hintMs(reconnectAfterMs) ?? defaultLeaveMs;
        link.moving(inMs + this.#host.random() * inMs * leaveSpread, hintMs(deadlineMs) ?? defaultDeadlineMs);
        return;
      }
      case 'price_update':
        this.#notice(message, link);
        break;
      case 'subscribed':
      case 'unsubscribed': {
        const { data, coinId } = message;
        olderAck(link, message.type === 'unsubscribed', data?.coinId ?? coinId, data?.subscription);
        return;
      }
      case 'authenticated':
        if (authentication.isAnswer(undefined)) authentication.accepted(link);
        break;
      default:
        return;
    }
    link.pump();
  }

  /** A `hello` states the limits of the server, and is answered. */
  #greet({ data: { limits } }: Hello, link: DialectLink): void {
    const positive = (value: number | null | undefined, fallback: number): number =>
      typeof value === 'number' && value >= 1 ? value : fallback;
    this.limits = {
      maxChannelsPerFrame: Math.floor(positive(limits.maxChannelsPerFrame, defaults.maxChannelsPerFrame)),
      maxFrameBytes: positive(limits.maxFrameBytes, defaults.maxFrameBytes),
    };
    if (link === this.#greetedOn) return;
    this.#greetedOn = link;
    link.pace = {
      burst: Math.floor(positive(limits.burst, defaults.burst)),
      perMinute: positive(limits.messagesPerMinute, defaults.messagesPerMinute),
    };
    this.#owesHello = true;
    link.greeted();
  }

  #acked(ack: Ack, link: DialectLink): void {
    const authentication = this.#authentication;
    const id = String(ack.id);
    if (ack.op === 'subscribe') {
      link.answered(id);
      for (const position of ack.data.subscribed) {
        // What is confirmed has its position already: a second ack would move it back or ahead of what comes.
        if (link.confirmed(position.channel, id)) this.#positions.acked(position.channel, position, false);
      }
      for (const { channel, code, retryable, retryAfterMs } of ack.data.rejected ?? []) {
        const known = link.asked(channel);
        if (known?.id !== id || known.status === 'confirmed') continue;
        const error = new PriceStreamError(code, this.#withAdvice(code, `The server refused ${channel}.`), {
          retryable: retryable === true,
        });
        this.#refuse([channel], id, error, retryAfterMs, link);
      }
    } else if (ack.op === 'unsubscribe') link.answered(id);
    else if (ack.op === 'authenticate' && authentication.isAnswer(ack.id)) {
      this.#implied.accepted(link, ack.data);
      authentication.accepted(link, ack.data.expiresAt);
    }
    this.#requests.settle(ack.id, link, ack);
  }

  #withAdvice(code: string, message: string): string {
    return message + (nextSteps.get(code) ?? '');
  }

  /** A channel that is refused for a while is asked for again when the while is over; one that is refused stays so. */
  #refuse(
    keys: readonly string[],
    id: string,
    error: PriceStreamError,
    retryAfterMs: unknown,
    link: DialectLink,
  ): void {
    link.refused(keys, id, error, retryAfterMs);
    // Nobody asked for what comes by itself: nobody is told of an error.
    if (!error.retryable && !this.#implied.notResumed(keys)) this.#host.report(error);
  }

  #refused({ id, data }: ErrorMessage, link: DialectLink): void {
    const { code, message, error: repeated, retryable, retryAfterMs } = data ?? {};
    if (code === 'TOKEN_EXPIRING') {
      this.#authentication.renew(link);
      return;
    }
    const error = serverError(code, message ?? repeated, retryable === true);
    const request = id === undefined || id === null ? undefined : link.answered(String(id));
    if (request !== undefined) {
      const advised = new PriceStreamError(error.code, this.#withAdvice(error.code, error.message), error);
      this.#refuse(request.gone ? [] : request.keys, request.id, advised, retryAfterMs, link);
    } else if (!this.#requests.settle(id, link, error)) this.#refusedOrReported(error, id, retryAfterMs);
  }

  #refusedOrReported(error: PriceStreamError, id: WireId, retryAfterMs?: unknown): void {
    if (this.#authentication.isAnswer(id)) this.#authentication.refused(error, !error.retryable, retryAfterMs);
    else this.#host.report(error);
  }

  /** An older server says everything in a `price_update`. */
  #notice(message: Extract<ServerMessage, { type: 'price_update' }>, link: DialectLink): void {
    const data: Readonly<Record<string, unknown>> = message.data;
    switch (classifyPriceUpdate(message)) {
      case 'liveness':
        if (data['type'] === 'pong') link.pong();
        return;
      case 'ack':
        noticeAck(link, message);
        return;
      case 'auth':
        if (this.#authentication.isAnswer(undefined)) this.#authentication.accepted(link);
        return;
      case 'error':
        this.#refusedOrReported(serverError(undefined, data['message'] ?? data['error'], false), undefined);
        return;
      default:
        return;
    }
  }
}
