/** Questions to the server and their answers, matched by id. What is not answered rejects, always. */
import type {
  AlertCreateAck,
  AlertCreateMessage,
  AlertItem,
  CatalogAck,
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

/** Requests that may wait at a time, sent or not. */
const mostRequests = 100;
/** What may wait to be sent, as text. */
const mostWaitingLength = 65_536;

interface Waiting {
  readonly message: ClientMessage;
  readonly length: number;
  /** The socket that it went out on. */
  sentOn?: DialectLink;
  readonly settle: (answer: { readonly data: unknown } | PriceStreamError) => void;
}

/** The requests of one stream. */
export type Requests = ReturnType<typeof requestsOf>;

/**
 * The requests of one stream that wait for an answer. While there is no connection they wait, within bounds.
 *
 * @param answers the dialect that has answers
 */
export function requestsOf(host: DialectHost, timeoutMs: number, answers: string) {
  /** By id on the wire, the oldest first. */
  const waiting = new Map<string, Waiting>();

  function unavailable({ dialect: { name } }: DialectLink, { type }: ClientMessage): PriceStreamError | undefined {
    if (name === answers || name === 'undecided') return undefined;
    return new PriceStreamError('UNAVAILABLE', `The ${name} dialect has no ${type}.`);
  }

  function refusal(message: ClientMessage, length: number): PriceStreamError | undefined {
    const { ending, link } = host;
    let inAll = length;
    for (const each of waiting.values()) if (each.sentOn === undefined) inAll += each.length;
    const isTooMuch = waiting.size >= mostRequests || inAll > mostWaitingLength;
    return ending ?? (link?.up ? unavailable(link, message) : undefined) ?? (isTooMuch ? tooMany() : undefined);
  }

  function reject(why: (waiting: Waiting) => PriceStreamError | undefined): void {
    for (const each of [...waiting.values()]) {
      const error = why(each);
      if (error !== undefined) each.settle(error);
    }
  }

  return {
    /** Asks; the codec checks the answer's shape. */
    ask: <Answer>(message: ClientMessage): Promise<Answer> =>
      new Promise((resolve, refuse) => {
        host.inTurn(() => {
          const { length } = JSON.stringify(message);
          const error = refusal(message, length);
          if (error !== undefined) {
            refuse(error);
            return;
          }
          const id = host.request();
          const settle: Waiting['settle'] = (answer) => {
            waiting.delete(id);
            host.timers.stop(id);
            if (answer instanceof PriceStreamError) refuse(answer);
            else resolve(answer.data as Answer);
          };
          waiting.set(id, { message, length, settle });
          host.timers.start(id, timeoutMs, () => {
            settle(unanswered(message.type));
            host.link?.pump();
          });
          host.need();
        });
      }),

    /** The next frame that has not gone out. */
    frame(link: DialectLink): unknown {
      if (link.dialect.name !== answers) return undefined;
      for (const [id, each] of waiting) {
        if (each.sentOn !== undefined) continue;
        each.sentOn = link;
        return { ...each.message, id };
      }
      return undefined;
    },

    /** An answer came. @returns whether somebody waited for it */
    settle(id: WireId, link: DialectLink, answer: { readonly data: unknown } | PriceStreamError): boolean {
      const asked = waiting.get(String(id));
      if (asked?.sentOn === undefined || (!link.current && asked.sentOn !== link)) return false;
      asked.settle(answer);
      return true;
    },

    /** Whether an answer is still expected on a socket. */
    isOpenOn: (link: DialectLink): boolean => [...waiting.values()].some(({ sentOn }) => sentOn === link),

    /** The dialect is known: what it has no answer to is refused. */
    opened: (link: DialectLink): void => reject(({ message }) => unavailable(link, message)),

    /** What went out on a socket that is gone is not answered any more. */
    lost(link: DialectLink): void {
      // What ended the stream says more, and comes next.
      if (host.state.status === 'closed' || host.state.status === 'failed') return;
      const message = 'The connection was lost before the answer came.';
      const error = new PriceStreamError('CONNECT_FAILED', message, { retryable: true });
      reject(({ sentOn }) => (sentOn === link ? error : undefined));
    },

    ended: (error: PriceStreamError): void => reject(() => error),
  };
}

/** How long the prices of each channel stay fresh, in ms, where the catalog says so. */
export function lifetimesOf(catalog: Catalog): ReadonlyMap<string, number> {
  const lifetimes = new Map<string, number>();
  for (const { channel, staleAfterMs } of catalog.items) {
    if (typeof staleAfterMs === 'number' && staleAfterMs > 0) lifetimes.set(channel, staleAfterMs);
  }
  return lifetimes;
}
