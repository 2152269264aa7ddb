/** Polls prices over HTTP. When it is time to is the business of `polling-switch.ts`. */
import type { ReportedItem, ServerMessage } from '@tickwire/protocol';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import { ChannelPositions } from '../dialects/tickwire/channel-positions.js';
import { Reading } from '../dialects/tickwire/reading.js';
import type { Credential, TokenSource } from '../dialects/tokens.js';
import { fetchText, retryAfterMs, type Fetch, type HttpAnswer } from '../io/http.js';
import type { Core } from '../kernel/core.js';
import type { Link } from '../kernel/link.js';
import { Timers } from '../kernel/timers.js';
import { hintMs } from '../kernel/verdicts.js';
import type { FallbackSettings } from '../options.js';

const answerTimeoutMs = 10_000;
/** Doublings of the interval while the endpoint fails. */
const mostDoublings = 3;
const jitter = 0.2;

const nothing = (): void => undefined;

/** A snapshot that was polled, and what of it is left out. */
interface Polled {
  readonly message: ServerMessage;
  readonly leftOut: readonly ReportedItem[];
}

function authorization(credential: Credential | null): Record<string, string> {
  if (credential === null) return {};
  const value = typeof credential === 'string' ? `Bearer ${credential}` : `ApiKey ${credential.apiKey}`;
  return { Authorization: value };
}

/** The polling of one client. A failed request is state: the connection is no longer shown as one. */
export class FallbackPolling {
  readonly #core: Core;
  readonly #fallback: FallbackSettings;
  readonly #fetch: Fetch | undefined;
  readonly #tokens: TokenSource;
  readonly #timers: Timers<'next' | 'deadline'>;
  readonly #reading: Reading;
  #failedPolls = 0;
  #trouble: string | undefined;
  #credential: Credential | null | undefined;
  #since: number | undefined;
  /** The request that is under way: never more than one. */
  #asking: AbortController | undefined;
  /** Positions of the last answer, no more than it had items. */
  #seen: ReadonlyMap<string, string> = new Map();
  /** A lane of its own, another one for each run: the positions of the socket, which it resumes from, know nothing of it. */
  #lane: Link | undefined;

  constructor(core: Core, fallback: FallbackSettings, fetch: Fetch | undefined, tokens: TokenSource) {
    this.#core = core;
    this.#fallback = fallback;
    this.#fetch = fetch;
    this.#tokens = tokens;
    this.#timers = new Timers(core.settings.clock);
    const positions = new ChannelPositions({
      clock: core.settings.clock,
      timers: this.#timers,
      isWanted: (channel) => core.channels.isWanted(channel),
      minIntervalMs: () => 0,
      deliver: (channel, message) => {
        if (this.#lane !== undefined) this.#reading.deliver(channel, message, this.#lane);
      },
      announce: nothing,
      missed: nothing,
      duplicate: nothing,
      confirm: nothing,
      history: () => Promise.reject(new Error('There is no history while polling.')),
      resubscribe: nothing,
    });
    this.#reading = new Reading(core.host, positions, nothing);
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
    this.#lane = this.#core.lane({
      name: 'tickwire',
      carry: () => true,
      isEvents: (channel) => this.#core.rooms.dialect.isEvents?.(channel) ?? false,
      parse: (polled) => polled,
      read: (polled, link) => {
        const { message, leftOut } = polled as Polled;
        this.#reading.route(message, leftOut, link);
      },
    });
    this.#poll();
  }

  stop(): void {
    if (this.#lane !== undefined) this.#lane.live = false;
    this.#since = undefined;
    this.#timers.stopAll();
    this.#tokens.cancel();
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
    this.#timers.start('deadline', answerTimeoutMs, () => settle('The endpoint did not answer in time.'));
    this.#ask(asking.signal).then(settle, () => settle('The endpoint could not be read.'));
  }

  async #ask(signal: AbortSignal): Promise<HttpAnswer> {
    if (this.#credential === undefined) {
      this.#credential = await new Promise<Credential | null>((resolve, reject) => {
        const reason = this.#failedPolls === 0 ? 'initial' : 'rejected';
        this.#tokens.fetch(reason, (credential, problem) => {
          if (problem === undefined) resolve(credential);
          else reject(new Error(problem.message));
        });
      });
    }
    const headers = { Accept: 'application/json', ...authorization(this.#credential) };
    return fetchText(this.#fallback.url, headers, signal, this.#fetch);
  }

  #settled(outcome: HttpAnswer | string): void {
    const { clock, random } = this.#core.settings;
    this.#timers.stop('deadline');
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
        leastMs = hintMs(retryAfterMs(retryAfter, clock.now())) ?? 0;
      }
    }
    this.#failedPolls = route === undefined ? this.#failedPolls + 1 : 0;
    const spacedMs = this.#fallback.intervalMs * 2 ** Math.min(mostDoublings, this.#failedPolls);
    const delayMs = spacedMs * (1 - jitter + 2 * jitter * random());
    this.#timers.start('next', Math.max(leastMs, Math.round(delayMs)), () => this.#poll());
    const since = route === undefined ? undefined : (this.#since ?? clock.now());
    if (since !== this.#since) {
      this.#since = since;
      this.#core.show();
    }
    // A listener may have closed the client.
    if (route === undefined || this.#since === undefined) return;
    this.#trouble = undefined;
    route();
    this.#core.settleReady();
  }

  /** What to route of an answer; `undefined` for one that is no snapshot. */
  #read(text: string): (() => void) | undefined {
    const { announcer, prices } = this.#core;
    announcer.counters.bytes += text.length;
    const result = decodeServerMessage(text);
    if (!result.ok || result.kind === 'unknown' || result.message.type !== 'snapshot') {
      announcer.counters.messages += 1;
      if (result.ok) return undefined;
      announcer.counters.invalid += 1;
      announcer.emit('invalid', { code: result.code, path: result.path, reason: result.reason, sample: '' });
      return undefined;
    }
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
      const isKnown = this.#seen.get(channel) === position && prices.view.get(channel)?.seq === seq;
      if (isPrice) seen.set(channel, position);
      if (isPrice && !isKnown) continue;
      if (isKnown) prices.confirmHead(channel, seq);
      leftOut.push({ path, reason: 'not new' });
    }
    this.#seen = seen;
    return () => this.#lane?.received({ message, leftOut } satisfies Polled);
  }
}
