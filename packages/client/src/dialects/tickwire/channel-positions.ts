/** Keeps the position of each channel across connections: what came before is dropped, what is missing asked for. The rules are the core's. */
import { parseChannel, type Channel } from '@tickwire/protocol/rules';
import { trackAt, type Track } from './channel-track.js';
import {
  afterAck,
  epochLoss,
  joined,
  verdictOn,
  type Acked,
  type Loss,
  type Placed,
  type Position,
} from './positions.js';
import type { Clock } from '../../io/clock.js';
import type { Timers } from '../../kernel/timers.js';
import { HeldEvents, type HeldEventsHost } from './held-events.js';
import type { GapEvent, Message } from './messages.js';
import type { HistoryPage } from './requests.js';

/** A head that the client has not reached for this long, plus the interval of the channel, is a lost tail. */
const tailPatienceMs = 2_000;
/** A channel is not asked for anew more often than this. */
const resubscribeEveryMs = 5_000;

/** What the positions ask of the client. */
export interface PositionsHost extends Pick<HeldEventsHost, 'deliver' | 'duplicate'> {
  readonly clock: Clock;
  readonly timers: Timers<string>;
  /** Whether the channel is asked for by name. */
  isWanted(channel: string): boolean;
  minIntervalMs(channel: Channel): number;
  announce(gap: GapEvent): void;
  /** A value of a state channel was missed; the newer one stands. */
  missed(): void;
  confirm(channel: Channel, head: number): void;
  history(channel: Channel, since: { epoch: string; seq: number } | undefined): Promise<HistoryPage>;
  resubscribe(channel: Channel): void;
}

/** The positions of one client. They outlive its connections, so that the next one goes on where this one ended. */
export class ChannelPositions {
  readonly #host: PositionsHost;
  /** As many as there are channels wanted, and the implicit ones. */
  readonly #tracks = new Map<string, Track>();
  readonly #holes: HeldEvents;

  constructor(host: PositionsHost) {
    this.#host = host;
    this.#holes = new HeldEvents({
      deliver: (channel, message) => host.deliver(channel, message),
      announce: (channel, loss) => this.#announce(channel, loss),
      duplicate: () => host.duplicate(),
      history: (channel) => host.history(channel, this.of(channel)),
      reset: (channel, position) => {
        const track = this.#tracks.get(channel);
        if (track !== undefined) this.#reset(channel, track, position);
      },
    });
  }

  /** The position to resume a channel from. */
  of(channel: string): { epoch: string; seq: number } | undefined {
    const track = this.#tracks.get(channel);
    if (track?.epoch === undefined || track.seq < 0 || track.needsValue) return undefined;
    return { epoch: track.epoch, seq: track.seq };
  }

  /** Whether a value is news. `late`: it comes over a socket that is being left, which cannot start an epoch. */
  takeValue(channel: string, frame: Placed, late: boolean): boolean {
    const track = this.#tracks.get(channel);
    if (track === undefined) return this.#begin(channel, frame);
    if (frame.seq - (frame.skip ?? 0) !== track.seq + 1 || frame.epoch !== track.epoch) {
      const verdict = verdictOn(track, frame);
      if (verdict === 'duplicate') this.#host.duplicate();
      if (verdict === 'duplicate' || (verdict === 'reset' && late)) return false;
      if (verdict === 'gap') this.#host.missed();
      track.epoch = frame.epoch ?? track.epoch;
    }
    track.seq = frame.seq;
    track.valued = true;
    return true;
  }

  /** Whether an item of a snapshot stands: one at the position of its ack does, an older one does not. */
  takeSnapshot(channel: string, item: Placed, late: boolean): boolean {
    const track = this.#tracks.get(channel);
    if (track === undefined) return this.#begin(channel, item);
    const isReset = verdictOn(track, item) === 'reset';
    if (isReset ? late : item.seq < track.seq) return false;
    track.epoch = item.epoch ?? track.epoch;
    track.seq = item.seq;
    track.valued = true;
    return true;
  }

  /** Whether an event is to be delivered now; one that came too early is held, and comes in its order. */
  takeEvent(channel: Channel, frame: Placed, message: Message, late: boolean): boolean {
    const track = this.#tracks.get(channel);
    if (track === undefined) return this.#begin(channel, frame);
    const verdict = verdictOn(track, frame);
    if (verdict === 'duplicate') {
      this.#host.duplicate();
      return false;
    }
    if (verdict === 'reset') {
      if (late) return false;
      this.#reset(channel, track, { epoch: frame.epoch, seq: frame.seq });
      return true;
    }
    this.#announceLost(channel, track);
    track.epoch ??= frame.epoch;
    if (verdict === 'next' && track.hold === undefined) {
      track.seq = frame.seq;
      return true;
    }
    this.#holes.hold(channel, track, { seq: frame.seq, skip: frame.skip, message });
    return false;
  }

  /** The server's word that messages are lost: it moves the position and is announced once. */
  takeGap({ channel: name, ...told }: GapEvent, late: boolean): void {
    const channel = name as Channel;
    const track = this.#tracks.get(channel);
    if (track?.lost !== undefined) {
      const loss = joined(track.lost, told);
      track.lost = undefined;
      track.seq = Math.max(track.seq, loss.to ?? -1);
      this.#announce(channel, loss);
    } else if (track === undefined) {
      this.#announce(channel, told);
      if (told.to !== null) this.#begin(channel, { seq: told.to, epoch: told.epoch });
    } else if (told.epoch !== undefined && track.epoch !== undefined && told.epoch !== track.epoch) {
      if (!late) this.#reset(channel, track, { epoch: told.epoch, seq: told.to ?? -1 }, told.reason);
    } else if (told.from === null || told.to === null) {
      // Of this epoch's beginning the user has been told already.
      if (told.epoch === undefined) this.#announce(channel, told);
    } else if (told.to > track.seq) {
      const loss = { seq: told.to, skip: Math.max(0, told.to - told.from), reason: told.reason };
      if (track.kind === 'state') this.#holes.lose(channel, track, told.to, told.reason);
      else if (track.hold === undefined && verdictOn(track, loss) === 'next') this.#holes.step(channel, track, loss);
      else this.#holes.hold(channel, track, loss);
    }
  }

  /** An ack says where a channel starts. `implicit`: it was not asked for by name; what is missed of events is, next. */
  acked(name: string, ack: Acked, implicit: boolean): void {
    const channel = name as Channel;
    const track = this.#tracks.get(channel);
    if (track === undefined) {
      this.#begin(channel, ack, false);
      return;
    }
    if (implicit && (track.kind === 'event' || typeof ack.recovered !== 'boolean')) {
      if (ack.recovered !== true) track.told = ack;
      return;
    }
    track.told = undefined;
    this.#announceLost(channel, track);
    // What follows the ack brings all that is held, or the loss covers it.
    this.#holes.release(track);
    const { position, lost } = afterAck(track, ack);
    const stays = ack.recovered === true && lost === undefined;
    track.epoch = position.epoch;
    track.seq = position.seq;
    track.head = -1;
    track.needsValue = false;
    if (!stays) track.valued = false;
    if (lost !== undefined && track.kind === 'event') track.lost = lost;
    if (!stays || ack.seq !== track.seq || track.kind === 'event') return;
    if (track.valued) this.#host.confirm(channel, track.seq);
    else if (track.seq > 0 && this.#host.isWanted(channel)) {
      // Nothing follows such an ack, and the value it speaks of was lost with the last connection.
      track.needsValue = true;
      this.#resubscribe(channel, track);
    }
  }

  /** A channel that comes by itself is not resumed by this server: what it is ahead of the client is a hole like any other. */
  notResumed(name: string): void {
    const channel = name as Channel;
    const track = this.#tracks.get(channel);
    if (track?.told === undefined) return;
    const { epoch, seq } = track.told;
    track.told = undefined;
    track.epoch ??= epoch;
    if (epoch !== track.epoch || seq < track.seq) this.#reset(channel, track, { epoch, seq });
    else if (seq > track.seq) this.#behind(channel, track, seq);
  }

  /** The head of each channel, as a heartbeat tells it: what the server has sent on this connection. */
  heads(heads: Readonly<Record<string, number>>): void {
    for (const [name, head] of Object.entries(heads)) {
      const channel = name as Channel;
      const track = this.#tracks.get(channel);
      if (track === undefined) {
        if (parseChannel(channel)?.implicit === true) this.#begin(channel, { seq: head });
        continue;
      }
      this.#announceLost(channel, track);
      if (track.seq < 0) track.seq = head;
      else if (head < track.seq) {
        if (this.#host.isWanted(channel)) this.#resubscribe(channel, track);
        else this.#reset(channel, track, { epoch: undefined, seq: head });
      } else if (head === track.seq) {
        track.head = -1;
        if (track.valued) this.#host.confirm(channel, head);
      } else if (track.head <= track.seq) {
        track.head = head;
        track.tailDueAt = this.#host.clock.monotonic() + this.#host.minIntervalMs(channel) + tailPatienceMs;
        if (!this.#host.timers.isRunning('tail')) this.#watchTails();
      }
    }
  }

  /** The channel is let go for good. */
  forget(channel: string): void {
    const track = this.#tracks.get(channel);
    if (track !== undefined) this.#holes.release(track);
    this.#tracks.delete(channel);
  }

  /** The connection is lost. What was held comes again after the resume, from positions that stand. */
  disconnected(): void {
    this.#host.timers.stop('tail');
    for (const track of this.#tracks.values()) {
      this.#holes.release(track);
      track.head = -1;
      track.told = undefined;
    }
  }

  #begin(channel: string, first: Placed, valued = true): boolean {
    const parsed = parseChannel(channel);
    if (parsed === undefined || !(parsed.implicit || this.#host.isWanted(channel))) return true;
    this.#tracks.set(channel, trackAt(parsed, first, valued));
    return true;
  }

  #announce(channel: Channel, loss: Loss): void {
    this.#host.announce({ channel, ...loss });
  }

  #announceLost(channel: Channel, track: Track): void {
    const { lost } = track;
    if (lost === undefined) return;
    track.lost = undefined;
    this.#announce(channel, lost);
  }

  /** Another epoch: what is held still belongs to the old one, the rest of that is lost. */
  #reset(channel: Channel, track: Track, position: Position, reason = 'epoch'): void {
    this.#announceLost(channel, track);
    this.#holes.giveUp(channel, track);
    Object.assign(track, position, { head: -1 });
    if (track.kind === 'event') this.#announce(channel, epochLoss(position.epoch, reason));
    else track.valued = false;
  }

  /** The server has sent up to `head`, and it has not arrived. */
  #behind(channel: Channel, track: Track, head: number): void {
    if (track.kind === 'event') this.#holes.behind(channel, track, head);
    else if (this.#host.isWanted(channel)) this.#resubscribe(channel, track);
    else {
      track.seq = head;
      this.#host.missed();
    }
  }

  #resubscribe(channel: Channel, track: Track): void {
    const now = this.#host.clock.monotonic();
    if (now - track.resubscribedAt < resubscribeEveryMs) return;
    track.resubscribedAt = now;
    this.#host.resubscribe(channel);
  }

  #watchTails(): void {
    let dueAt = Infinity;
    for (const track of this.#tracks.values()) if (track.head > track.seq) dueAt = Math.min(dueAt, track.tailDueAt);
    if (dueAt === Infinity) return;
    this.#host.timers.start('tail', Math.max(0, dueAt - this.#host.clock.monotonic()), () => {
      const now = this.#host.clock.monotonic();
      for (const [channel, track] of [...this.#tracks]) {
        if (track.head <= track.seq || track.tailDueAt > now) continue;
        const { head } = track;
        track.head = -1;
        this.#behind(channel as Channel, track, head);
      }
      this.#watchTails();
    });
  }
}
