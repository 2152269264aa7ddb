/** A server of any dialect behind fake sockets: it does what a sequence tells it to, and knows what it has agreed to. */
import { parseChannel, type Channel } from '@tickwire/protocol';
import {
  coinPrice,
  coinsAck,
  coinsWelcome,
  FakeSocket,
  hello,
  metalPrices,
  whale,
  type FakeClock,
  type Message,
} from '@tickwire/testing';
import type { Answering, Dialling, Sequence, Tokens } from './operations.js';

type Json = Record<string, unknown>;
type Handler = (event: unknown) => void;

const epoch = 'e1';
/** What a late server takes; within the 5 s after which an older backend's ack is no longer expected. */
const lateMs = 2_500;

/** One socket, seen from the server. */
export class ModelLink {
  readonly socket: FakeSocket;
  readonly subscribed = new Set<string>();
  readonly refused = new Set<string>();
  /** Bytes go nowhere any more, in both directions. */
  halfOpen = false;
  announced = false;
  busyUntil = 0;
  /** Requests other than subscriptions that have come in and have no answer yet. */
  unanswered = 0;
  /** How many requests to let a channel go wait for their turn. */
  readonly lettingGo = new Map<string, number>();
  /** The client's callbacks as they were when the socket opened: a platform may still have events for them. */
  handlers: { open: Handler; message: Handler; close: Handler } | undefined;

  constructor(socket: FakeSocket) {
    this.socket = socket;
  }

  /** Whether the client still holds on to it. */
  get held(): boolean {
    return this.socket.closedByClient === undefined && this.socket.readyState <= 1;
  }

  get talks(): boolean {
    return this.held && this.socket.readyState === 1 && !this.halfOpen;
  }
}

/** The server, and the constructor of the sockets that lead to it. */
export class ModelServer {
  readonly links: ModelLink[] = [];
  readonly WebSocket: new (
    url: string,
    protocols?: string | string[],
  ) => FakeSocket;
  dialling: Dialling = 'opens';
  answering: Answering = 'at once';
  tokens: Tokens = 'accepted';
  /** Whose frame is being delivered. */
  speaking: ModelLink | undefined;
  /** Refused credentials. */
  rejections = 0;
  /** Timers of the server itself. */
  pending = 0;
  #forgetful = false;
  #published = 0;
  readonly #clock: FakeClock;
  readonly #speaks: Sequence['speaks'];
  readonly #logs = new Map<string, Message[]>();

  constructor(clock: FakeClock, { speaks, answersClose }: Sequence, dialled: () => void) {
    this.#clock = clock;
    this.#speaks = speaks;
    const accept = (socket: FakeSocket): void => {
      socket.answersClose = answersClose;
      this.#accept(new ModelLink(socket));
      dialled();
    };
    this.WebSocket = class extends FakeSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols);
        accept(this);
      }
    };
  }

  get current(): ModelLink | undefined {
    return this.links.at(-1);
  }

  /** From now on everything goes well. */
  behave(): void {
    this.dialling = 'opens';
    this.answering = 'at once';
    this.tokens = 'accepted';
    this.#forgetful = false;
  }

  /** What has been published cannot be replayed. */
  forget(): void {
    this.#forgetful = true;
  }

  send(link: ModelLink, message: unknown): void {
    const before = this.speaking;
    this.speaking = link;
    if (link.talks) link.socket.receive(message);
    this.speaking = before;
  }

  /** A new message of a channel for all who subscribed; `lost` on its way. Returns its number in the price or value. */
  publish(channel: Channel, lost: boolean): number {
    this.#published += 1;
    const message = this.#message(channel, this.#published);
    for (const link of [...this.links]) {
      const goes = this.#speaks === 'metals' || link.subscribed.has(channel);
      if (goes && !lost) this.send(link, message);
    }
    return this.#published;
  }

  /** Three events of which the middle one is lost. */
  burst(): void {
    for (const lost of [false, true, false]) this.publish('whales', lost);
  }

  /** The last event of all, once more. */
  repeat(): void {
    const last = this.#log('whales').at(-1);
    for (const link of [...this.links]) if (last !== undefined && link.subscribed.has('whales')) this.send(link, last);
  }

  heads(): void {
    for (const link of [...this.links]) {
      const heads = Object.fromEntries([...link.subscribed].map((channel) => [channel, this.#log(channel).length]));
      if (this.#speaks === 'tickwire') {
        this.send(link, { type: 'heartbeat', data: { serverTime: this.#clock.now(), heads } });
      }
    }
  }

  /** Everything that an old socket could still say, through the callbacks that it was opened with. */
  sayStale(link: ModelLink): void {
    const before = this.speaking;
    this.speaking = link;
    const channel = this.#speaks === 'metals' ? 'metal:gold' : 'coin:bitcoin';
    const messages = [
      this.#speaks === 'tickwire' ? hello() : coinsWelcome(),
      { ...this.#bare(channel, 1e9), sub: channel, epoch: 'old', seq: 1e6 },
      { type: 'going_away', data: { reconnectAfterMs: 250 } },
      { type: 'error', data: { code: 'AUTH_FAILED', message: 'late', retryable: false } },
    ];
    for (const message of messages) link.handlers?.message({ data: JSON.stringify(message) });
    link.handlers?.message({ data: 'no JSON' });
    link.handlers?.open({});
    link.handlers?.close({ code: 4403, reason: '' });
    this.speaking = before;
  }

  /** Calls back later, on a timer that is not the client's. */
  after(ms: number, work: () => void): void {
    this.pending += 1;
    this.#clock.setTimeout(() => {
      this.pending -= 1;
      work();
    }, ms);
  }

  #accept(link: ModelLink): void {
    this.links.push(link);
    const { socket } = link;
    socket.onSent = (message) => {
      if (!link.halfOpen) this.#received(link, message);
    };
    if (this.dialling === 'refuses') this.after(0, () => socket.drop(1006));
    else if (this.dialling !== 'stays silent')
      this.after(this.dialling === 'opens' ? 0 : lateMs, () => this.#open(link));
  }

  #open(link: ModelLink): void {
    const { socket } = link;
    if (!link.held || socket.readyState !== 0) return;
    link.handlers = {
      open: socket.onopen as Handler,
      message: socket.onmessage as Handler,
      close: socket.onclose as Handler,
    };
    socket.open();
    const metals = { type: 'priceUpdate', data: {} };
    this.send(link, this.#speaks === 'tickwire' ? hello() : this.#speaks === 'coins' ? coinsWelcome() : metals);
  }

  #received(link: ModelLink, message: Json): void {
    if (message['type'] === 'ping') {
      const id = message['id'] === undefined ? {} : { id: message['id'], ts: this.#clock.now() };
      const pong = this.#speaks === 'coins' ? coinPriceNotice({ type: 'pong' }) : { type: 'pong', ...id };
      this.after(0, () => this.send(link, pong));
      return;
    }
    // In order: a late answer holds up those behind it.
    const now = this.#clock.monotonic();
    link.busyUntil = Math.max(link.busyUntil, now + (this.answering === 'late' ? lateMs : 0));
    const counted = message['type'] === 'catalog' ? 1 : 0;
    link.unanswered += counted;
    const channels = channelsIn(message);
    for (const channel of channels) link.lettingGo.set(channel, (link.lettingGo.get(channel) ?? 0) + 1);
    this.after(link.busyUntil - now, () => {
      link.unanswered -= counted;
      for (const channel of channels) link.lettingGo.set(channel, (link.lettingGo.get(channel) ?? 0) - 1);
      if (link.talks) this.#handle(link, message);
    });
  }

  #handle(link: ModelLink, message: Json): void {
    const data = (message['data'] ?? {}) as Json;
    switch (message['type']) {
      case 'subscribe':
      case 'unsubscribe':
        if (Array.isArray(data['channels'])) this.#channels(link, message['type'], message['id'], data);
        else this.#older(link, message['type'], message);
        return;
      case 'authenticate':
        this.#authenticate(link, message['id']);
        return;
      case 'history':
      case 'catalog':
        this.#answer(link, message['type'], message['id'], data);
    }
  }

  #channels(link: ModelLink, op: 'subscribe' | 'unsubscribe', id: unknown, data: Json): void {
    if (op === 'unsubscribe') {
      for (const channel of data['channels'] as string[]) link.subscribed.delete(channel);
      this.send(link, { type: 'ack', id, op, data: { unsubscribed: data['channels'] } });
      return;
    }
    if (this.answering === 'fails requests') {
      this.#fail(link, op, id);
      return;
    }
    const subscribed: Json[] = [];
    const rejected: Json[] = [];
    const replays: Message[] = [];
    for (const request of data['channels'] as Json[]) {
      const channel = request['channel'] as Channel;
      link.refused.delete(channel);
      if (this.answering === 'refuses channels' || this.answering === 'defers channels') {
        const retryable = this.answering === 'defers channels';
        if (!retryable) link.refused.add(channel);
        link.subscribed.delete(channel);
        rejected.push({ channel, code: 'UNKNOWN_CHANNEL', retryable, ...(retryable ? { retryAfterMs: 800 } : {}) });
        continue;
      }
      link.subscribed.add(channel);
      const log = this.#log(channel);
      const kind = parseChannel(channel)?.kind;
      const since = request['seq'] as number | undefined;
      const recovered = since !== undefined && !this.#forgetful;
      if (recovered) replays.push(...log.slice(since).map((each) => ({ ...each, replay: true })));
      const reason = recovered ? {} : { reason: since === undefined ? 'new' : 'too_old' };
      subscribed.push({ channel, kind, epoch, seq: log.length, recovered, ...reason });
    }
    this.send(link, { type: 'ack', id, op, data: { subscribed, rejected } });
    for (const replay of replays) this.send(link, replay);
  }

  #older(link: ModelLink, op: 'subscribe' | 'unsubscribe', message: Json): void {
    if (message['metals'] !== undefined) {
      link.subscribed.clear();
      if (op === 'subscribe') for (const metal of message['metals'] as string[]) link.subscribed.add(`metal:${metal}`);
      return;
    }
    const { coinId, channel = `coin:${String(coinId)}` } = message['data'] as { coinId?: string; channel?: string };
    if (op === 'subscribe') link.subscribed.add(channel);
    else link.subscribed.delete(channel);
    if (this.#speaks === 'coins') this.send(link, coinsAck(op, coinId ?? channel));
  }

  #authenticate(link: ModelLink, id: unknown): void {
    const rejects = this.tokens === 'rejected';
    if (rejects) this.rejections += 1;
    const error = 'invalid token';
    if (this.#speaks === 'coins') {
      const accepted = { message: 'Authentication successful', userId: 'u1' };
      this.send(link, coinPriceNotice(rejects ? { error, message: error } : accepted));
    } else if (rejects)
      this.send(link, { type: 'error', id, op: 'authenticate', data: { code: 'AUTH_FAILED', message: error } });
    else this.send(link, { type: 'ack', id, op: 'authenticate', data: { userId: 'u1' } });
  }

  #answer(link: ModelLink, op: 'history' | 'catalog', id: unknown, data: Json): void {
    if (this.answering === 'fails requests') this.#fail(link, op, id);
    else if (op === 'catalog') this.send(link, { type: 'ack', id, op, data: { revision: '1', items: [] } });
    else {
      const channel = data['channel'] as string;
      const log = this.#log(channel);
      const since = (data['since'] as { seq: number } | undefined)?.seq ?? log.length;
      const page = { channel, epoch, seq: log.length, complete: !this.#forgetful };
      const messages = this.#forgetful ? [] : log.slice(since);
      this.send(link, { type: 'ack', id, op, data: { ...page, messages } });
    }
  }

  #fail(link: ModelLink, op: string, id: unknown): void {
    const data = { code: 'RATE_LIMITED', message: 'slow down', retryable: true, retryAfterMs: 900 };
    this.send(link, { type: 'error', id, op, data });
  }

  #log(channel: string): Message[] {
    const log = this.#logs.get(channel) ?? [];
    this.#logs.set(channel, log);
    return log;
  }

  #bare(channel: Channel, value: number): Message {
    if (channel === 'whales') return whale('bitcoin', value);
    const [prefix, id = ''] = channel.split(':');
    return prefix === 'coin' ? coinPrice(id, value) : metalPrices({ [id]: value });
  }

  #message(channel: Channel, value: number): Message {
    const bare = this.#bare(channel, value);
    if (this.#speaks !== 'tickwire') return bare;
    const log = this.#log(channel);
    const message = { ...bare, sub: channel, epoch, seq: log.length + 1 };
    log.push(message);
    return message;
  }
}

/** The channels that a `tickwire` client lets go. */
function channelsIn({ type, data }: Json): readonly string[] {
  return type === 'unsubscribe' ? ((data as { channels?: readonly string[] } | undefined)?.channels ?? []) : [];
}

function coinPriceNotice(data: Json): Message {
  return { type: 'price_update', data };
}
