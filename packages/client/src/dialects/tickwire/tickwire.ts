/** The tickwire dialect: greetings, acks by id, positions and resume, requests, users. PROTOCOL.md. */
import type { ChannelRequest, FilterCondition } from '@tickwire/protocol';
import { parseChannel } from '@tickwire/protocol/rules';
import type { Ask, Dialect, DialectHost, DialectLink, Work } from '../../kernel/dialect.js';
import { authenticationOf } from '../authentication.js';
import { checkedToken, tokensOf, type Credential, type TokenProvider } from '../tokens.js';
import { positionsOf } from './channel-positions.js';
import { contractVerdict } from './closes.js';
import { controlOf, defaultPace } from './control.js';
import { impliedOf } from './implied.js';
import { readingOf } from './reading.js';
import { requestsOf, type HistoryPage } from './requests.js';

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
/** What one answer of `history` may carry. */
const mostFilled = 1_000;

/** The contract as one stream lives it, over all its connections. */
export type Contract = ReturnType<typeof contractOf>;

/** The contract as one stream lives it, over all its connections; `dialect` is how a tickwire server is spoken to. */
export function contractOf(host: DialectHost, options: TickwireOptions = {}) {
  const tokens = tokensOf(host.clock, checkedToken(options.token));
  const authentication = authenticationOf(host, tokens, ({ dialect: { name } }) =>
    name === 'tickwire' ? 'with ids' : name === 'coins' ? 'plain' : 'none',
  );
  const requests = requestsOf(host, options.requestTimeoutMs ?? 10_000, 'tickwire');
  const positions = positionsOf({
    host,
    deliver: (channel, message) => {
      if (host.link !== undefined) reading.deliver(channel, message, host.link);
    },
    history: (channel, since) =>
      requests.ask<HistoryPage>({
        type: 'history',
        id: '',
        data: { channel, ...(since && { since }), limit: mostFilled },
      }),
  });
  const implied = impliedOf(host, positions, authentication, () => tokens.kind() !== 'none');
  const control = controlOf(host, authentication, requests, positions, implied);
  const reading = readingOf(host, positions, control.receive);

  /** A wanted channel as it is asked for. */
  function requestOf(channel: string): ChannelRequest {
    const { minIntervalMs, filter } = host.wanted(channel) ?? {};
    const request: ChannelRequest = { channel };
    if (minIntervalMs !== undefined && parseChannel(channel)?.kind === 'state') request.minIntervalMs = minIntervalMs;
    if (filter !== undefined) request.filter = [...filter] as unknown as FilterCondition[];
    return request;
  }

  function ask({ gone, owed }: Work, id: string, link: DialectLink): Ask | undefined {
    if (authentication.isHolding()) return undefined;
    const { maxChannelsPerFrame, maxFrameBytes } = control.limits();
    const left: string[] = [];
    for (const key of gone) {
      // What comes by itself cannot be let go.
      if (parseChannel(key)?.implicit !== true && left.push(key) >= maxChannelsPerFrame) break;
    }
    if (left.length > 0) return { frame: { type: 'unsubscribe', id, data: { channels: left } }, gone: left };
    const channels: ChannelRequest[] = [];
    let bytes = envelopeBytes;
    for (const key of owed) {
      const request = { ...requestOf(key), ...positions.of(key) };
      bytes += JSON.stringify(request).length + 64;
      if (channels.length > 0 && bytes > maxFrameBytes) break;
      if (channels.push(request) >= maxChannelsPerFrame) break;
    }
    if (channels.length === 0) return implied.ask(id, link, maxChannelsPerFrame);
    return { frame: { type: 'subscribe', id, data: { channels } }, asked: channels.map(({ channel }) => channel) };
  }

  /** What all dialects have of it that a client of ours speaks: the reading, the user, the closes. */
  const shared = {
    read: reading.read,
    opened(link) {
      authentication.opened(link);
      requests.opened(link);
    },
    urgent: authentication.frame,
    closed: (code, reason) => contractVerdict(code, reason, authentication),
    lost(link) {
      authentication.lost(link);
      requests.lost(link);
      if (link.current) positions.disconnected();
    },
    woke: authentication.woke,
    busy: (_link, leaving) => authentication.isBusy() || requests.isOpenOn(leaving),
    released(channel) {
      // What comes by itself goes on coming, and its position with it.
      if (parseChannel(channel)?.implicit !== true) positions.forget(channel);
    },
    restarted: authentication.restarted,
    ended(error) {
      authentication.ended(error);
      requests.ended(error);
    },
  } satisfies Partial<Dialect>;

  const dialect: Dialect = {
    ...shared,
    name: 'tickwire',
    greets: 'hello',
    vouches: true,
    pace: defaultPace,
    carry: (channel) => parseChannel(channel)?.channel,
    isEvents: (channel) => parseChannel(channel)?.kind === 'event',
    signature: (key) => (host.isWanted(key) ? JSON.stringify(requestOf(key)) : ''),
    ask,
    ping: (id) => ({ type: 'ping', id, ts: host.clock.now() }),
    proves: (message) => (message as { type?: unknown } | null)?.type === 'hello',
    opened(link) {
      implied.opened();
      shared.opened(link);
    },
    urgent: (link) => control.hello(options.clientName ?? '@tickwire/client') ?? authentication.frame(link),
    owed: (link) => (authentication.isHolding() ? undefined : requests.frame(link)),
    busy: (link, leaving) => shared.busy(link, leaving) || implied.isResuming(link),
    unconfirmed: (keys) => void implied.notResumed(keys),
  };

  return { authentication, requests, shared, dialect, credentials: tokens.kind };
}

/**
 * The dialect of a tickwire server: acks, positions and resume, honest freshness, users.
 *
 * @example new PriceStream('wss://prices.example/ws', { dialect: tickwire({ token }) })
 */
export function tickwire(options?: TickwireOptions): (host: DialectHost) => Dialect {
  return (host) => contractOf(host, options).dialect;
}
