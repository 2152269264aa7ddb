/** The values of upstreams and recordings: how long they may be, and which times are believed. Pure. */
import { decimalSchema } from '@tickwire/protocol';
import * as z from 'zod';
import { toIso } from '../clock.js';

/** Digits beyond this are no price; they would fill the memory, and the frames of everybody. */
const longestDecimal = 64;
/** Nanoseconds and an offset need less. */
const longestTime = 40;
/** Epoch ms beyond which there is no date. */
const lastInstant = 8_640_000_000_000_000;

/** A price, an amount or a volume as an upstream writes it. */
export const upstreamDecimal = decimalSchema.refine(
  (value) => typeof value === 'number' || value.length <= longestDecimal,
  { error: `expected at most ${longestDecimal} characters` },
);

/** A time as an upstream writes it. */
export const upstreamTime = z
  .string()
  .max(longestTime)
  .pipe(z.iso.datetime({ offset: true }));

/** A counter of an upstream; one that cannot be is passed over. */
export const upstreamCount = z.int().min(0).optional().catch(undefined);

/** Whether a number is an instant: 1e308 is a number and no time. */
export function isInstant(at: number): boolean {
  return Math.abs(at) <= lastInstant;
}

/** Clocks differ; a time further ahead is none: a price under it would be fresh for ever, and every later one look old. */
const mostAheadMs = 300_000;

/** Whether a time is so far ahead of the clock that it is not believed. */
export function isAhead(time: string | number, now: number): boolean {
  return (typeof time === 'number' ? time : Date.parse(time)) > now + mostAheadMs;
}

/** A price's own time, or that of its arrival where its own is not believed. */
export function believedTime(time: string, now: number): string {
  return isAhead(time, now) ? toIso(now) : time;
}
