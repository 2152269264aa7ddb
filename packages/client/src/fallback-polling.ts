/** Polls prices over HTTP. When it is time to is the business of `polling-switch.ts`. */
import type { Channel, ReportedItem, ServerMessage } from '@tickwire/protocol';
import type { decodeServerMessage } from '@tickwire/protocol/codec';
import type { InvalidEvent } from './events.js';
import { fetchText, retryAfterMs, type HttpAnswer } from './io/http.js';
import type { Credential } from './credentials.js';
import type { FallbackSettings, Settings } from './options.js';
import type { PriceStore } from './price-store.js';
import type { Counters } from './statistics.js';
import type { Timers } from './timers.js';
import type { TokenSource } from './token-source.js';

const answerTimeoutMs = 10_000;
/** Doublings of the interval while the endpoint fails. */
const mostDoublings = 3;
const jitter = 0.2;

/** What the polling tells the client, and what it uses of it. */
export interface PollingHost {
  readonly tokens: TokenSource;
  readonly timers: Timers<'next' | 'deadline'>;
  readonly decode: typeof decodeServerMessage;
  /** A number of ms within the range of hints; `undefined` for what is none. */
  clampHintMs(hint: number): number | undefined;
  readonly prices: PriceStore;
  readonly counters: Counters;
  route(message: ServerMessage, reported: readonly ReportedItem[]): void;
  invalid(event: InvalidEvent): void;
  /** `since` is another. */
  changed(): void;
  /** Prices have been routed. */
  polled(): void;
}

function authorization(credential: Credential | null): Record<string, string> {
  if (credential === null) return {};
  const value = typeof credential === 'string' ? `Bearer ${credential}` : `ApiKey ${credential.apiKey}`;
  return { Authorization: value };
}

/** The polling of one client. A failed request is state: the connection is no longer shown as one. */
export class FallbackPolling {
  readonly #settings: Settings;
  readonly #fallback: FallbackSettings;
  readonly #host: PollingHost;
  #failedPolls = 0;
  #trouble: string | undefined;
  #credential: Credential | null | undefined;
  #since: number | undefined;
  /** The request that is under way: never more than one. */
  #asking: AbortController | undefined;
  /** Positions of the last answer, no more than it had items. */
  #seen: ReadonlyMap<string, string> = new Map();
  /** Another one for each run: what was routed in an older one is stale. */
  run = 0;

  constructor(settings: Settings, fallback: FallbackSettings, host: PollingHost) {
    this.#settings = settings;
    this.#fallback = fallback;
    this.#host = host;
  }

  /** Epoch milliseconds of the first of the answers that came in a row; `undefined` when the last request failed. */
  get since(): number | undefined {
    return this.#since;
  }

  /** For a bug report. */
  get report(): { failedPolls: number; trouble: string | null } {
    return { failedPolls: this.#failedPolls, trouble: this.#trouble ?? null };
  }

  /** Asks for a credential anew before the next request. */
  forgetCredential(): void {
    this.#credential = undefined;
  }

  /** Asks now, and goes on asking. */
  start(): void {
    this.run += 1;
    this.#poll();
  }

  stop(): void {
    this.run += 1;
    this.#since = undefined;
    this.#host.timers.stopAll();
    this.#host.tokens.cancel();
    this.#asking?.abort();
    this.#asking = undefined;
    this.#seen = new Map();
  }

  #poll(): void {
    const asking = new AbortController();
    this.#asking = asking;
    const settle = (outcome: HttpAnswer | string): void => {
      if (this.#asking !== asking) return;
      this.#asking = undefined;
      this.#settled(outcome);
      // What has failed may still be sending.
      asking.abort();
    };
    // A fetch may not heed its signal: the deadline does not depend on it.
    this.#host.timers.start('deadline', answerTimeoutMs, () => settle('The endpoint did not answer in time.'));
    this.#ask(asking.signal).then(settle, () => settle('The endpoint could not be read.'));
  }

  async #ask(signal: AbortSignal): Promise<HttpAnswer> {
    if (this.#credential === undefined) {
      this.#credential = await new Promise<Credential | null>((resolve, reject) => {
        const reason = this.#failedPolls === 0 ? 'initial' : 'rejected';
        this.#host.tokens.fetch(reason, (credential, problem) => {
          if (problem === undefined) resolve(credential);
          else reject(new Error(problem.message));
        });
      });
    }
    const headers = { Accept: 'application/json', ...authorization(this.#credential) };
    return fetchText(this.#fallback.url, headers, signal, this.#settings.fetch);
  }

  #settled(outcome: HttpAnswer | string): void {
    const { clock, random } = this.#settings;
    this.#host.timers.stop('deadline');
    let leastMs = 0;
    let route: (() => void) | undefined;
    if (typeof outcome === 'string') this.#trouble = outcome;
    else {
      const { status, text, retryAfter } = outcome;
      this.#trouble = `The endpoint answered with status ${status}.`;
      if (status === 401 || status === 403) this.#credential = undefined;
      if (text !== undefined) {
        this.#trouble = 'The endpoint answered with something else than a snapshot.';
        route = this.#read(text);
      } else if (retryAfter !== null) {
        leastMs = this.#host.clampHintMs(retryAfterMs(retryAfter, clock.now())) ?? 0;
      }
    }
    this.#failedPolls = route === undefined ? this.#failedPolls + 1 : 0;
    const spacedMs = this.#fallback.intervalMs * 2 ** Math.min(mostDoublings, this.#failedPolls);
    const delayMs = spacedMs * (1 - jitter + 2 * jitter * random());
    this.#host.timers.start('next', Math.max(leastMs, Math.round(delayMs)), () => this.#poll());
    const since = route === undefined ? undefined : (this.#since ?? clock.now());
    if (since !== this.#since) {
      this.#since = since;
      this.#host.changed();
    }
    // A listener may have closed the client.
    if (route === undefined || this.#since === undefined) return;
    this.#trouble = undefined;
    route();
    this.#host.polled();
  }

  /** What to route of an answer; `undefined` for one that is no snapshot. */
  #read(text: string): (() => void) | undefined {
    const { counters, prices } = this.#host;
    counters.messages += 1;
    counters.bytes += text.length;
    const result = this.#host.decode(text);
    if (!result.ok) {
      this.#host.invalid({ code: result.code, path: result.path, reason: result.reason, sample: '' });
      return undefined;
    }
    if (result.kind === 'unknown' || result.message.type !== 'snapshot') return undefined;
    const { message } = result;
    const leftOut = [...(result.reported ?? [])];
    const broken = new Set(leftOut.map((item) => item.path));
    const seen = new Map<string, string>();
    for (const [index, { channel, epoch, seq, message: value }] of message.data.items.entries()) {
      const path = `data.items.${index}`;
      if (broken.has(path)) continue;
      const position = `${epoch} ${seq}`;
      const isPrice = value.type === 'price_update' || value.type === 'priceUpdate';
      // An event would be delivered anew with each answer; a price that is known is confirmed instead.
      const isKnown = this.#seen.get(channel) === position && prices.view.get(channel as Channel)?.seq === seq;
      if (isPrice) seen.set(channel, position);
      if (isPrice && !isKnown) continue;
      if (isKnown) prices.confirmHead(channel as Channel, seq);
      leftOut.push({ path, reason: 'not new' });
    }
    this.#seen = seen;
    return () => this.#host.route(message, leftOut);
  }
}
