/**
 * The logs of the memory engine: how many there are, whose they are, and which goes when there is no room. What belongs to
 * everybody stays; of what belongs to single users, whatever was quiet for longest goes first.
 */
import type { Limits } from '../limits.js';
import { EngineError, type PublishedMessage } from './engine.js';

/** One channel's log. */
export interface ChannelLog {
  epoch: string;
  seq: number;
  messages: PublishedMessage[];
  /** Changed by `resize` alone. */
  bytes: number;
  /** On whose share it counts. */
  readonly account: string | undefined;
}

/** What the logs are kept by. */
export interface ChannelLogsOptions {
  readonly limits: Pick<Limits, 'maxChannels' | 'maxLogBytes' | 'publisherSharePercent'>;
  readonly createEpoch: () => string;
  /** Whether somebody listens to the channel now: then it stays. */
  readonly isWanted: (channel: string) => boolean;
  /** Whether nothing in the log is worth keeping any more. */
  readonly isOutdated: (channel: string, log: ChannelLog) => boolean;
}

/** What counts on one account. */
interface Account {
  /** In the order of their last message. */
  readonly channels: Set<string>;
  bytes: number;
}

/** So many logs are looked at for one that may go, so that a full engine costs no more than an empty one. */
const mostLookedAt = 200;
/** A full engine lets go of so much at once: each time costs those who were never told anything their position. */
const shareForgottenAtOnce = 0.01;
const retryAfterMs = 60_000;

/** Whether a channel's log belongs to one user. */
export function isPrivate(channel: string): boolean {
  return channel.startsWith('user:') || channel.startsWith('portfolio:');
}

/** The logs by the names of their channels. */
export class ChannelLogs {
  readonly #options: ChannelLogsOptions;
  readonly #logs = new Map<string, ChannelLog>();
  /** The private ones, that which was quiet for longest first. */
  readonly #private = new Set<string>();
  readonly #accounts = new Map<string, Account>();
  #bytes = 0;
  // A channel without a log costs no memory, so its position has to come from somewhere that is the same each time.
  readonly #firstEpoch: string;
  #firstPrivateEpoch: string;

  constructor(options: ChannelLogsOptions) {
    this.#options = options;
    this.#firstEpoch = options.createEpoch();
    this.#firstPrivateEpoch = this.#firstEpoch;
  }

  /** How many there are. */
  get size(): number {
    return this.#logs.size;
  }

  get(channel: string): ChannelLog | undefined {
    return this.#logs.get(channel);
  }

  /** The epoch of a channel that has no log. */
  firstEpochOf(channel: string): string {
    return isPrivate(channel) ? this.#firstPrivateEpoch : this.#firstEpoch;
  }

  /**
   * The log that the next message of a channel goes to, made if there is none.
   *
   * @throws EngineError `TOO_MANY_CHANNELS`
   */
  toWrite(channel: string, account: string | undefined): ChannelLog {
    const log = this.#logs.get(channel) ?? this.#create(channel, account);
    if (this.#private.delete(channel)) this.#private.add(channel);
    const own = this.#accountOf(log)?.channels;
    if (own?.delete(channel)) own.add(channel);
    return log;
  }

  /** Counts what a log has more, or less. */
  resize(log: ChannelLog, change: number): void {
    log.bytes += change;
    this.#bytes += change;
    const account = this.#accountOf(log);
    if (account !== undefined) account.bytes += change;
  }

  /** Makes room for what was just written to a channel, where there is something that may go. */
  makeRoom(channel: string): void {
    if (this.#bytes > this.#options.limits.maxLogBytes) this.#forget(this.#private, () => true, channel);
  }

  /** Whether there is so much that a log has to let go of all but its last value: in all, or on its account's share. */
  isCrowded(log: ChannelLog): boolean {
    const { maxLogBytes, publisherSharePercent } = this.#options.limits;
    const share = (maxLogBytes * publisherSharePercent) / 100;
    return this.#bytes > maxLogBytes || (this.#accountOf(log)?.bytes ?? 0) > share;
  }

  #accountOf({ account }: ChannelLog): Account | undefined {
    return account === undefined ? undefined : this.#accounts.get(account);
  }

  clear(): void {
    this.#logs.clear();
    this.#private.clear();
    this.#accounts.clear();
    this.#bytes = 0;
  }

  #create(channel: string, account: string | undefined): ChannelLog {
    if (account !== undefined) this.#claimShare(account);
    this.#claimRoom();
    const log: ChannelLog = { epoch: this.firstEpochOf(channel), seq: 0, messages: [], bytes: 0, account };
    this.#logs.set(channel, log);
    if (isPrivate(channel)) this.#private.add(channel);
    if (account !== undefined) {
      const own = this.#accounts.get(account) ?? { channels: new Set(), bytes: 0 };
      own.channels.add(channel);
      this.#accounts.set(account, own);
    }
    return log;
  }

  /** One caller must not take what all need: at its share it gets room only where its own is outdated. */
  #claimShare(account: string): void {
    const { maxChannels, publisherSharePercent } = this.#options.limits;
    const share = Math.max(1, Math.floor((maxChannels * publisherSharePercent) / 100));
    const own = this.#accounts.get(account)?.channels;
    if (own === undefined || own.size < share) return;
    const { isOutdated } = this.#options;
    this.#forget(own, (channel, log) => isPrivate(channel) && isOutdated(channel, log));
    if (own.size < share) return;
    throw new EngineError('TOO_MANY_CHANNELS', `There are ${share} channels of this publisher already`, retryAfterMs);
  }

  #claimRoom(): void {
    const { maxChannels } = this.#options.limits;
    if (this.#logs.size < maxChannels) return;
    this.#forget(this.#private, () => true);
    if (this.#logs.size < maxChannels) return;
    throw new EngineError('TOO_MANY_CHANNELS', `There are ${maxChannels} channels already`, retryAfterMs);
  }

  /** Lets go of some of these channels, the first ones first; what has to stay is looked at last the next time. */
  #forget(channels: Set<string>, mayGo: (channel: string, log: ChannelLog) => boolean, except?: string): void {
    let left = Math.max(1, Math.floor(this.#options.limits.maxChannels * shareForgottenAtOnce));
    let looks = Math.min(mostLookedAt, channels.size);
    for (const channel of channels) {
      if (left === 0 || looks === 0) break;
      looks -= 1;
      const log = this.#logs.get(channel);
      if (log === undefined) continue;
      if (channel === except || this.#options.isWanted(channel) || !mayGo(channel, log)) {
        channels.delete(channel);
        channels.add(channel);
        continue;
      }
      left -= 1;
      this.#logs.delete(channel);
      this.#private.delete(channel);
      this.resize(log, -log.bytes);
      this.#accountOf(log)?.channels.delete(channel);
      // A position in what was forgotten must not fit what begins anew under the same name.
      this.#firstPrivateEpoch = '';
    }
    if (this.#firstPrivateEpoch === '') this.#firstPrivateEpoch = this.#options.createEpoch();
  }
}
