/** Follows a client and writes down what it notices and does; one log a client, kept while somebody follows it. */
import type { ClientEvents, Connection, PriceTick, PriceWebSocketClient } from '@tickwire/client';
import type { HistoryAck } from '@tickwire/protocol';
import { isSlow, measuredLag, type Lag } from './lag.js';
import {
  changeWords,
  counterWords,
  gapWords,
  logged,
  repairedWords,
  resumedWords,
  slownessWords,
  type Counted,
  type LogLine,
  type LogTone,
  type LogWords,
} from './sdk-log.js';

/** What the log needs of a client. */
export type LoggedClient = Pick<PriceWebSocketClient, 'connection' | 'prices' | 'on' | 'stats'>;

/** The log as React reads it. */
export interface SdkLog {
  /** Newest first. */
  get: () => readonly LogLine[];
  subscribe: (listener: () => void) => () => void;
  /** Writes down what the client cannot know: what a person did. */
  note: (tone: LogTone, words: string) => void;
}

/** Where the log gets its time from. */
export interface LogTime {
  /** Epoch ms. */
  now: () => number;
  /** Calls back about once a second until the undo is called. */
  everySecond: (task: () => void) => () => void;
}

const pageTime: LogTime = {
  now: () => Date.now(),
  everySecond: (task) => {
    const timer = setInterval(task, 1_000);
    return () => clearInterval(timer);
  },
};

/** So long after a connection came back, what has resumed is summed up: as soon as all of it has, and in the end in any case. */
const resumeSeconds = { least: 2, most: 8 };
const eventTypes = ['whale_movement', 'social_spike', 'alert_triggered'] as const;
/** The channels whose holes the SDK fills by itself. */
const filledChannels: ReadonlySet<string> = new Set(['whales', 'social', 'user']);

function isHistory(ack: ClientEvents['ack']): ack is HistoryAck {
  return ack.op === 'history';
}

/** What is summed up after a loss. */
interface Resume {
  events: number;
  seconds: number;
}

/** Makes a log that follows the client while it has listeners. */
export function createSdkLog(client: LoggedClient, time: LogTime = pageTime): SdkLog {
  const listeners = new Set<() => void>();
  let lines: readonly LogLine[] = [];
  let stop: () => void = () => undefined;
  let connection: Connection = client.connection.get();
  let counted: Counted = { gaps: 0, duplicates: 0, invalid: 0 };
  let brokenSince: number | undefined;
  let resume: Resume | undefined;
  let lag: Lag | undefined;
  let slow = false;
  let lookedAt = time.now();
  /** Channels whose history was answered once: that was for the page, whose lists begin with it. */
  const begun = new Set<string>();

  function say(said: LogWords | undefined): void {
    if (said === undefined) return;
    lines = logged(lines, said, time.now());
    for (const listener of [...listeners]) listener();
  }

  function changed(next: Connection): void {
    const previous = connection;
    connection = next;
    say(changeWords(previous, next, brokenSince, time.now()));
    if (next.status === 'connected') {
      if (brokenSince !== undefined) resume = { events: 0, seconds: 0 };
      brokenSince = undefined;
    } else if (previous.status === 'connected') {
      brokenSince = time.now();
      resume = undefined;
    }
  }

  function answered(ack: ClientEvents['ack']): void {
    if (!isHistory(ack)) return;
    const { channel, messages } = ack.data;
    if (!filledChannels.has(channel)) return;
    if (begun.has(channel)) say(repairedWords(channel, messages.length));
    else begun.add(channel);
  }

  function measure(prices: readonly PriceTick[]): void {
    lag = measuredLag(lag, prices, lookedAt);
    lookedAt = time.now();
    if (isSlow(lag, slow) === slow) return;
    slow = !slow;
    say(slownessWords(slow, lag?.lateMs ?? 0));
  }

  function second(): void {
    const next = client.stats();
    for (const said of counterWords(counted, next)) say(said);
    counted = next;
    const prices = [...client.prices.getAll().values()];
    measure(prices);
    if (resume === undefined) return;
    resume.seconds += 1;
    const { events, seconds } = resume;
    const fresh = prices.filter(({ freshness }) => freshness === 'fresh').length;
    if (seconds < (fresh === prices.length ? resumeSeconds.least : resumeSeconds.most)) return;
    resume = undefined;
    say(resumedWords(events, fresh, prices.length));
  }

  function start(): () => void {
    connection = client.connection.get();
    counted = client.stats();
    const late = (message: { replay?: boolean | undefined }): void => {
      if (message.replay === true && resume !== undefined) resume.events += 1;
    };
    const undos = [
      client.connection.subscribe(changed),
      client.on('gap', ({ channel, from, to }) =>
        say(gapWords(channel, from === null || to === null ? null : to - from + 1)),
      ),
      client.on('ack', answered),
      ...eventTypes.map((type) => client.on(type, late)),
      time.everySecond(second),
    ];
    return () => {
      for (const undo of undos) undo();
    };
  }

  return {
    get: () => lines,
    subscribe: (listener) => {
      if (listeners.size === 0) stop = start();
      listeners.add(listener);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) stop();
      };
    },
    note: (tone, words) => say({ tone, words }),
  };
}

const logs = new WeakMap<LoggedClient, SdkLog>();

/** The log of a client, the same for each part of the page. */
export function sdkLogOf(client: LoggedClient): SdkLog {
  let log = logs.get(client);
  if (log === undefined) logs.set(client, (log = createSdkLog(client)));
  return log;
}
