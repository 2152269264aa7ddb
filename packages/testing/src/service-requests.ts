/** How the service answers what a client asks, each request with its own ack. */
import { parseChannel } from '@tickwire/protocol';
import type { Message } from './messages.js';

/** One connection with what it follows. */
export interface Follower {
  readonly channels: Set<string>;
  readonly send: (message: Message) => void;
}

/** What the answers are made of. */
export interface RequestHost {
  now(): number;
  readonly epoch: string;
  /** The last number of a channel; 0 before its first message. */
  head(channel: string): number;
  /** What came after a number, oldest first. */
  after(channel: string, seq: number): Message[];
  /** Why a channel, or a type of request, is refused. */
  refusal(what: string): string | undefined;
  /** The channels that have a price. */
  priced(): string[];
}

type Fields = Readonly<Record<string, unknown>>;
type Answer = (follower: Follower, request: Fields, data: Fields) => void;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The answers of one service; it keeps the alert rules that were created. */
export class ServiceRequests {
  readonly #host: RequestHost;
  readonly #alerts = new Map<number, Fields>();
  #lastAlert = 0;
  readonly #answers: ReadonlyMap<string, Answer>;

  constructor(host: RequestHost) {
    this.#host = host;
    const ack = ({ send }: Follower, { id, type }: Fields, data: Fields): void =>
      send({ type: 'ack', id, op: type, data });
    this.#answers = new Map<string, Answer>([
      ['hello', () => undefined],
      ['ping', ({ send }, { id, ts }) => send({ type: 'pong', id, ts: host.now(), echo: ts })],
      ['subscribe', (follower, request, data) => this.#subscribe(follower, request, data)],
      [
        'unsubscribe',
        (follower, request, data) => {
          const channels = listOf(data['channels']).map(String);
          for (const channel of channels) follower.channels.delete(channel);
          ack(follower, request, { unsubscribed: channels });
        },
      ],
      [
        'authenticate',
        (follower, request) => {
          const channels = ['user', 'portfolio'];
          for (const channel of channels) follower.channels.add(channel);
          const subscribed = channels.map((channel) => this.#position(channel, undefined));
          ack(follower, request, { userId: '1', subscribed });
        },
      ],
      [
        'history',
        (follower, request, { channel, since, limit }) => {
          const name = String(channel);
          const from = Number(fieldsOf(since)['seq'] ?? 0);
          const most = typeof limit === 'number' ? limit : 1_000;
          const all = host.after(name, from);
          const messages = since === undefined ? all.slice(-most) : all.slice(0, most);
          const complete = all.length === messages.length && host.head(name) - from === all.length;
          ack(follower, request, { channel: name, epoch: host.epoch, seq: host.head(name), complete, messages });
        },
      ],
      [
        'catalog',
        (follower, request) => {
          const items = host.priced().map((channel) => ({ channel, id: channel.slice(channel.indexOf(':') + 1) }));
          ack(follower, request, { revision: '1', items });
        },
      ],
      ['alert_create', (follower, request, data) => ack(follower, request, this.#createAlert(data))],
      ['alert_list', (follower, request) => ack(follower, request, { items: [...this.#alerts.values()] })],
      [
        'alert_delete',
        (follower, request, { alertId }) => {
          this.#alerts.delete(Number(alertId));
          ack(follower, request, { alertId });
        },
      ],
      ['mark', (follower, request, { channel, seq }) => ack(follower, request, { channel, seq })],
    ]);
  }

  /** Answers one message; what it does not know is an `UNKNOWN_TYPE`. */
  answer(follower: Follower, request: Fields): void {
    const type = String(request['type']);
    const answer = this.#answers.get(type);
    const code = this.#host.refusal(type) ?? (answer === undefined ? 'UNKNOWN_TYPE' : undefined);
    if (answer !== undefined && code === undefined) {
      answer(follower, request, fieldsOf(request['data']));
      return;
    }
    const message = answer === undefined ? 'The scripted server does not know this type.' : `The test refuses ${type}.`;
    follower.send({ type: 'error', id: request['id'], data: { code, message, error: message } });
  }

  /** Whether it is a type of request that has answers. */
  knows(type: string): boolean {
    return this.#answers.has(type);
  }

  #subscribe(follower: Follower, request: Fields, data: Fields): void {
    const wanted = listOf(data['channels']).map(fieldsOf);
    const subscribed: Fields[] = [];
    const rejected: Fields[] = [];
    const items: Fields[] = [];
    const replay: Message[] = [];
    for (const { channel, epoch, seq } of wanted) {
      const name = String(channel);
      const code = this.#host.refusal(name);
      if (code !== undefined) {
        rejected.push({ channel: name, code, retryable: false });
        continue;
      }
      follower.channels.add(name);
      const from = epoch === this.#host.epoch && typeof seq === 'number' ? seq : undefined;
      const position = this.#position(name, from);
      subscribed.push(position);
      const missed = this.#host.after(name, from ?? 0);
      if (position['recovered'] === true) replay.push(...missed.map((message) => ({ ...message, replay: true })));
      else if (position['kind'] === 'state') {
        const last = missed.at(-1);
        if (last !== undefined) items.push({ channel: name, epoch: last['epoch'], seq: last['seq'], message: last });
      }
    }
    follower.send({ type: 'ack', id: request['id'], op: 'subscribe', data: { subscribed, rejected } });
    if (items.length > 0) follower.send({ type: 'snapshot', data: { items } });
    for (const message of replay) follower.send(message);
  }

  /** Recovered when everything since `from` is still kept. */
  #position(channel: string, from: number | undefined): Fields {
    const seq = this.#host.head(channel);
    const kind = parseChannel(channel)?.kind ?? 'event';
    const recovered = from !== undefined && from <= seq && this.#host.after(channel, from).length === seq - from;
    return {
      channel,
      kind,
      epoch: this.#host.epoch,
      seq,
      recovered,
      ...(recovered ? {} : { reason: from === undefined ? 'new' : 'too_old' }),
    };
  }

  #createAlert(rule: Fields): Fields {
    const { clientRef } = rule;
    const known = [...this.#alerts.values()].find((item) => clientRef !== undefined && item['clientRef'] === clientRef);
    if (known !== undefined) return { alertId: known['alertId'], created: false, clientRef };
    this.#lastAlert += 1;
    this.#alerts.set(this.#lastAlert, { ...rule, alertId: this.#lastAlert });
    return { alertId: this.#lastAlert, created: true, ...(clientRef === undefined ? {} : { clientRef }) };
  }
}
