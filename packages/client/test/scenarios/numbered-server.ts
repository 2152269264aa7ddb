/**
 * A `tickwire` server on a real socket that numbers and keeps what it publishes, so that clients can resume and a test can
 * tell what was lost, doubled or out of order: each event carries its number as `usdValue`, each price as `price`.
 */
import { coinPrice, hello, ScriptedServer, whale, type Message, type Peer } from '@tickwire/testing';

interface Asked {
  readonly channel: string;
  readonly epoch?: string;
  readonly seq?: number;
}

const isEvent = (channel: string): boolean => /^(?:whales|social|global|user)/.test(channel);

export class NumberedServer {
  readonly #server: ScriptedServer;
  readonly #logs = new Map<string, Message[]>();
  readonly #members = new Map<Peer, Set<string>>();
  /** The epoch of every channel. */
  epoch = 'e1';
  /** How often a subscription was resumed from its position. */
  resumed = 0;
  /** How many messages a replay repeats that the client has had. */
  overlap = 0;
  /** Whether history is answered. */
  answersHistory = true;

  private constructor(server: ScriptedServer) {
    this.#server = server;
  }

  static async start(port = 0): Promise<NumberedServer> {
    const made: { server?: NumberedServer } = {};
    const server = await ScriptedServer.start(
      {
        connected: (peer) => made.server?.connected(peer),
        received: (peer, message) => made.server?.received(peer, message),
      },
      port,
    );
    made.server = new NumberedServer(server);
    return made.server;
  }

  get url(): string {
    return this.#server.url;
  }

  get port(): number {
    return this.#server.port;
  }

  get peers(): readonly Peer[] {
    return this.#server.peers;
  }

  get open(): number {
    return this.#server.open;
  }

  get last(): Peer {
    return this.#server.last;
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** How many open connections have a channel. */
  membersOf(channel: string): number {
    return [...this.#members].filter(([peer, set]) => peer.socket.readyState === 1 && set.has(channel)).length;
  }

  /** Publishes the next message of a channel. @returns its number */
  publish(channel: string, more: Record<string, unknown> = {}): number {
    const log = this.#logs.get(channel) ?? [];
    this.#logs.set(channel, log);
    const seq = log.length + 1;
    const place = { sub: channel, seq, epoch: this.epoch, ...more };
    const message = isEvent(channel) ? whale('bitcoin', seq, place) : coinPrice(channel.slice(5), seq, place);
    log.push(message);
    for (const [peer, channels] of this.#members) if (channels.has(channel)) peer.send(message);
    return seq;
  }

  /** Begins another epoch: the numbers start over. */
  beginEpoch(epoch: string): void {
    this.epoch = epoch;
    this.#logs.clear();
  }

  private connected(peer: Peer): void {
    peer.send(hello({ messagesPerMinute: 60_000, burst: 1_000 }));
    this.#members.set(peer, new Set());
  }

  private received(peer: Peer, message: Record<string, unknown>): void {
    const { type, id } = message;
    const data = (message['data'] ?? {}) as { channels?: unknown[]; channel?: string; since?: { seq: number } };
    if (type === 'ping') peer.send({ type: 'pong', id, ts: Date.now(), echo: message['ts'] });
    else if (type === 'subscribe') this.#subscribe(peer, id, (data.channels ?? []) as Asked[]);
    else if (type === 'unsubscribe') {
      for (const channel of (data.channels ?? []) as string[]) this.#members.get(peer)?.delete(channel);
      peer.send({ type: 'ack', id, op: 'unsubscribe', data: { unsubscribed: data.channels } });
    } else if (type === 'history' && this.answersHistory) this.#history(peer, id, data.channel ?? '', data.since?.seq);
  }

  #subscribe(peer: Peer, id: unknown, asked: readonly Asked[]): void {
    const subscribed: Record<string, unknown>[] = [];
    const then: Message[] = [];
    for (const { channel, epoch, seq } of asked) {
      const log = this.#logs.get(channel) ?? [];
      const recovered = epoch === this.epoch && seq !== undefined && seq <= log.length;
      const reason = epoch === undefined ? 'new' : 'epoch';
      const kind = isEvent(channel) ? 'event' : 'state';
      const place = { channel, kind, epoch: this.epoch, seq: log.length, recovered };
      subscribed.push(recovered ? place : { ...place, reason });
      this.#members.get(peer)?.add(channel);
      if (recovered) this.resumed += 1;
      const last = log.at(-1);
      if (recovered)
        then.push(...log.slice(Math.max(0, seq - this.overlap)).map((message) => ({ ...message, replay: true })));
      else if (kind === 'state' && last !== undefined) {
        const item = { channel, epoch: this.epoch, seq: log.length, message: last };
        then.push({ type: 'snapshot', data: { items: [item] } });
      }
    }
    peer.send({ type: 'ack', id, op: 'subscribe', data: { subscribed, rejected: [] } });
    for (const message of then) peer.send(message);
  }

  #history(peer: Peer, id: unknown, channel: string, since = 0): void {
    const log = this.#logs.get(channel) ?? [];
    const messages = log.slice(since);
    const data = { channel, epoch: this.epoch, seq: log.length, complete: true, messages };
    peer.send({ type: 'ack', id, op: 'history', data });
  }
}
