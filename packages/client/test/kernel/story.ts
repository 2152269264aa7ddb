/** A stream whose life is told in lines: where it stands, what happens, and what it does and becomes. */
import { settle, type FakeSocket } from '@tickwire/testing';
import type { CommonOptions, DialectSource, StreamConnection } from '@tickwire/client/core';
import { shown } from './life-bench.js';
import { StreamBench } from './stream-bench.js';

/** A line: what happens in a state, and what follows. */
export type Line = readonly [what: string, follows: string];

/** Lines as a table to read. */
export function tableOf(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(([what]) => what.length));
  return lines.map(([what, follows]) => `${what.padEnd(width)} │ ${follows === '' ? 'nothing' : follows}`).join('\n');
}

function stateOf(state: StreamConnection, wallNow: number): string {
  if (state.status !== 'connected') return shown(state, wallNow);
  const { rttMs, authenticated } = state;
  return `${shown(state, wallNow)}${authenticated ? ', authenticated' : ''}${rttMs === null ? '' : `, round trip ${rttMs} ms`}`;
}

export class Story {
  readonly bench: StreamBench;
  readonly lines: Line[] = [];
  #follows: string[] = [];
  #state: string;

  constructor(dialect: DialectSource, options: Partial<CommonOptions> = {}) {
    this.bench = new StreamBench(dialect, options);
    const { client, clock, sockets } = this.bench;
    this.#state = stateOf(client.connection.get(), clock.now());
    sockets.dialled = (socket) => this.#dialled(socket);
    client.on('connection', (state) => {
      const next = stateOf(state, clock.now());
      if (next === this.#state) return;
      this.#state = next;
      this.#follows.push(`→ ${next}`);
    });
    client.on('price', ({ channel, price }) => this.#follows.push(`price ${channel} ${price}`));
    client.on('stale', ({ channel, freshness }) => this.#follows.push(`${channel} is ${freshness}`));
    client.on('invalid', ({ path, reason }) =>
      this.#follows.push(`drop the frame (${path === '' ? '' : `${path}: `}${reason})`),
    );
    client.on('error', ({ code, message }) => this.#follows.push(`error ${code}: ${message}`));
  }

  /** Something happens; what follows is told in a line. */
  async when(what: string, happen: (bench: StreamBench) => unknown): Promise<this> {
    const { status } = this.bench.client.connection.get();
    const { dialect } = this.bench.client.connection.get() as { dialect?: string };
    const named = dialect === undefined || dialect === 'undecided' ? (dialect ?? status) : status;
    this.#follows = [];
    await happen(this.bench);
    await settle();
    this.lines.push([`${named} × ${what}`, this.#follows.join(' · ')]);
    return this;
  }

  /** The socket that counts opens. */
  opens(): Promise<this> {
    return this.when('the socket opens', ({ socket }) => socket.open());
  }

  /** A frame comes. */
  frame(what: string, message: unknown): Promise<this> {
    return this.when(`frame ${what}`, ({ socket }) => socket.receive(message));
  }

  /** The server, or the network, ends the connection. */
  closes(code: number, reason = ''): Promise<this> {
    return this.when(`closed(${code}${reason === '' ? '' : `, ${reason}`})`, ({ socket }) => socket.drop(code, reason));
  }

  /** Time passes. */
  passes(ms: number, what = ''): Promise<this> {
    return this.when(`${ms} ms${what}`, ({ clock }) => clock.advance(ms));
  }

  subscribes(...channels: string[]): Promise<this> {
    return this.when(`subscribe(${channels.map((each) => `'${each}'`).join(', ')})`, (bench) =>
      bench.subscribe(...channels),
    );
  }

  #dialled(socket: FakeSocket): void {
    this.#follows.push('dial');
    socket.onSent = (message) => this.#follows.push(`send ${JSON.stringify(message)}`);
    const { close } = socket;
    socket.close = (code, reason) => {
      const which = socket === this.bench.socket ? 'close' : 'close the old socket with';
      this.#follows.push(`${which} ${code ?? ''}${reason === undefined || reason === '' ? '' : ` ${reason}`}`);
      close.call(socket, code, reason);
    };
  }
}
