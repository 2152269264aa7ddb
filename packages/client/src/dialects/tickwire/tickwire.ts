/** The tickwire dialect: greetings, acks by id, positions and resume, requests, users. PROTOCOL.md. */
import type { ChannelRequest } from '@tickwire/protocol';
import { parseChannel } from '@tickwire/protocol/rules';
import type { Ask, Dialect, DialectHost, DialectLink, Fault, Work } from '../../kernel/dialect.js';
import { Authentication } from '../authentication.js';
import { checkedToken, TokenSource, type Credential, type TokenProvider } from '../tokens.js';
import { ChannelPositions } from './channel-positions.js';
import { contractVerdict } from './closes.js';
import { Control, defaultPace } from './control.js';
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

/** Room that a frame needs besides its list of channels. */
const envelopeBytes = 256;
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
  readonly #control: Control;

  constructor(host: DialectHost, options: TickwireOptions = {}) {
    this.#host = host;
    this.#clientName = options.clientName ?? '@tickwire/client';
    const tokens = new TokenSource(host.clock, checkedToken(options.token));
    this.authentication = new Authentication(host, tokens, ({ dialect: { name } }) =>
      name === 'tickwire' ? 'with ids' : name === 'coins' ? 'plain' : 'none',
    );
    this.requests = new Requests(host, options.requestTimeoutMs ?? 10_000, 'tickwire');
    this.positions = this.#makePositions();
    this.reading = new Reading(host, this.positions, (message, link) => this.#control.receive(message, link));
    this.#implied = new Implied(host, this.positions, this.authentication);
    this.#control = new Control(host, this.authentication, this.requests, this.positions, this.#implied);
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
      pace: defaultPace,
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
      urgent: (link) => this.#control.hello(this.#clientName) ?? authentication.frame(link),
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
    const { maxChannelsPerFrame, maxFrameBytes } = this.#control.limits;
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
}

/**
 * The dialect of a tickwire server: acks, positions and resume, honest freshness, users.
 *
 * @example new PriceStream('wss://prices.example/ws', { dialect: tickwire({ token }) })
 */
export function tickwire(options?: TickwireOptions): (host: DialectHost) => Dialect {
  return (host) => new Contract(host, options).dialect;
}
