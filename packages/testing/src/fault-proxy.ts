/**
 * A TCP proxy on this machine that does to a connection what networks do: delays it, thins it out, swallows it, breaks it.
 * Its rules change while it runs. It knows nothing of WebSockets but that the first bytes of a server answer an upgrade.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { FaultLink } from './fault-link.js';
import { FaultLog, type FaultLogEntry } from './fault-log.js';
import { atLeast, noFaults, type Direction, type Ending, type FaultRules } from './fault-rules.js';
import { realClock, type Clock } from './real-clock.js';
import { listenOn } from './same-port.js';

/** How a proxy is set up; everything may be left out. */
export interface FaultProxyOptions {
  /** Where time comes from; a `FakeClock` makes delays a matter of `advance`. @default realClock */
  clock?: Clock | undefined;
  /** Chance for the jitter: 0 ≤ n < 1. @default Math.random */
  random?: (() => number) | undefined;
  /** Bytes that wait in one direction of one link before its source is no longer read. @default 1 MiB */
  heldBytesLimit?: number | undefined;
  /** Entries of the log; the oldest go first. @default 10,000 */
  logLimit?: number | undefined;
}

/** The links that a fault acts on: those there are, those to come until `heal()`, or both. */
export type Links = 'open' | 'new' | 'all';

/** How many connections there are. A client counts as open until it ends its side or is cut off. */
export interface FaultCounters {
  accepted: number;
  open: number;
  mostOpen: number;
}

type LinkFault = (link: FaultLink) => void;

/** A TCP proxy on a port of its own in front of a server: it delays, cuts, stalls or refuses, and logs what it did. */
export class FaultProxy {
  /** The port that clients dial; the same for the proxy's whole life. */
  readonly port: number;
  readonly #target: number;
  readonly #options: { readonly [Name in keyof FaultProxyOptions]-?: NonNullable<FaultProxyOptions[Name]> };
  readonly #log: FaultLog;
  readonly #links = new Set<FaultLink>();
  readonly #forNewLinks = new Map<string, LinkFault>();
  readonly #counters: FaultCounters = { accepted: 0, open: 0, mostOpen: 0 };
  #rules: FaultRules = noFaults;
  #silent = false;
  #server: Server | undefined;
  #idle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  private constructor(server: Server, port: number, target: number, options: FaultProxyOptions) {
    this.port = port;
    this.#target = target;
    const { clock = realClock, random = Math.random, heldBytesLimit = 1_048_576, logLimit = 10_000 } = options;
    this.#options = { clock, random, heldBytesLimit, logLimit };
    this.#log = new FaultLog(() => clock.monotonic(), logLimit);
    this.#attach(server);
  }

  /** Starts a proxy on a free port, in front of a port of this machine. */
  static async start(targetPort: number, options: FaultProxyOptions = {}): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    return new FaultProxy(server, await listenOn(server, 0), targetPort, options);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** What has happened, oldest first. */
  get log(): readonly FaultLogEntry[] {
    return this.#log.entries;
  }

  get counters(): Readonly<FaultCounters> {
    return { ...this.#counters };
  }

  /** Bytes that wait in all links. */
  get heldBytes(): number {
    return [...this.#links].reduce((sum, link) => sum + link.heldBytes, 0);
  }

  /** Holds all bytes for `ms`, give or take up to `jitterMs`; their order stays. */
  latency(ms: number, jitterMs = 0): void {
    this.#set({ latencyMs: atLeast('latency', ms, 0), jitterMs: atLeast('jitter', jitterMs, 0) });
  }

  /** Lets at most so many bytes a second pass, in each direction of each link. */
  rate(bytesPerSecond: number): void {
    this.#set({ bytesPerSecond: atLeast('rate', bytesPerSecond, 1) });
  }

  /** Writes at most so many bytes at a time. */
  slice(bytes: number): void {
    this.#set({ sliceBytes: atLeast('slice', bytes, 1) });
  }

  /** Ends a link, without a close frame, when nothing has passed on it for `ms`: what proxies and load balancers do. */
  idleTimeout(ms: number): void {
    this.#set({ idleMs: atLeast('idle timeout', ms, 1) });
  }

  /** Holds the answer to the upgrade (HTTP 101) back. */
  delayUpgrade(ms: number): void {
    this.#set({ upgradeDelayMs: atLeast('delay', ms, 0) });
  }

  /**
   * Swallows what is sent, the end of a connection included, and closes nothing: a blackhole. `heal()` brings it all.
   *
   * @param links a client that dials again gets through unless `new` links stall too @default 'open'
   * @returns how many open links it acts on
   */
  stall(direction: Direction | 'both' = 'both', links: Links = 'open'): number {
    return this.#fault(`stall ${direction}`, '', links, (link) => {
      for (const flow of link.flows(direction)) flow.stall(true);
    });
  }

  /**
   * Ends a link when so many more bytes have passed in a direction, be it in the middle of a message.
   *
   * @param bytes counted from now, on new links from their first byte
   * @returns how many open links it acts on
   */
  cutAfter(bytes: number, direction: Direction = 'down', how: Ending = 'reset', links: Links = 'open'): number {
    const count = atLeast('bytes', bytes, 0);
    return this.#fault(`cut ${direction}`, ` after ${bytes}`, links, (link) => {
      for (const flow of link.flows(direction)) flow.cutAfter(count, how);
    });
  }

  /**
   * Changes one byte, once a link: the one that passes after `byteIndex` others.
   *
   * @param byteIndex counted from now, on new links from their first byte
   * @param mask bits to turn over @default 1
   * @returns how many open links it acts on
   */
  corrupt(byteIndex: number, direction: Direction = 'down', links: Links = 'open', mask = 1): number {
    const index = atLeast('index', byteIndex, 0);
    return this.#fault(`corrupt ${direction}`, ` at ${byteIndex}`, links, (link) => {
      for (const flow of link.flows(direction)) flow.corrupt(index, mask);
    });
  }

  /** Takes new connections and never answers them, not even later; their bytes are dropped. */
  acceptSilent(silent = true): void {
    this.#silent = silent;
    this.#log.add(0, `rule silent ${silent}`);
  }

  /** Ends every rule but `refuse`; what was held passes. */
  heal(): void {
    this.#forNewLinks.clear();
    this.#silent = false;
    for (const link of this.#links) {
      for (const flow of link.flows('both')) {
        flow.forgive();
        flow.stall(false);
      }
    }
    this.#set(noFaults);
  }

  /** Resets every link, on both sides. */
  reset(): void {
    for (const link of [...this.#links]) link.cut('reset');
  }

  /** Sends a FIN on every link and no close frame; the other direction goes on. @param direction `down`: to the client */
  halfClose(direction: Direction = 'down'): void {
    for (const link of this.#links) link.halfClose(direction);
  }

  /** Closes the listening port: whoever dials is refused, until `accept()`. Links stay. */
  refuse(): void {
    this.#server?.close();
    this.#server = undefined;
    this.#log.add(0, 'rule refuse');
  }

  /** Listens again, on the same port. */
  async accept(): Promise<void> {
    if (this.#closing !== undefined || this.#server !== undefined) return;
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    this.#attach(server);
    await listenOn(server, this.port);
    // Refused or closed meanwhile.
    if (!this.#isServing(server)) server.close();
    this.#log.add(0, 'rule accept');
  }

  /** Ends everything: the port, the links, the timers. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#idle = resolve;
      this.#server?.close();
      this.#server = undefined;
      if (this.#links.size === 0) resolve();
      for (const link of [...this.#links]) link.destroy();
    });
    return this.#closing;
  }

  #isServing(server: Server): boolean {
    return this.#server === server;
  }

  #attach(server: Server): void {
    this.#server = server;
    server.on('connection', (socket) => this.#accepted(socket));
    server.on('error', () => undefined);
  }

  #accepted(client: Socket): void {
    const counters = this.#counters;
    counters.accepted += 1;
    counters.open += 1;
    counters.mostOpen = Math.max(counters.mostOpen, counters.open);
    const number = counters.accepted;
    const { clock, random, heldBytesLimit } = this.#options;
    const target = { port: this.#target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true };
    const link = new FaultLink(client, this.#silent ? undefined : connect(target), {
      clock,
      random,
      heldBytesLimit,
      rules: () => this.#rules,
      log: (event, bytes) => this.#log.add(number, event, bytes),
      clientLeft: () => {
        counters.open -= 1;
      },
      closed: () => {
        this.#links.delete(link);
        this.#log.add(number, 'closed');
        if (this.#links.size === 0) this.#idle?.();
      },
    });
    this.#log.add(number, this.#silent ? 'accepted, silent' : 'accepted');
    this.#links.add(link);
    for (const fault of this.#forNewLinks.values()) fault(link);
  }

  #set(change: Partial<FaultRules>): void {
    this.#rules = { ...this.#rules, ...change };
    this.#log.add(0, `rules ${JSON.stringify(this.#rules)}`);
    for (const link of this.#links) {
      link.touch();
      for (const flow of link.flows('both')) flow.pump();
    }
  }

  #fault(name: string, details: string, links: Links, fault: LinkFault): number {
    this.#log.add(0, `rule ${name}${details}, ${links} links`);
    if (links !== 'open') this.#forNewLinks.set(name, fault);
    if (links === 'new') return 0;
    const open = [...this.#links];
    for (const link of open) fault(link);
    return open.length;
  }
}

/** A proxy on a free port in front of a port of this machine. */
export function createFaultProxy(targetPort: number, options?: FaultProxyOptions): Promise<FaultProxy> {
  return FaultProxy.start(targetPort, options);
}
