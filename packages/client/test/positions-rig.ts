/** Channel positions with a host that writes down what happens. The test answers the questions. */
import { FakeClock, settle } from '@tickwire/testing';
import type { Channel, ServerMessage } from '@tickwire/protocol';
import { positionsOf } from '../src/dialects/tickwire/channel-positions.js';
import { Timers } from '../src/kernel/timers.js';
import type { GapEvent } from '../src/dialects/tickwire/messages.js';
import type { HistoryPage } from '../src/dialects/tickwire/requests.js';
import type { DialectLink } from '../src/kernel/dialect.js';
import { zeroCounters } from '../src/kernel/statistics.js';

type Message = HistoryPage['messages'][number];

interface Question {
  readonly channel: Channel;
  readonly since: { epoch: string; seq: number } | undefined;
  readonly answer: (page: Partial<HistoryPage>) => void;
  readonly refuse: () => void;
}

export function event(seq: number, epoch = 'e1', channel = 'whales'): Message {
  return { type: 'announcement', data: { message: 'm' }, sub: channel, seq, epoch };
}

export class PositionsBench {
  readonly clock = new FakeClock();
  /** Delivered seqs, and gaps as `from-to`. */
  readonly heard: (number | string)[] = [];
  readonly questions: Question[] = [];
  readonly resubscribed: string[] = [];
  readonly confirmed: string[] = [];
  interval = 0;
  readonly wanted = new Set<string>(['whales', 'coin:bitcoin']);
  readonly counters = zeroCounters();
  #announced = 0;
  readonly #link: Pick<DialectLink, 'asked' | 'head'> = {
    asked: () => undefined,
    head: (channel, head) => this.confirmed.push(`${channel} ${head}`),
  };
  readonly positions = positionsOf({
    host: {
      clock: this.clock,
      timers: new Timers(this.clock),
      counters: this.counters,
      link: this.#link as DialectLink,
      isWanted: (channel) => this.wanted.has(channel),
      wanted: () => ({ held: true, minIntervalMs: this.interval }),
      emit: (_gap, payload) => {
        const { from, to, epoch } = payload as GapEvent;
        this.#announced += 1;
        this.heard.push(from === null ? `reset ${epoch ?? ''}` : `${from}-${String(to)}`);
      },
      resubscribe: (channel) => this.resubscribed.push(channel),
    },
    deliver: (_channel, message) => this.deliver((message as { seq: number }).seq),
    history: (channel, since) =>
      new Promise((resolve, reject) => {
        const answer = (page: Partial<HistoryPage>): void =>
          resolve({ channel, epoch: 'e1', seq: 0, complete: true, messages: [], ...page });
        this.questions.push({ channel, since, answer, refuse: () => reject(new Error('no')) });
      }),
  });
  deliver: (seq: number) => void = (seq) => this.heard.push(seq);

  get duplicates(): number {
    return this.counters.duplicates;
  }

  /** Values that were missed, and not announced. */
  get missed(): number {
    return this.counters.gaps - this.#announced;
  }

  /** Subscribed to an event channel and a state channel, both at this seq. */
  at(seq: number): this {
    for (const channel of ['whales', 'coin:bitcoin']) this.ack(channel, seq, { reason: 'new' });
    return this;
  }

  ack(channel: string, seq: number, part: { epoch?: string; recovered?: boolean; reason?: string } = {}): void {
    this.positions.acked(channel, { epoch: 'e1', seq, recovered: false, ...part }, false);
  }

  /** An event arrives; delivered at once, it is heard. */
  event(
    seq: number,
    part: { epoch?: string; skip?: number; late?: boolean; channel?: Channel; more?: object } = {},
  ): void {
    const { epoch = 'e1', skip, late = false, channel = 'whales', more } = part;
    const message = { ...event(seq, epoch, channel), ...more } as ServerMessage;
    if (this.positions.takeEvent(channel, { seq, epoch, skip }, message, late)) this.deliver(seq);
  }

  value(seq: number, part: { epoch?: string; skip?: number; late?: boolean } = {}): boolean {
    const { epoch = 'e1', skip, late = false } = part;
    return this.positions.takeValue('coin:bitcoin', { seq, epoch, skip }, late);
  }

  async answer(part: Partial<HistoryPage>): Promise<void> {
    this.questions.shift()?.answer(part);
    await settle();
  }

  async refuse(): Promise<void> {
    this.questions.shift()?.refuse();
    await settle();
  }
}
