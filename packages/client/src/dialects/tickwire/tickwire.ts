/** The tickwire dialect: greetings, acks by id, positions and resume, requests, users. PROTOCOL.md. */
import type { Ack, ChannelRequest, ErrorMessage, Hello, ServerMessage } from '@tickwire/protocol';
import { classifyPriceUpdate, parseChannel } from '@tickwire/protocol/rules';
import type { Ask, Dialect, DialectHost, DialectLink, Fault, WireId, Work } from '../../kernel/dialect.js';
import { PriceStreamError } from '../../kernel/errors.js';
import { hintMs } from '../../kernel/verdicts.js';
import { Authentication } from '../authentication.js';
import { noticeAck, olderAck } from '../coins.js';
import { checkedToken, TokenSource, type Credential, type TokenProvider } from '../tokens.js';
import { ChannelPositions } from './channel-positions.js';
import { contractVerdict } from './closes.js';
import { Implied } from './implied.js';
import type { GapEvent } from './messages.js';
import { Reading } from './reading.js';
import { Requests } from './requests.js';

/** What `tickwire()` takes. */
export interface TickwireOptions {
  /** Sent as the first message, never in the address. */
  token?: Credential | TokenProvider | undefined;
  /** How long an answer to a request may take, in ms. @default 10000 */
  requestTimeoutMs?: number | undefined;
  /** How the client names itself to the server. */
  clientName?: string | undefined;
}

/** Limits of the server, as its `hello` states them. */
interface Limits {
  readonly maxChannelsPerFrame: number;
  readonly maxFrameBytes: number;
}

/** What holds until a `hello` says otherwise. */
const defaults = { maxChannelsPerFrame: 50, maxFrameBytes: 16_384, messagesPerMinute: 300, burst: 40 };
/** The version of the contract that this client speaks. */
const protocolVersion = 1;
/** Room that a frame needs besides its list of channels. */
const envelopeBytes = 256;
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

/** The contract as one stream lives it, over all its connections; `dialect` is how a tickwire server is spoken to. */
export class Contract {
  readonly authentication: Authentication;
  readonly requests: Requests;
  readonly positions: ChannelPositions;
  readonly reading: Reading;
  readonly dialect: Dialect;
  readonly #host: DialectHost;
  readonly #implied: Implied;
  readonly #clientName: string;
  /** Of the socket that counts. */
  #limits: Limits = defaults;
  #owesHello = false;
  #greetedOn: DialectLink | undefined;

  constructor(host: DialectHost, options: TickwireOptions = {}) {
    this.#host = host;
    this.#clientName = options.clientName ?? '@tickwire/client';
    const tokens = new TokenSource(host.clock, checkedToken(options.token));
    this.authentication = new Authentication(host, tokens, ({ dialect: { name } }) =>
      name === 'tickwire' ? 'with ids' : name === 'coins' ? 'plain' : 'none',
    );
    this.requests = new Requests(host, options.requestTimeoutMs ?? 10_000, 'tickwire');
    this.positions = this.#makePositions();
    this.reading = new Reading(host, this.positions, (message, link) => this.#control(message, link));
    this.#implied = new Implied(host, this.positions, this.authentication);
    this.dialect = this.#makeDialect();
  }

  /** What all dialects have of it that a client of ours speaks: the reading, the user, the closes. */
  get shared(): Partial<Dialect> & Pick<Dialect, 'read'> {
    const { authentication, requests } = this;
    return {
      read: (message: unknown, link: DialectLink): Fault | undefined => this.reading.read(message, link),
      opened: (link) => {
        authentication.opened(link);
        requests.opened(link);
      },
      urgent: (link) => authentication.frame(link),
      closed: (code, reason) => contractVerdict(code, reason, authentication),
      lost: (link) => {
        authentication.lost(link);
        requests.lost(link);
        if (link.current) this.positions.disconnected();
      },
      woke: () => authentication.woke(),
      busy: (_link, leaving) => authentication.busy || requests.isOpenOn(leaving),
      released: (channel) => {
        // What comes by itself goes on coming, and its position with it.
        if (parseChannel(channel)?.implicit !== true) this.positions.forget(channel);
      },
      restarted: () => authentication.restarted(),
      ended: (error) => {
        authentication.ended(error);
        requests.ended(error);
      },
    };
  }

  #makeDialect(): Dialect {
    const { shared, authentication, requests } = this;
    return {
      ...shared,
      name: 'tickwire',
      greets: 'hello',
      vouches: true,
      pace: { burst: defaults.burst, perMinute: defaults.messagesPerMinute },
      carry: (channel) => (parseChannel(channel) === undefined ? undefined : channel),
      isEvents: (channel) => parseChannel(channel)?.kind === 'event',
      signature: (key) => (this.#host.isWanted(key) ? JSON.stringify(this.#requestOf(key)) : ''),
      ask: (work, id, link) => (authentication.held ? undefined : this.#ask(work, id, link)),
      ping: (id) => ({ type: 'ping', id, ts: this.#host.clock.now() }),
      proves: (message) => (message as { type?: unknown } | null)?.type === 'hello',
      opened: (link) => {
        this.#implied.opened();
        shared.opened?.(link);
      },
      urgent: (link) => {
        if (!this.#owesHello) return authentication.frame(link);
        this.#owesHello = false;
        return { type: 'hello', data: { protocol: protocolVersion, client: this.#clientName } };
      },
      owed: (link) => (authentication.held ? undefined : requests.frame(link)),
      busy: (link, leaving) => shared.busy?.(link, leaving) === true || this.#implied.isResuming(link),
      unconfirmed: (keys) => void this.#implied.notResumed(keys),
    };
  }

  #makePositions(): ChannelPositions {
    const host = this.#host;
    return new ChannelPositions({
      clock: host.clock,
      timers: host.timers,
      isWanted: (channel) => host.isWanted(channel) || this.#isAsked(channel),
      minIntervalMs: (channel) => host.wanted(channel)?.minIntervalMs ?? 0,
      deliver: (channel, message) => {
        if (host.link !== undefined) this.reading.deliver(channel, message, host.link);
      },
      announce: (gap: GapEvent) => {
        host.counters.gaps += 1;
        host.emit('gap', gap);
      },
      missed: () => (host.counters.gaps += 1),
      duplicate: () => (host.counters.duplicates += 1),
      confirm: (channel, head) => host.link?.head(channel, head),
      history: (channel, since) => this.requests.fill(channel, since),
      resubscribe: (channel) => host.resubscribe(channel),
    });
  }

  /** Whether the server has been asked for a channel by name on this connection, so that it can be asked anew. */
  #isAsked(channel: string): boolean {
    const status = this.#host.link?.asked(channel)?.status;
    return status !== undefined && status !== 'refused' && status !== 'unconfirmed';
  }

  /** A wanted channel as it is asked for. */
  #requestOf(channel: string): ChannelRequest {
    const { minIntervalMs, filter } = this.#host.wanted(channel) ?? {};
    const isState = parseChannel(channel)?.kind === 'state';
    return {
      channel: channel,
      ...(isState && minIntervalMs !== undefined ? { minIntervalMs } : {}),
      ...(filter === undefined ? {} : { filter: [...filter] as unknown as NonNullable<ChannelRequest['filter']> }),
    };
  }

  #ask({ gone, owed }: Work, id: string, link: DialectLink): Ask | undefined {
    const { maxChannelsPerFrame, maxFrameBytes } = this.#limits;
    const left: string[] = [];
    for (const key of gone) {
      // What comes by itself cannot be let go.
      if (parseChannel(key)?.implicit === true) continue;
      if (left.push(key) >= maxChannelsPerFrame) break;
    }
    if (left.length > 0) return { frame: { type: 'unsubscribe', id, data: { channels: left } }, gone: left };
    const channels: ChannelRequest[] = [];
    let bytes = envelopeBytes;
    for (const key of owed) {
      const request = { ...this.#requestOf(key), ...this.positions.of(key) };
      bytes += JSON.stringify(request).length + 64;
      if (channels.length > 0 && bytes > maxFrameBytes) break;
      if (channels.push(request) >= maxChannelsPerFrame) break;
    }
    if (channels.length === 0) return this.#implied.ask(id, link, maxChannelsPerFrame);
    return { frame: { type: 'subscribe', id, data: { channels } }, asked: channels.map(({ channel }) => channel) };
  }

  /** What control messages do. Of a socket that is being left, only answers to what went out on it count. */
  #control(message: ServerMessage, link: DialectLink): void {
    this.#host.inTurn(() => {
      if (!link.live) return;
      if (link.current) this.#take(message, link);
      else if (message.type === 'ack') this.requests.settle(message.id, link, message);
      else if (message.type === 'error') {
        const { code, message: text, error, retryable } = message.data ?? {};
        this.requests.settle(message.id, link, serverError(code, text ?? error, retryable === true));
      }
    });
  }

  #take(message: ServerMessage, link: DialectLink): void {
    const { authentication } = this;
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
    this.#limits = {
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
    const { authentication } = this;
    const id = String(ack.id);
    if (ack.op === 'subscribe') {
      link.answered(id);
      for (const position of ack.data.subscribed) {
        // What is confirmed has its position already: a second ack would move it back or ahead of what comes.
        if (link.confirmed(position.channel, id)) this.positions.acked(position.channel, position, false);
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
    this.requests.settle(ack.id, link, ack);
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
      this.authentication.renew(link);
      return;
    }
    const error = serverError(code, message ?? repeated, retryable === true);
    const request = id === undefined || id === null ? undefined : link.answered(String(id));
    if (request !== undefined) {
      const advised = new PriceStreamError(error.code, this.#withAdvice(error.code, error.message), error);
      this.#refuse(request.gone ? [] : request.keys, request.id, advised, retryAfterMs, link);
    } else if (!this.requests.settle(id, link, error)) this.#refusedOrReported(error, id, retryAfterMs);
  }

  #refusedOrReported(error: PriceStreamError, id: WireId, retryAfterMs?: unknown): void {
    if (this.authentication.isAnswer(id)) this.authentication.refused(error, !error.retryable, retryAfterMs);
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
        if (this.authentication.isAnswer(undefined)) this.authentication.accepted(link);
        return;
      case 'error':
        this.#refusedOrReported(serverError(undefined, data['message'] ?? data['error'], false), undefined);
        return;
      default:
        return;
    }
  }
}

/**
 * The dialect of a tickwire server: acks, positions and resume, honest freshness, users.
 *
 * @example new PriceStream('wss://prices.example/ws', { dialect: tickwire({ token }) })
 */
export function tickwire(options?: TickwireOptions): (host: DialectHost) => Dialect {
  return (host) => new Contract(host, options).dialect;
}
