/** A stage that a check works on: frames are played until the connection is up, and time passes as on a link that lives. */
import type { DialectSource } from '@tickwire/client/core';
import { DialectStage, type Answers } from './dialect-stage.js';

/** What is known of the dialect that is checked. */
export interface Checked {
  readonly source: DialectSource;
  readonly channels: readonly string[];
  readonly frames: readonly (string | Uint8Array)[];
  readonly answers?: Answers | undefined;
}

/** A dialect that finds out what is spoken waits for silence so long. */
const silenceMs = 2_000;
/** What is said of a dialect that does. */
export const writesForEver = 'It writes frames for ever.';
/** How long a budget may stretch what is owed. */
const patienceS = 600;

export class CheckedStream extends DialectStage {
  readonly errors: string[] = [];
  readonly #checked: Checked;
  /** Frames that the greeting took. */
  #played = 0;

  constructor(checked: Checked, lingerMs = 1_000) {
    super(checked.source, { answers: checked.answers, heartbeat: false, lingerMs });
    this.#checked = checked;
    this.stream.on('error', ({ code, message }) => this.errors.push(`${code}: ${message}`));
  }

  /** Connects. @throws Error where no connection comes up */
  async begin(): Promise<void> {
    await this.open();
    await this.greet();
  }

  /** Plays frames until the connection is up. */
  async greet(): Promise<void> {
    this.#played = 0;
    for (const frame of this.#checked.frames) {
      if (this.isUp) return;
      this.#played += 1;
      await this.play(frame);
    }
    if (!this.isUp) await this.clock.advance(silenceMs);
    if (this.isUp) return;
    if (this.floods) throw new Error(writesForEver);
    const [why = ''] = this.errors;
    throw new Error(`The connection does not come up with these frames and answers. ${why}`.trim());
  }

  /** Plays what the greeting has left. */
  async playRest(): Promise<void> {
    for (const frame of this.#checked.frames.slice(this.#played)) await this.play(frame);
  }

  /** Keys of the channels, as the dialect that is spoken has them; those that come by themselves have none. */
  get keys(): readonly string[] {
    const keys = this.#checked.channels.map((channel) => this.link?.dialect.carry(channel));
    return [...new Set(keys.filter((key): key is string => typeof key === 'string'))];
  }

  /** Keys that stand on the link, as far as the server has been told. */
  get asked(): readonly string[] {
    return this.keys.filter((key) => this.link?.asked(key) !== undefined);
  }

  want(channels: readonly string[] = this.#checked.channels): () => void {
    const subscription = this.stream.subscribe(channels, () => undefined);
    return () => subscription.unsubscribe();
  }

  /** Lets time pass until something holds. @returns whether it does */
  async until(holds: () => boolean): Promise<boolean> {
    await this.clock.advance(0);
    for (let seconds = 0; seconds < patienceS && !holds() && !this.floods; seconds += 1) await this.pass(1_000);
    return holds() && !this.floods;
  }

  /** Time passes; where silence is the end, it is broken. */
  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    const frame = this.#checked.frames[this.#played];
    if (this.link?.dialect.silenceMs !== undefined && frame !== undefined && this.isUp) await this.play(frame);
  }
}

/** Does something with a stream, and ends it whatever comes. */
export async function withStream<Result>(
  checked: Checked,
  work: (stream: CheckedStream) => Promise<Result>,
  lingerMs?: number,
): Promise<Result> {
  const stream = new CheckedStream(checked, lingerMs);
  let result: Result;
  try {
    result = await work(stream);
  } catch (cause) {
    await stream.close();
    throw cause;
  }
  await stream.close();
  return result;
}
