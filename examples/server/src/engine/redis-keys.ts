/** Where the Redis engine keeps what: the names of its keys. Pure. docs/scaling.md lists them with their lifetimes. */

const fnvOffset = 0x81_1c_9d_c5;
const fnvPrime = 0x01_00_01_93;

/**
 * The names of keys and of pub/sub channels below one prefix. All that a channel has lies in one partition, whose tag in braces
 * keeps it on one shard of a cluster.
 */
export class RedisKeys {
  readonly #prefix: string;
  readonly #partitions: number;

  /** @param partitions part of the layout: nodes that disagree about it would not find each other's channels */
  constructor(prefix: string, partitions: number) {
    this.#prefix = prefix;
    this.#partitions = partitions;
  }

  /** The partition of a channel: FNV-1a of its name, so that it is the same on every node. */
  partitionOf(channel: string): number {
    let hash = fnvOffset;
    for (let index = 0; index < channel.length; index += 1) {
      hash = Math.imul(hash ^ channel.charCodeAt(index), fnvPrime);
    }
    return (hash >>> 0) % this.#partitions;
  }

  /** What all names of a channel's partition begin with. */
  tagOf(channel: string): string {
    return `{${this.#prefix}:${this.partitionOf(channel)}}`;
  }

  /** A hash: where the counter stands, and what the log weighs. */
  head(channel: string): string {
    return `${this.tagOf(channel)}:head:${channel}`;
  }

  /** A stream: the messages, each under its seq. */
  log(channel: string): string {
    return `${this.tagOf(channel)}:log:${channel}`;
  }

  /** A pub/sub channel: the messages as they are published. */
  live(channel: string): string {
    return `${this.tagOf(channel)}:live:${channel}`;
  }

  /** A sorted set: the partition's channels by their last message. */
  channels(channel: string): string {
    return `${this.tagOf(channel)}:channels`;
  }

  /** A hash: who has a right, since which number, and until when. */
  right(name: string): string {
    return `${this.tagOf(name)}:right:${name}`;
  }

  /** A sorted set: the channels of one publisher in this partition. */
  account(channel: string, account: string): string {
    return `${this.tagOf(channel)}:account:${account}`;
  }
}
