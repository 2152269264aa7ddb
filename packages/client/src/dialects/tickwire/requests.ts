/** Questions to the server and their answers, matched by id. What is not answered rejects, always. */
import type {
  AlertCreateAck,
  AlertCreateMessage,
  AlertItem,
  CatalogAck,
  Channel,
  ClientMessage,
  HistoryAck,
} from '@tickwire/protocol';
import type { DialectHost, DialectLink, WireId } from '../../kernel/dialect.js';
import { PriceStreamError } from '../../kernel/errors.js';
import { tooMany, unanswered } from '../authentication.js';

/** What a server has: its channels with currency, unit and how long their prices stay fresh. */
export type Catalog = CatalogAck['data'];
/** A stretch of a channel's messages; `complete` when nothing is missing in it. */
export type HistoryPage = HistoryAck['data'];
/** Which stretch: after a position, or the newest. */
export interface HistoryQuery {
  since?: { epoch: string; seq: number } | undefined;
  /** At most this many messages. */
  limit?: number | undefined;
}
/** An alert rule to create. */
export type AlertRule = AlertCreateMessage['data'];

/** `client.alerts`: the rules of the authenticated user. All of them reject with a `PriceStreamError` when refused. */
export interface Alerts {
  /** Creates a rule; the same `clientRef` again gives the same rule. */
  create(rule: AlertRule): Promise<AlertCreateAck['data']>;
  /** All rules of the user. */
  list(): Promise<readonly AlertItem[]>;
  /** Deletes a rule. */
  delete(alertId: string | number): Promise<void>;
}

/** What one answer of `history` may carry. */
const mostFilled = 1_000;
/** Requests that may wait at a time, sent or not. */
const mostRequests = 100;
/** What may wait to be sent, as text. */
const mostWaitingLength = 65_536;

interface Waiting {
  readonly message: ClientMessage;
  readonly length: number;
  /** Monotonic. */
  readonly dueAt: number;
  /** The socket that it went out on. */
  sentOn: DialectLink | undefined;
  readonly resolve: (data: unknown) => void;
  readonly reject: (error: PriceStreamError) => void;
}

/** The requests of one stream that wait for an answer. While there is no connection they wait, within bounds. */
export class Requests {
  readonly #host: DialectHost;
  readonly #timeoutMs: number;
  readonly #answers: string;
  /** By id on the wire. */
  readonly #waiting = new Map<string, Waiting>();

  /** @param answers the dialect that has answers */
  constructor(host: DialectHost, timeoutMs: number, answers: string) {
    this.#host = host;
    this.#timeoutMs = timeoutMs;
    this.#answers = answers;
  }

  /** Asks; the codec checks the answer's shape. */
  ask<Answer>(message: ClientMessage): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.#host.inTurn(() => {
        const length = JSON.stringify(message).length;
        const error = this.#refusal(message, length);
        if (error !== undefined) {
          reject(error);
          return;
        }
        const dueAt = this.#host.clock.monotonic() + this.#timeoutMs;
        const waiting = {
          message,
          length,
          dueAt,
          sentOn: undefined,
          resolve: resolve as (data: unknown) => void,
          reject,
        };
        this.#waiting.set(this.#host.request(), waiting);
        this.#arm();
        this.#host.need();
      });
    });
  }

  /** What came after a position, or the newest: as much as one answer may carry. */
  fill(channel: Channel, since: HistoryQuery['since'] | undefined): Promise<HistoryPage> {
    return this.ask({
      type: 'history',
      id: '',
      data: { channel, ...(since === undefined ? {} : { since }), limit: mostFilled },
    });
  }

  /** The next frame that has not gone out. */
  frame(link: DialectLink): unknown {
    if (link.dialect.name !== this.#answers) return undefined;
    for (const [id, waiting] of this.#waiting) {
      if (waiting.sentOn !== undefined) continue;
      waiting.sentOn = link;
      return { ...waiting.message, id };
    }
    return undefined;
  }

  /** An answer came. @returns whether somebody waited for it */
  settle(id: WireId, link: DialectLink, answer: { readonly data: unknown } | PriceStreamError): boolean {
    const waiting = id === undefined || id === null ? undefined : this.#waiting.get(String(id));
    if (waiting?.sentOn === undefined || (!link.current && waiting.sentOn !== link)) return false;
    this.#waiting.delete(String(id));
    if (answer instanceof PriceStreamError) waiting.reject(answer);
    else waiting.resolve(answer.data);
    this.#arm();
    return true;
  }

  /** Whether an answer is still expected on a socket. */
  isOpenOn(link: DialectLink): boolean {
    for (const { sentOn } of this.#waiting.values()) if (sentOn === link) return true;
    return false;
  }

  /** The dialect is known: what it has no answer to is refused. */
  opened(link: DialectLink): void {
    this.#reject(({ message }) => this.#unavailable(link, message));
  }

  /** What went out on a socket that is gone is not answered any more. */
  lost(link: DialectLink): void {
    const { status } = this.#host.state;
    // What ended the stream says more, and comes next.
    if (status === 'closed' || status === 'failed') return;
    const error = new PriceStreamError('CONNECT_FAILED', 'The connection was lost before the answer came.', {
      retryable: true,
    });
    this.#reject(({ sentOn }) => (sentOn === link ? error : undefined));
  }

  ended(error: PriceStreamError): void {
    this.#reject(() => error);
  }

  #reject(why: (waiting: Waiting) => PriceStreamError | undefined): void {
    for (const [id, waiting] of this.#waiting) {
      const error = why(waiting);
      if (error === undefined) continue;
      this.#waiting.delete(id);
      waiting.reject(error);
    }
    this.#arm();
  }

  #unavailable({ dialect }: DialectLink, { type }: ClientMessage): PriceStreamError | undefined {
    if (dialect.name === this.#answers || dialect.name === 'undecided') return undefined;
    return new PriceStreamError('UNAVAILABLE', `The ${dialect.name} dialect has no ${type}.`);
  }

  #refusal(message: ClientMessage, length: number): PriceStreamError | undefined {
    const { ending, link } = this.#host;
    const unavailable = link?.up === true ? this.#unavailable(link, message) : undefined;
    let waiting = length;
    for (const each of this.#waiting.values()) if (each.sentOn === undefined) waiting += each.length;
    const isTooMuch = this.#waiting.size >= mostRequests || waiting > mostWaitingLength;
    return ending ?? unavailable ?? (isTooMuch ? tooMany() : undefined);
  }

  /** One timer for the earliest deadline: what was asked first is due first. */
  #arm(): void {
    const { timers, clock } = this.#host;
    timers.stop('requests');
    for (const { dueAt } of this.#waiting.values()) {
      timers.start('requests', Math.max(0, Math.ceil(dueAt - clock.monotonic())), () => {
        const now = clock.monotonic();
        this.#reject((waiting) => (waiting.dueAt > now ? undefined : unanswered(waiting.message.type)));
        this.#host.link?.pump();
      });
      return;
    }
  }
}

/** How long the prices of each channel stay fresh, in ms, where the catalog says so. */
export function lifetimesOf(catalog: Catalog): ReadonlyMap<string, number> {
  const lifetimes = new Map<string, number>();
  for (const { channel, staleAfterMs } of catalog.items) {
    if (typeof staleAfterMs === 'number' && staleAfterMs > 0) lifetimes.set(channel, staleAfterMs);
  }
  return lifetimes;
}
