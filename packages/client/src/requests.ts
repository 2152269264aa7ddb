/** Questions to the server and their answers, matched by number. What is not answered rejects, always. */
import type {
  AlertCreateAck,
  AlertCreateMessage,
  AlertItem,
  CatalogAck,
  Channel,
  ClientMessage,
  HistoryAck,
} from '@tickwire/protocol';
import { answerTo } from './answers.js';
import { alertId, alertRule } from './call-checks.js';
import type { SessionEvent } from './core/session-events.js';
import type { PriceStreamError } from './errors.js';
import type { Credential } from './credentials.js';

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

interface Waiting {
  readonly resolve: (data: unknown) => void;
  readonly reject: (error: PriceStreamError) => void;
}

/** The requests of one client that wait for an answer. */
export class Requests {
  readonly #dispatch: (event: SessionEvent) => void;
  /** As many as the session lets wait. */
  readonly #waiting = new Map<number, Waiting>();
  #lastKey = 0;

  readonly alerts: Alerts = {
    create: (rule) => answerTo(() => this.#ask({ type: 'alert_create', id: '', data: alertRule(rule) })),
    list: () =>
      answerTo(async () => {
        const { items } = await this.#ask<{ items: readonly AlertItem[] }>({ type: 'alert_list', id: '' });
        return items;
      }),
    delete: (id) =>
      answerTo(async () => {
        await this.#ask({ type: 'alert_delete', id: '', data: { alertId: alertId(id) } });
      }),
  };

  constructor(dispatch: (event: SessionEvent) => void) {
    this.#dispatch = dispatch;
  }

  catalog(): Promise<Catalog> {
    return this.#ask({ type: 'catalog', id: '' });
  }

  history(channel: Channel, query: HistoryQuery): Promise<HistoryPage> {
    return this.#ask({
      type: 'history',
      id: '',
      data: { channel, ...query },
    });
  }

  /** What came after a position, or the newest: as much as one answer may carry. */
  fill(channel: Channel, since: HistoryQuery['since'] | undefined): Promise<HistoryPage> {
    return this.history(channel, since === undefined ? { limit: mostFilled } : { since, limit: mostFilled });
  }

  authenticate(credential: Credential): Promise<void> {
    return this.#wait((key) => ({ type: 'authenticate', key, credential }));
  }

  settle(key: number, data: unknown): void {
    this.#take(key)?.resolve(data);
  }

  reject(key: number, error: PriceStreamError): void {
    this.#take(key)?.reject(error);
  }

  #take(key: number): Waiting | undefined {
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    return waiting;
  }

  /** The session puts the id in; the codec has checked the answer's shape. */
  #ask<Answer>(message: ClientMessage): Promise<Answer> {
    return this.#wait((key) => ({ type: 'request', key, message }));
  }

  #wait<Answer>(event: (key: number) => SessionEvent): Promise<Answer> {
    this.#lastKey += 1;
    const key = this.#lastKey;
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(key, { resolve: resolve as (data: unknown) => void, reject });
      this.#dispatch(event(key));
    });
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
