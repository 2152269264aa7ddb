/** Calls into a child process: each side of a measurement runs in a process of its own. */
import { fork, type ChildProcess } from 'node:child_process';

type Handler = (argument: never) => unknown;

/** Answers calls of the parent until it lets go. */
export function serveCalls(handlers: Readonly<Record<string, Handler>>): void {
  process.on('message', (call: { id: number; name: string; argument: unknown }) => {
    const handler = handlers[call.name];
    void Promise.resolve()
      .then(() => handler?.(call.argument as never))
      .then(
        (value) => process.send?.({ id: call.id, value }),
        (error: unknown) => process.send?.({ id: call.id, error: String(error) }),
      );
  });
  process.on('disconnect', () => process.exit());
}

/** A child process that can be called. */
export class Remote {
  readonly process: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #calls = 0;

  constructor(file: string, options: { args?: readonly string[]; execArgv?: readonly string[] } = {}) {
    this.process = fork(new URL(file, import.meta.url), [...(options.args ?? [])], {
      execArgv: ['--conditions=@tickwire/source', '--import', 'tsx', ...(options.execArgv ?? [])],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.process.on('message', (answer: { id: number; value?: unknown; error?: string }) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.error === undefined) waiting?.resolve(answer.value as never);
      else waiting?.reject(new Error(answer.error));
    });
    this.process.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${file} ended`));
      this.#waiting.clear();
    });
  }

  call<T>(name: string, argument: unknown = null): Promise<T> {
    const id = (this.#calls += 1);
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.process.send({ id, name, argument });
    });
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.disconnect();
    const late = setTimeout(() => this.process.kill('SIGKILL'), 5_000);
    await gone;
    clearTimeout(late);
  }
}
