/**
 * Keeps the last price of each instrument in a small file over a restart. The file is a help, never a need: what is wrong
 * with it is said once, and the server goes on without.
 */
import { constants } from 'node:fs';
import { lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { decimalSchema, nameSchema, timeSchema } from '@tickwire/protocol';
import * as z from 'zod';
import type { Clock } from '../clock.js';
import { ConfigurationError } from '../config.js';
import { isAhead } from '../sources/upstream-values.js';
import type { Instrument, SourceTick } from '../sources/price-source.js';

/** What the file is kept with. */
export interface LastPricesFileOptions {
  /** Absolute path; its folder must exist. */
  readonly file: string;
  readonly clock: Clock;
  /** Changes are written together, at most once in this span. @default 2000 */
  readonly saveEveryMs?: number;
  /** Told in words of a file that could not be read or written. */
  readonly onProblem: (problem: string) => void;
}

/** The last prices on disk. */
export interface LastPricesFile {
  /**
   * The prices of the last run by source and instrument; empty without a usable file. Rejects with `ConfigurationError` when what
   * is there is no plain file: a link, a pipe, a folder.
   */
  load(): Promise<void>;
  /** The kept tick of an instrument, as a stale one under its own time; none of another source or currency. */
  recall(instrument: Pick<Instrument, 'source' | 'kind' | 'id' | 'currency'>): SourceTick | undefined;
  /** Keeps ticks; they are written soon. Stale ones change nothing. */
  note(ticks: readonly SourceTick[]): void;
  /** Writes what is not written yet. Never rejects. */
  close(): Promise<void>;
}

const version = 1;
const mostPrices = 2_000;
const largestFileBytes = 4_194_304;

const shared = {
  id: nameSchema,
  currency: z.string().max(16),
  source: z.string().max(32),
  timestamp: timeSchema,
};
const tickSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('coin'),
    ...shared,
    price: decimalSchema,
    marketCap: decimalSchema.optional(),
    volume24h: decimalSchema.optional(),
    priceChange24h: decimalSchema.optional(),
    high: decimalSchema.optional(),
    low: decimalSchema.optional(),
  }),
  z.object({
    kind: z.literal('metal'),
    ...shared,
    price: z.number(),
    change: z.number(),
    changePercent: z.number(),
    high: z.number(),
    low: z.number(),
    unit: z.string().max(32),
  }),
]);
const fileSchema = z.object({ version: z.literal(version), ticks: z.array(tickSchema).max(mostPrices) });

const keyOf = (source: string, id: string): string => `${source} ${id}`;

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'it is no list of prices';
}

function notPlain(file: string): ConfigurationError {
  return new ConfigurationError([
    `PRICE_CACHE_FILE: ${file} is no plain file (a link, a pipe, a folder or a device): name a file, or a new one in a folder that is there`,
  ]);
}

/** The text of a file that is one: whoever opens a pipe waits for ever, and a link leads elsewhere. */
async function readPlainFile(file: string): Promise<string> {
  if (!(await lstat(file)).isFile()) throw notPlain(file);
  let handle: FileHandle;
  try {
    // Between the two somebody may have put something else there. Where there are no such flags (Windows) they count as 0.
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw error instanceof Error && 'code' in error && error.code === 'ELOOP' ? notPlain(file) : error;
  }
  try {
    const about = await handle.stat();
    if (!about.isFile()) throw notPlain(file);
    if (about.size > largestFileBytes) throw new Error('too big');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** Makes the keeper; nothing is read or written before `load` and `note`. */
export function createLastPricesFile(options: LastPricesFileOptions): LastPricesFile {
  const { file, clock, saveEveryMs = 2_000, onProblem } = options;
  const kept = new Map<string, SourceTick>();
  let cancelSave: (() => void) | undefined;
  let saving: Promise<void> = Promise.resolve();
  let isDirty = false;
  let hasComplained = false;

  async function read(): Promise<void> {
    const { ticks } = fileSchema.parse(JSON.parse(await readPlainFile(file)));
    // The clock may have been corrected a little between the runs; a price from further ahead has no honest time.
    const now = clock.now();
    const usable = ticks.filter(({ timestamp }) => !isAhead(timestamp, now));
    for (const tick of usable) kept.set(keyOf(tick.source, tick.id), withoutGaps(tick));
    const ahead = ticks.length - usable.length;
    if (ahead > 0) onProblem(`${ahead} of the last prices have times ahead of the clock and are left aside: ${file}`);
  }

  /** Whole or not at all: a reader never sees half a file, and a crash leaves the old one. */
  async function write(): Promise<void> {
    isDirty = false;
    const text = JSON.stringify({ version, ticks: [...kept.values()] });
    const draft = `${file}.draft`;
    try {
      // Somebody may have put a link there, to a file that only this user can write: it goes, and what is written is new.
      await rm(draft, { force: true });
      const handle = await open(draft, 'wx', 0o600);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(draft, file);
      hasComplained = false;
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      if (!hasComplained) onProblem(`The last prices could not be written (${reasonOf(error)}): ${file}`);
      hasComplained = true;
    }
  }

  function save(): Promise<void> {
    cancelSave?.();
    cancelSave = undefined;
    saving = saving.then(() => (isDirty ? write() : undefined));
    return saving;
  }

  return {
    async load() {
      try {
        await read();
      } catch (error) {
        if (error instanceof ConfigurationError) throw error;
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
        onProblem(`The last prices could not be read (${reasonOf(error)}), starting without them: ${file}`);
      }
    },
    recall({ source, kind, id, currency }) {
      const tick = kept.get(keyOf(source, id));
      return tick?.kind === kind && tick.currency === currency ? { ...tick, stale: true } : undefined;
    },
    note(ticks) {
      for (const tick of ticks) {
        if (tick.stale) continue;
        const { startsEpoch: _startsEpoch, ...plain } = tick;
        const key = keyOf(tick.source, tick.id);
        if (!kept.has(key) && kept.size >= mostPrices) continue;
        kept.set(key, plain);
        isDirty = true;
      }
      if (isDirty) cancelSave ??= clock.after(saveEveryMs, () => void save());
    },
    close: () => save(),
  };
}

/** zod leaves keys that are `undefined` out of its output, but not out of its types. */
function withoutGaps(tick: z.infer<typeof tickSchema>): SourceTick {
  return Object.fromEntries(Object.entries(tick).filter(([, value]) => value !== undefined)) as unknown as SourceTick;
}
