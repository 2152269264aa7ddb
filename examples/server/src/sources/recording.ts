/**
 * Reads recordings: exchange ticker frames as JSON lines, or a JSON array of candles. Pure. It keeps prices as they were
 * written, digit for digit, and never makes one up: a line that cannot be read is counted and left out.
 */
import { coin } from '@tickwire/protocol';
import * as z from 'zod';
import { parseJson, readTicker, tickOfTicker } from './exchange-ticker.js';
import type { CoinTick, Instrument } from './price-source.js';
import { isInstant, upstreamDecimal, upstreamTime } from './upstream-values.js';

/** One recorded tick and when it came, counted from the first. */
export interface RecordedTick {
  readonly offsetMs: number;
  readonly tick: CoinTick;
}

/** A recording, ready to be played. */
export interface Recording {
  readonly instruments: readonly Instrument[];
  /** In the order of their offsets. */
  readonly ticks: readonly RecordedTick[];
  /** Lines or candles that could not be read. */
  readonly skippedLines: number;
}

const source = 'replay';
const staleAfterMs = 60_000;

const lineSchema = z.looseObject({ receivedAt: z.number().refine(isInstant), frame: z.string() });
const frameTypeSchema = z.looseObject({ type: z.string() });
const candleSchema = z.looseObject({
  base: z.string().regex(/^[A-Za-z0-9]{1,20}$/),
  counter: z.string().regex(/^[A-Za-z0-9]{1,20}$/),
  open: upstreamDecimal,
  high: upstreamDecimal,
  low: upstreamDecimal,
  close: upstreamDecimal,
  openTimeInISO: upstreamTime,
  openTimeInMillis: z.number(),
  sizeInMillis: z.number(),
});

/** Why a file is no recording. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

function tickerOf(line: string): { at: number; tick: CoinTick } | 'other' | undefined {
  const record = lineSchema.safeParse(parseJson(line));
  if (!record.success) return undefined;
  const frame = parseJson(record.data.frame);
  const kind = frameTypeSchema.safeParse(frame);
  if (!kind.success) return undefined;
  if (kind.data.type !== 'ticker') return 'other';
  const ticker = readTicker(frame);
  if (ticker === undefined) return undefined;
  return { at: record.data.receivedAt, tick: tickOfTicker(ticker, ticker.product_id.toLowerCase(), source) };
}

function candleOf(value: unknown): { at: number; tick: CoinTick } | undefined {
  const candle = candleSchema.safeParse(value);
  if (!candle.success || !isInstant(candle.data.openTimeInMillis + candle.data.sizeInMillis)) return undefined;
  const { base, counter, high, low, close, openTimeInISO, openTimeInMillis, sizeInMillis } = candle.data;
  return {
    // A candle is known once it closes.
    at: openTimeInMillis + sizeInMillis,
    tick: {
      kind: 'coin',
      id: `${base}-${counter}`.toLowerCase(),
      price: close,
      high,
      low,
      currency: counter.toUpperCase(),
      source,
      timestamp: openTimeInISO,
    },
  };
}

function instrumentOf(tick: CoinTick): Instrument {
  return {
    channel: coin(tick.id),
    kind: 'coin',
    id: tick.id,
    aliases: [tick.id.toUpperCase()],
    currency: tick.currency,
    source,
    staleAfterMs,
  };
}

/**
 * Reads a recording from the text of a file.
 *
 * @throws RecordingError when there is no tick in it
 */
export function parseRecording(text: string): Recording {
  const found: { at: number; tick: CoinTick }[] = [];
  let skippedLines = 0;
  const whole = text.trimStart().startsWith('[') ? parseJson(text) : undefined;
  if (Array.isArray(whole)) {
    for (const value of whole) {
      const candle = candleOf(value);
      if (candle === undefined) skippedLines += 1;
      else found.push(candle);
    }
  } else {
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue;
      const ticker = tickerOf(line);
      if (ticker === undefined) skippedLines += 1;
      else if (ticker !== 'other') found.push(ticker);
    }
  }
  const first = found[0];
  if (first === undefined) {
    throw new RecordingError(
      'no price in it: expected lines of {"receivedAt":…,"frame":"{\\"type\\":\\"ticker\\",…}"} or a JSON array of candles',
    );
  }
  const instruments = new Map(found.map(({ tick }) => [tick.id, instrumentOf(tick)]));
  // A recorder's clock may step back; the order of the file counts, and no delay is negative.
  let latest = first.at;
  const ticks = found.map(({ at, tick }) => {
    latest = Math.max(latest, at);
    return { offsetMs: latest - first.at, tick };
  });
  return { instruments: [...instruments.values()], ticks, skippedLines };
}
