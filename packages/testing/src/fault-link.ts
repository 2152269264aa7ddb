/** One TCP connection through a fault proxy: both sockets and the two flows between them; it ends when both are closed. */
import type { Socket } from 'node:net';
import { FaultFlow, type FlowContext } from './fault-flow.js';
import type { Direction, Ending } from './fault-rules.js';

/** What a link needs of the proxy, and what it tells it. */
export interface LinkContext extends Pick<FlowContext, 'clock' | 'random' | 'heldBytesLimit' | 'rules'> {
  readonly log: (event: string, bytes?: number) => void;
  /** The client has gone; the link may still live on. */
  readonly clientLeft: () => void;
  readonly closed: () => void;
}

type Flows = Record<Direction, FaultFlow>;

export class FaultLink {
  readonly #client: Socket;
  readonly #server: Socket | undefined;
  readonly #context: LinkContext;
  readonly #flows: Flows | undefined;
  readonly #open = new Set<Socket>();
  #idle: unknown;

  /** @param server the socket to the target; without one the client is never answered */
  constructor(client: Socket, server: Socket | undefined, context: LinkContext) {
    this.#client = client;
    this.#server = server;
    this.#context = context;
    if (server === undefined) {
      this.#watch('client', client, 'up', undefined);
      this.touch();
      return;
    }
    const cut = (how: Ending): void => this.cut(how);
    this.#flows = {
      up: new FaultFlow({ ...context, direction: 'up', source: client, target: server, cut }),
      down: new FaultFlow({ ...context, direction: 'down', source: server, target: client, cut }),
    };
    this.#watch('client', client, 'up', this.#flows);
    this.#watch('server', server, 'down', this.#flows);
    this.touch();
  }

  /** Bytes that wait in both directions. */
  get heldBytes(): number {
    return this.#flows === undefined ? 0 : this.#flows.up.heldBytes + this.#flows.down.heldBytes;
  }

  /** The flows of a direction, or of both; none when the client is not answered. */
  flows(direction: Direction | 'both'): FaultFlow[] {
    if (this.#flows === undefined) return [];
    return direction === 'both' ? [this.#flows.up, this.#flows.down] : [this.#flows[direction]];
  }

  /** Something passed, or the rules have changed: an idle link is ended after its time from now. */
  touch(): void {
    const { clock, rules } = this.#context;
    clock.clearTimeout(this.#idle);
    const { idleMs } = rules();
    if (idleMs !== undefined && this.#open.size > 0) this.#idle = clock.setTimeout(() => this.cut('end'), idleMs);
  }

  /** Ends both sides at once; what is held is lost. */
  cut(how: Ending): void {
    this.#context.log(`cut ${how}`);
    for (const flow of this.flows('both')) flow.stop();
    for (const socket of this.#open) {
      if (how === 'reset') socket.resetAndDestroy();
      else socket.end();
    }
  }

  /** A FIN in one direction; the other one goes on. */
  halfClose(direction: Direction): void {
    this.#context.log(`half close ${direction}`);
    for (const flow of this.flows(direction)) flow.stop();
    (direction === 'down' ? this.#client : this.#server)?.end();
  }

  destroy(): void {
    for (const flow of this.flows('both')) flow.stop();
    for (const socket of this.#open) socket.destroy();
  }

  #watch(side: 'client' | 'server', socket: Socket, direction: Direction, flows: Flows | undefined): void {
    const { log } = this.#context;
    const flow = flows?.[direction];
    const back = flows?.[direction === 'up' ? 'down' : 'up'];
    let failed = false;
    let left = false;
    const leave = (): void => {
      if (side === 'client' && !left) this.#context.clientLeft();
      left = true;
    };
    this.#open.add(socket);
    socket.on('data', (bytes: Buffer) => {
      log(direction, bytes.length);
      this.touch();
      flow?.arrive(bytes);
    });
    socket.on('end', () => {
      log(`${direction} end`);
      leave();
      if (flow === undefined) socket.end();
      else flow.finish('end');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      failed = true;
      log(`${side} ${error.code === 'ECONNRESET' ? 'reset' : (error.code ?? 'error')}`);
    });
    socket.on('close', () => {
      leave();
      this.#open.delete(socket);
      back?.stop();
      flow?.finish(failed ? 'reset' : 'end');
      if (this.#open.size > 0) return;
      this.touch();
      this.#context.closed();
    });
  }
}
