/** Polls prices over HTTP while the connection finds no WebSocket. A failed request is state: the connection is no longer shown as one. */
import type { ReportedItem, ServerMessage } from '@tickwire/protocol';
import { decodeServerMessage } from '@tickwire/protocol/codec';
import { verdictOn } from '../dialects/tickwire/positions.js';
import { readingOf } from '../dialects/tickwire/reading.js';
import { tokensOf, type Credential } from '../dialects/tokens.js';
import { fetchText, retryAfterMs, type HttpAnswer } from '../io/http.js';
import { resolveWebSocket } from '../io/socket.js';
import type { Core } from '../kernel/core.js';
import type { LifeState } from '../kernel/life-state.js';
import type { Link } from '../kernel/link.js';
import { Timers } from '../kernel/timers.js';
import { hintMs } from '../kernel/verdicts.js';
import type { ClientSettings, FallbackSettings } from '../options.js';

const answerTimeoutMs = 10_000;
/** Doublings of the interval while the endpoint fails. */
const mostDoublings = 3;
const jitter = 0.2;

const always = (): boolean => true;
const nothing = (): void => undefined;

/** A snapshot that was polled, and what of it is left out. */
interface Polled {
  readonly message: ServerMessage;
  readonly leftOut: readonly ReportedItem[];
}

/** The fallback of one client. */
export type Polling = ReturnType<typeof pollingOf>;

/** Follows a client's connection, and polls in its place. */
export function pollingOf(core: Core, { token, fetch }: ClientSettings, fallback: FallbackSettings) {
  const { clock, random } = core.settings;
  const tokens = tokensOf(clock, token);
  const timers = new Timers<'next' | 'deadline'>(clock);
  let status: LifeState['status'] = 'idle';
  let failedDials = 0;
  let running = false;
  let failedPolls = 0;
  let trouble: string | null = null;
  let credential: Credential | null | undefined;
  /** Epoch milliseconds of the first of the answers that came in a row; `undefined` when the last request failed. */
  let since: number | undefined;
  /** The request that is under way: never more than one. */
  let asking: AbortController | undefined;
  /** Positions of the last answer, no more than it had items. */
  let seen: ReadonlyMap<string, { readonly epoch: string; readonly seq: number }> = new Map();
  /** A lane of its own, another one for each run: the positions of the socket, which it resumes from, know nothing of it. */
  let lane: Link | undefined;
  const { route } = readingOf(
    core,
    { takeSnapshot: always, takeValue: always, takeEvent: always, takeGap: nothing, heads: nothing },
    nothing,
  );

  function start(): void {
    lane = core.lane({
      name: 'tickwire',
      carry: () => true,
      isEvents: (channel) => core.dialect.isEvents?.(channel) ?? false,
      parse: (polled) => polled,
      read: (polled, link) => {
        const { message, leftOut } = polled as Polled;
        route(message, leftOut, link);
      },
    });
    poll();
  }

  function stop(): void {
    if (lane !== undefined) lane.live = false;
    since = undefined;
    timers.stopAll();
    tokens.cancel();
    asking?.abort();
    asking = undefined;
    seen = new Map();
  }

  function poll(): void {
    const request = new AbortController();
    asking = request;
    const settle = (outcome: HttpAnswer | string): void => {
      if (asking !== request) return;
      asking = undefined;
      settled(outcome);
      // What has failed may still be sending.
      request.abort();
    };
    // A fetch may not heed its signal: the deadline does not depend on it.
    timers.start('deadline', answerTimeoutMs, () => settle('The endpoint did not answer in time.'));
    ask(request.signal).then(settle, () => settle('The endpoint could not be read.'));
  }

  async function ask(signal: AbortSignal): Promise<HttpAnswer> {
    if (credential === undefined) {
      credential = await new Promise<Credential | null>((resolve, reject) => {
        tokens.fetch(failedPolls === 0 ? 'initial' : 'rejected', (given, problem) => {
          if (problem === undefined) resolve(given);
          else reject(problem);
        });
      });
    }
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (credential !== null)
      headers['Authorization'] =
        typeof credential === 'string' ? `Bearer ${credential}` : `ApiKey ${credential.apiKey}`;
    return fetchText(fallback.url, headers, signal, fetch);
  }

  function settled(outcome: HttpAnswer | string): void {
    timers.stop('deadline');
    let leastMs = 0;
    let polled: Polled | undefined;
    if (typeof outcome === 'string') trouble = outcome;
    else {
      const { status: code, text, retryAfter } = outcome;
      trouble = `The endpoint answered with status ${code}.`;
      if (code === 401 || code === 403) credential = undefined;
      if (text !== undefined) {
        trouble = 'The endpoint answered with something else than a snapshot.';
        polled = read(text);
      } else if (retryAfter !== null) leastMs = hintMs(retryAfterMs(retryAfter, clock.now())) ?? 0;
    }
    failedPolls = polled === undefined ? failedPolls + 1 : 0;
    const spacedMs = fallback.intervalMs * 2 ** Math.min(mostDoublings, failedPolls);
    timers.start('next', Math.max(leastMs, Math.round(spacedMs * (1 - jitter + 2 * jitter * random()))), poll);
    const before = since;
    since = polled && (since ?? clock.now());
    if (since !== before) core.show();
    // A listener may have closed the client.
    if (polled === undefined || since === undefined) return;
    trouble = null;
    lane?.received(polled);
    core.waits.look();
  }

  /** What is new in an answer; `undefined` for one that is no snapshot. */
  function read(text: string): Polled | undefined {
    const { counters, prices } = core;
    counters.bytes += text.length;
    const result = decodeServerMessage(text);
    if (!result.ok || result.kind === 'unknown' || result.message.type !== 'snapshot') {
      counters.messages += 1;
      if (!result.ok) {
        counters.invalid += 1;
        core.emit('invalid', { code: result.code, path: result.path, reason: result.reason, sample: '' });
      }
      return undefined;
    }
    const { message } = result;
    const leftOut = [...(result.reported ?? [])];
    const broken = new Set(leftOut.map((item) => item.path));
    const positions = new Map<string, { epoch: string; seq: number }>();
    for (const [index, { channel, epoch, seq, message: value }] of message.data.items.entries()) {
      const path = `data.items.${index}`;
      if (broken.has(path)) continue;
      const last = seen.get(channel);
      const isPrice = value.type === 'price_update' || value.type === 'priceUpdate';
      const isKnown = last?.epoch === epoch && last.seq === seq && prices.view.get(channel)?.seq === seq;
      if (isPrice) positions.set(channel, { epoch, seq });
      // An event would be delivered anew with each answer; a price that is known is confirmed instead.
      if (isKnown) prices.confirmHead(channel, seq);
      else if (isPrice && (last === undefined || last.seq === seq || verdictOn(last, { epoch, seq }) !== 'duplicate'))
        continue;
      leftOut.push({ path, reason: 'not new' });
    }
    seen = positions;
    return { message, leftOut };
  }

  core.instead = () => {
    if (since === undefined) return undefined;
    // A snapshot is of the `tickwire` dialect, whoever answers with it.
    const unknown = { authenticated: false, rttMs: null, mute: false };
    return { status: 'connected', since, transport: 'polling', dialect: 'tickwire', ...unknown };
  };

  /** Polling starts after as many failed dials as were asked for, or without a WebSocket. */
  core.followed = (state) => {
    const dialled = status === 'connecting';
    status = state.status;
    const dials = status === 'connecting' || status === 'reconnecting';
    if (dialled && (status === 'reconnecting' || status === 'paused')) failedDials += 1;
    else if (!dials && status !== 'paused') failedDials = 0;
    const { WebSocket, headers } = core.settings;
    const hasNone = WebSocket === undefined && resolveWebSocket(headers !== undefined) === undefined;
    const wanted = dials && (running || failedDials >= fallback.afterAttempts || hasNone);
    if (wanted === running) return;
    running = wanted;
    if (wanted) start();
    else stop();
  };

  return {
    /** For a bug report. */
    report: () => ({ polling: running, failedPolls, trouble }),

    /** Takes another fixed credential, and asks for one anew before the next request. */
    replaceToken(given: Credential): void {
      tokens.replace(given);
      credential = undefined;
    },
  };
}
