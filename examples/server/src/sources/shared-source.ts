/**
 * One source, many nodes: whoever has the right to it follows the upstream, the others wait for the right. What a holder tells after
 * it has lost the right is refused by the engine, whatever its own clock says.
 */
import type { Clock } from '../clock.js';
import type { Engine, Rights } from '../engine/engine.js';
import { parseInstruments } from './instruments-text.js';
import type { Instrument, PriceSink, PriceSource } from './price-source.js';

/** What sharing is made of. */
export interface SharedSourceOptions {
  readonly engine: Engine;
  readonly rights: Rights;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  /** Told of instruments, whichever node has them from the upstream. */
  readonly onInstruments: (instruments: readonly Instrument[]) => void;
}

/** A right lasts so long unless it is claimed again: one that died is followed up within this and a turn. */
const rightMs = 3_000;
const turnMs = 1_000;

/** The source, as one of many nodes has it. */
export function shareSource(source: PriceSource, options: SharedSourceOptions): PriceSource {
  const { engine, rights, clock } = options;
  const { name } = source;
  const log = `control:instruments:${name}`;
  const known = new Map<string, Instrument>();
  let sink: PriceSink | undefined;
  let right: number | undefined;
  /** When the right was asked for that is held now. */
  let keptAt = -Infinity;
  let problem: string | undefined;
  let isStopped = false;
  let cancelTurn = (): void => undefined;
  let stopHearing = (): void => undefined;
  let turning: Promise<void> = Promise.resolve();

  const isMine = (): boolean => right !== undefined && clock.monotonic() - keptAt < rightMs;

  function learn(instruments: readonly Instrument[]): void {
    for (const instrument of instruments) known.set(instrument.channel, instrument);
    sink?.instruments(instruments);
    options.onInstruments(instruments);
  }

  /** For those who wait. What fails is told again by the next holder, or after a loss. */
  function tellOthers(): void {
    engine.publish(log, JSON.stringify([...known.values()])).catch(() => undefined);
  }

  const ownSink: PriceSink = {
    instruments(instruments) {
      learn(instruments);
      tellOthers();
    },
    ticks(ticks) {
      const by = right;
      if (by !== undefined && isMine()) sink?.ticks(ticks.map((tick) => ({ ...tick, right: by })));
    },
    past: (channel, price, at) => sink?.past?.(channel, price, at),
  };

  async function standDown(): Promise<void> {
    right = undefined;
    await source.stop();
  }

  async function takeOver(claimed: number): Promise<void> {
    const isFollowing = right !== undefined;
    // From here on nobody else's prices are taken.
    await rights.seal([...known.keys()], claimed);
    right = claimed;
    if (!isFollowing) await source.start(ownSink);
    problem = undefined;
  }

  /** Claims the right, or claims it again. Rejects when the source does not start. */
  async function turn(): Promise<void> {
    const askedAt = clock.monotonic();
    let claimed: number | undefined;
    try {
      claimed = await rights.claim(name, rightMs);
    } catch {
      if (right !== undefined && !isMine()) await standDown();
      return;
    }
    if (claimed === undefined) {
      if (right !== undefined) await standDown();
      return;
    }
    keptAt = askedAt;
    if (claimed !== right) await takeOver(claimed);
  }

  /** So that another node may try. */
  async function giveUp(): Promise<void> {
    if (right !== undefined) await standDown();
    await rights.release(name).catch(() => undefined);
  }

  function goOn(): void {
    if (isStopped) return;
    cancelTurn = clock.after(turnMs, () => {
      turning = turn()
        .catch(async (error: unknown) => {
          problem = error instanceof Error ? error.message : String(error);
          await giveUp();
        })
        .then(goOn);
    });
  }

  /** What the holder has told, for a node that waits. */
  function learnFrom(body: string): void {
    if (right === undefined) learn(parseInstruments(body));
  }

  return {
    name,
    async start(given) {
      sink = given;
      const stopMessages = engine.onMessage(({ channel, body }) => {
        if (channel === log) learnFrom(body);
      });
      const stopLosses = engine.onLoss(({ channel }) => {
        if (channel === log && right !== undefined) tellOthers();
      });
      const leave = await engine.subscribe(log);
      stopHearing = () => {
        stopMessages();
        stopLosses();
        leave();
      };
      try {
        await turn();
      } catch (error) {
        stopHearing();
        await giveUp();
        throw error;
      }
      if (right === undefined) {
        for (const { body } of (await engine.history(log, { limit: 1 })).messages) learnFrom(body);
      }
      goOn();
    },
    async stop() {
      isStopped = true;
      cancelTurn();
      await turning;
      stopHearing();
      await giveUp();
      // One that never had the right was never started, and may be stopped all the same.
      await source.stop();
    },
    status() {
      const status = source.status();
      if (right !== undefined) return status;
      return problem === undefined ? { ...status, state: 'standby' } : { ...status, state: 'failing', problem };
    },
  };
}
