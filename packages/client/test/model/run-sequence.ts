/** Plays a sequence to a whole client on a fake clock and fake sockets, and looks after each operation whether all is well. */
import { PriceWebSocketClient, type Connection, type Subscription } from '@tickwire/client';
import type { Channel } from '@tickwire/protocol';
import { FakeClock, FakeEnvironment } from '@tickwire/testing';
import { ModelServer, type ModelLink } from './model-server.js';
import { channelsOf, seededRandom, type Operation, type Sequence, type Trap } from './operations.js';
import {
  doubled,
  mayFollow,
  modeOf,
  silentHoles,
  verdictOf,
  wantedBy,
  type Delivered,
  type Mode,
} from './reference.js';

interface Holder {
  readonly channels: readonly Channel[];
  readonly delivered: Delivered[];
  subscription: Subscription<unknown>;
}

const closeHandshakeMs = 3_000;
const floorMs = 250;
/** Steps in which a client is given time to find to itself; the server's longest hint is 30 s and more. */
const calmingMs = [0, 100, 400, 1_000, 1_500, 3_000, 6_000, 15_000, 30_000, 60_000, 60_000, 120_000];

const oldAlive = 'an older socket is still alive';

class Run {
  readonly #sequence: Sequence;
  readonly #clock = new FakeClock();
  readonly #environment = new FakeEnvironment();
  readonly #server: ModelServer;
  readonly #client: PriceWebSocketClient;
  readonly #holders = new Map<number, Holder>();
  readonly #gaps: { channel: string; from: number | null; to: number | null }[] = [];
  readonly #unsettled = new Set<string>();
  readonly #traps = new Map<'delivery' | 'connection', Trap>();
  readonly #violations: string[] = [];
  #mode: Mode = 'idle';
  #mayFail = false;
  #connectCalled = false;
  #status: Connection['status'] = 'idle';
  #dialledAt = -Infinity;
  /** The message in whose delivery a trap was sprung last. */
  #sprungBy: unknown;
  #promises = 0;
  /** How many questions may still be open: those that went out on a socket that has just been lost may not. */
  #expectRejected: number | undefined;

  constructor(sequence: Sequence) {
    this.#sequence = sequence;
    this.#server = new ModelServer(this.#clock, sequence, () => this.#dialled());
    const { token, dialect, seed } = sequence;
    this.#client = new PriceWebSocketClient('ws://prices.example/ws', {
      dialect,
      ...(token === 'none' ? {} : { token: token === 'fixed' ? 'secret' : () => this.#token() }),
      WebSocket: this.#server.WebSocket,
      clock: this.#clock,
      environment: this.#environment,
      random: seededRandom(seed + 1),
    });
    this.#client.on('gap', (gap) => this.#gaps.push(gap));
    // Errors are meant to happen here: the console is not to tell of them.
    this.#client.on('error', () => undefined);
    // Two of them: what the first does must not come to the second before what it was done in.
    this.#client.on('connection', () => this.#spring('connection'));
    this.#client.on('connection', (connection) => this.#connectionChanged(connection));
  }

  /** What went wrong, or nothing. */
  async play(): Promise<string | undefined> {
    for (const [index, operation] of this.#sequence.operations.entries()) {
      await this.#take(operation);
      this.#look();
      if (this.#violations.length > 0) return `after operation ${index}: ${this.#violations.join('; ')}`;
    }
    await this.#calm();
    if (this.#violations.length > 0) return `once calm: ${this.#violations.join('; ')}`;
    await this.#end();
    return this.#violations.length > 0 ? `after close: ${this.#violations.join('; ')}` : undefined;
  }

  #violated(what: string): void {
    if (this.#violations.length < 5) this.#violations.push(what);
  }

  async #take(operation: Operation): Promise<void> {
    this.#connectCalled = operation.do === 'connect';
    if (operation.do === 'stale') await this.#stale();
    else {
      if (operation.do === 'sleep') await this.#clock.sleep(operation.ms);
      else this.#apply(operation);
      await this.#clock.advance(operation.do === 'pass' ? operation.ms : 0);
    }
  }

  #apply(operation: Operation): void {
    const server = this.#server;
    switch (operation.do) {
      case 'connect':
        this.#connect();
        return;
      case 'close':
        this.#close();
        return;
      case 'subscribe':
        this.#unsubscribe(operation.slot);
        this.#subscribe(operation.slot, operation.channels);
        return;
      case 'unsubscribe':
        this.#unsubscribe(operation.slot);
        return;
      case 'authenticate':
        this.#wakes();
        this.#settles('authenticate', this.#client.authenticate('another'));
        return;
      case 'request':
        this.#wakes();
        this.#settles('catalog', this.#client.catalog());
        return;
      case 'end':
        this.#endLink(operation);
        return;
      case 'half-open':
        if (server.current !== undefined) server.current.halfOpen = true;
        return;
      case 'environment': {
        const { online, visible, silently } = operation;
        this.#environment.change({ online, visible }, { silently });
        return;
      }
      case 'resume':
        this.#environment.resume();
        return;
      case 'going_away':
        this.#goingAway(operation);
        return;
      case 'dialling':
        server.dialling = operation.mode;
        return;
      case 'answering':
        server.answering = operation.mode;
        return;
      case 'tokens':
        server.tokens = operation.mode;
        return;
      case 'expiring':
        if (server.current !== undefined)
          server.send(server.current, { type: 'error', data: { code: 'TOKEN_EXPIRING' } });
        return;
      case 'publish':
        server.publish(operation.channel, operation.lost);
        return;
      case 'burst':
      case 'repeat':
        if (this.#sequence.speaks === 'tickwire') server[operation.do]();
        return;
      case 'heads':
        server.heads();
        return;
      case 'forget':
        server.forget();
        return;
      case 'garbage':
        if (server.current !== undefined) server.send(server.current, '{"type":"price_update","data":{"price":{}}}');
        return;
      case 'trap':
        this.#traps.set(operation.on, operation.act);
        return;
      case 'pass':
      case 'sleep':
      case 'stale':
        return;
    }
  }

  #connect(): void {
    this.#connectCalled = true;
    if (this.#mode === 'closed' || this.#mode === 'failed') {
      this.#mayFail = false;
      this.#server.rejections = 0;
    }
    this.#mode = 'running';
    this.#settles('connect', this.#client.connect());
  }

  #close(): void {
    this.#mode = 'closed';
    this.#settles('close', this.#client.close());
  }

  /** What needs a connection makes an idle client connect, and no other. */
  #wakes(): void {
    if (this.#mode === 'idle') this.#mode = 'running';
  }

  #subscribe(slot: number, channels: readonly Channel[]): void {
    this.#wakes();
    const delivered: Delivered[] = [];
    const subscription = this.#client.subscribe(channels, (message) => this.#received(slot, holder, message));
    const holder: Holder = { channels, delivered, subscription };
    this.#holders.set(slot, holder);
    this.#settles(
      'ready',
      subscription.ready().then(({ confirmed }) => this.#ready(channels, confirmed)),
    );
  }

  /** Confirmed is what the last request was answered with, not one before it. */
  #ready(channels: readonly Channel[], confirmed: boolean): void {
    const lettingGo = this.#server.current?.lettingGo;
    for (const channel of confirmed ? channels : []) {
      if ((lettingGo?.get(channel) ?? 0) > 0)
        this.#violated(`${channel} is confirmed by the answer to an older request`);
    }
  }

  #unsubscribe(slot: number): void {
    this.#holders.get(slot)?.subscription.unsubscribe();
    this.#holders.delete(slot);
  }

  #received(slot: number, holder: Holder, message: unknown): void {
    const { channel = 'whales', seq } = message as { channel?: string; seq?: number };
    holder.delivered.push({ channel, seq });
    if (this.#holders.get(slot) !== holder) this.#violated(`${channel} is delivered after unsubscribe()`);
    if (!(holder.channels as readonly string[]).includes(channel)) this.#violated(`${channel} was not asked for`);
    // Whoever closes in a listener does not take the same message from the listeners behind.
    if (message !== this.#sprungBy) {
      if (this.#server.speaking?.held === false) this.#violated(`${channel} of a stale socket is delivered`);
      if (this.#mode === 'closed' || this.#mode === 'failed')
        this.#violated(`${channel} is delivered while ${this.#mode}`);
    }
    if (this.#traps.has('delivery')) this.#sprungBy = message;
    this.#spring('delivery');
  }

  #connectionChanged(connection: Connection): void {
    if (!mayFollow(this.#status, connection.status)) {
      this.#violated(`the connection goes from ${this.#status} to ${connection.status}`);
    }
    this.#status = connection.status;
    if (connection.status === 'reconnecting' && connection.retryAt < this.#clock.now()) {
      this.#violated('retryAt lies in the past');
    }
  }

  #spring(on: 'delivery' | 'connection'): void {
    const act = this.#traps.get(on);
    this.#traps.delete(on);
    if (act === 'close') this.#close();
    else if (act === 'connect') this.#connect();
    else if (act === 'unsubscribe') for (const slot of [...this.#holders.keys()]) this.#unsubscribe(slot);
    else if (act === 'throw') throw Object.create(null);
  }

  #endLink({ older, code, reason }: Extract<Operation, { do: 'end' }>): void {
    const { links, current } = this.#server;
    const link = older ? links.findLast((each) => each !== current && each.held) : current;
    if (link?.held !== true || link.halfOpen) return;
    if (link === current) {
      const verdict = verdictOf(code, this.#sequence.token);
      if (verdict === 'stops') this.#mode = 'closed';
      else if (verdict === 'fails') this.#mode = 'failed';
      else if (verdict === 'may fail') this.#mayFail = true;
    }
    const waited = this.#waiting('catalog');
    link.socket.drop(code, reason);
    this.#expectRejected = link.unanswered > 0 ? waited - link.unanswered : undefined;
  }

  #waiting(name: string): number {
    return [...this.#unsettled].filter((key) => key.startsWith(name)).length;
  }

  #goingAway({ afterMs, deadlineMs }: Extract<Operation, { do: 'going_away' }>): void {
    const link = this.#server.current;
    if (link?.talks !== true || this.#sequence.speaks !== 'tickwire') return;
    link.announced = true;
    this.#server.send(link, { type: 'going_away', data: { reconnectAfterMs: afterMs, deadlineMs } });
    this.#server.after(deadlineMs + 200, () => {
      if (link.held && !link.halfOpen) link.socket.drop(1001, 'gone');
    });
  }

  /** Sockets that the client has let go say everything that they still could: nothing may come of it. */
  async #stale(): Promise<void> {
    const old = this.#server.links.filter((link) => !link.held && link.handlers !== undefined).slice(-2);
    const { clock, sockets, connection } = this.#standing();
    for (const link of old) this.#server.sayStale(link);
    await this.#clock.advance(0);
    const after = this.#standing();
    if (after.clock !== clock || after.sockets !== sockets || after.connection !== connection) {
      this.#violated('an event of a stale socket changes something');
    }
  }

  #standing(): { clock: number; sockets: number; connection: Connection } {
    return {
      clock: this.#clock.pending - this.#server.pending,
      sockets: this.#server.links.length,
      connection: this.#client.connection.get(),
    };
  }

  #token(): string | Promise<string> {
    if (this.#server.tokens === 'provider fails') throw new Error('no token today');
    return this.#server.tokens === 'never given' ? new Promise(() => undefined) : 'secret';
  }

  #settles(name: string, promise: Promise<unknown>): void {
    this.#promises += 1;
    const key = `${name} ${this.#promises}`;
    this.#unsettled.add(key);
    const settled = (): boolean => this.#unsettled.delete(key);
    promise.then(settled, settled);
  }

  #dialled(): void {
    const now = this.#clock.monotonic();
    const { visible } = this.#environment.read();
    if (!this.#connectCalled) {
      if (now - this.#dialledAt < floorMs) this.#violated(`two dials within ${now - this.#dialledAt} ms`);
      const rests = this.#status === 'paused' && !visible;
      if (rests) this.#violated('a dial while the page is hidden');
    }
    if (this.#mode === 'closed' || this.#mode === 'failed') this.#violated(`a dial while ${this.#mode}`);
    this.#dialledAt = now;
  }

  /** What holds at every moment. */
  #look(): void {
    const connection = this.#client.connection.get();
    const actual = modeOf(connection);
    const failedForGood = actual === 'failed' && (this.#mayFail || this.#server.rejections >= 2);
    if (failedForGood) this.#mode = 'failed';
    else if (actual !== this.#mode) this.#violated(`the client is ${connection.status}, the model ${this.#mode}`);
    if (this.#waiting('catalog') > (this.#expectRejected ?? Infinity)) {
      this.#violated('a question stays open although its socket is lost');
    }
    this.#expectRejected = undefined;
    const alive = this.#server.links.filter((link) => link.held);
    if (alive.length > 1 && this.#sequence.token === 'none' && this.#waiting('catalog') === 0) {
      if (this.#unrest() === oldAlive) this.#violated('an old socket is kept although the new one carries everything');
    }
    const moving = alive.some((link) => link.announced && link !== alive.at(-1));
    if (alive.length > (moving ? 2 : 1)) this.#violated(`${alive.length} sockets are alive`);
    if (actual === 'running') {
      if (connection.status === 'connected' && !alive.some((link) => link.socket.readyState === 1)) {
        this.#violated('connected without an open socket');
      }
      if (connection.status === 'connecting' && alive.length === 0) this.#violated('connecting without a socket');
    } else {
      const left = this.#clock.pending - this.#server.pending;
      const closing = this.#server.links.filter((link) => link.socket.readyState === 2).length;
      if (left > closing) this.#violated(`${left} timers for ${closing} closing sockets while ${actual}`);
      if (alive.length > 0) this.#violated(`${alive.length} sockets are alive while ${actual}`);
      if (this.#environment.listeners > 0) this.#violated(`the surroundings are listened to while ${actual}`);
    }
    for (const { delivered } of this.#holders.values()) {
      const again = doubled(delivered);
      if (again !== undefined) this.#violated(`whales ${again} is delivered twice or late`);
    }
  }

  /** With a good server and a good network, everything that is wanted stands, and comes. */
  async #calm(): Promise<void> {
    this.#traps.clear();
    this.#server.behave();
    this.#environment.change({ online: true, visible: true });
    this.#environment.resume();
    let problem: string | undefined = 'nothing was looked at';
    for (const ms of calmingMs) {
      this.#connectCalled = false;
      await this.#clock.advance(ms);
      this.#look();
      // A refusal for good may still have been on its way.
      if (this.#mode !== 'running') {
        this.#connect();
        await this.#clock.advance(0);
      }
      problem = this.#unrest();
      if (problem === undefined || this.#violations.length > 0) break;
    }
    if (problem === undefined) await this.#expectDeliveries();
    else this.#violated(problem);
  }

  #unrest(): string | undefined {
    const { current, links } = this.#server;
    const connection = this.#client.connection.get();
    if (connection.status !== 'connected' || current?.talks !== true) return `still ${connection.status}`;
    if (current.busyUntil > this.#clock.monotonic()) return 'the server has not answered everything';
    const wanted = [...wantedBy(this.#holders.values())].filter((channel) => !current.refused.has(channel)).sort();
    const confirmed = [...current.subscribed].sort();
    if (wanted.join() !== confirmed.join()) return `wanted ${wanted.join()}, confirmed ${confirmed.join()}`;
    return links.some((link) => link.held && link !== current) ? oldAlive : undefined;
  }

  async #expectDeliveries(): Promise<void> {
    const { current, speaks } = { current: this.#server.current as ModelLink, speaks: this.#sequence.speaks };
    for (const channel of channelsOf[speaks]) {
      const before = new Map([...this.#holders.values()].map((holder) => [holder, holder.delivered.length]));
      this.#server.publish(channel, false);
      await this.#clock.advance(0);
      for (const [holder, count] of before) {
        const expected = holder.channels.includes(channel) && !current.refused.has(channel) ? 1 : 0;
        const got = holder.delivered.slice(count).filter((each) => each.channel === channel).length;
        // Events that waited for a hole to be filled may come along.
        const fits = channel === 'whales' && expected === 1 ? got >= 1 : got === expected;
        if (!fits) this.#violated(`${channel} is delivered ${got} times instead of ${expected}`);
      }
    }
    for (const { subscription, channels, delivered } of this.#holders.values()) {
      const holes = silentHoles(delivered, this.#gaps);
      if (holes.length > 0) this.#violated(`whales ${holes.join()} are missing and nobody said so`);
      if (channels.some((channel) => current.refused.has(channel))) continue;
      const ready = { resolved: false };
      void subscription.ready().then(
        () => (ready.resolved = true),
        () => undefined,
      );
      await this.#clock.advance(0);
      if (!ready.resolved) this.#violated('a subscription that stands is not ready');
    }
  }

  async #end(): Promise<void> {
    const close = { settled: false };
    this.#mode = 'closed';
    void this.#client.close().then(() => (close.settled = true));
    await this.#clock.advance(closeHandshakeMs);
    this.#look();
    if (!close.settled) this.#violated('close() does not resolve');
    for (const name of this.#unsettled) this.#violated(`the promise of ${name} stays open`);
    await this.#stale();
    // What the server itself still has to do, it does now, to nobody.
    const deliveries = [...this.#holders.values()].map(({ delivered }) => delivered.length).join();
    for (const channel of channelsOf[this.#sequence.speaks]) this.#server.publish(channel, false);
    await this.#clock.advance(closeHandshakeMs);
    this.#look();
    const left = this.#clock.pending - this.#server.pending;
    if (left > 0) this.#violated(`${left} timers are left`);
    if ([...this.#holders.values()].map(({ delivered }) => delivered.length).join() !== deliveries) {
      this.#violated('something is delivered after close()');
    }
  }
}

/** Plays a sequence; returns what went wrong, or nothing. An error that comes out of the client is a violation as well. */
export async function runSequence(sequence: Sequence): Promise<string | undefined> {
  const run = new Run(sequence);
  try {
    return await run.play();
  } catch (error) {
    return `it throws: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

/** The sequence without the operations that the violation does not need. */
export async function shrunk(sequence: Sequence): Promise<Sequence> {
  let smallest = sequence;
  for (let index = smallest.operations.length - 1; index >= 0; index -= 1) {
    const candidate = { ...smallest, operations: smallest.operations.toSpliced(index, 1) };
    if ((await runSequence(candidate)) !== undefined) smallest = candidate;
  }
  return smallest;
}

/** What a reader needs to repeat a violation: the seed, the shortest operations and what went wrong. */
export async function report(sequence: Sequence): Promise<string> {
  const { operations, ...made } = await shrunk(sequence);
  const lines = operations.map((operation) => `  ${JSON.stringify(operation)}`);
  const violation = await runSequence({ ...made, operations });
  return [`seed ${sequence.seed}: ${JSON.stringify(made)}`, ...lines, `  → ${violation ?? 'nothing'}`].join('\n');
}
