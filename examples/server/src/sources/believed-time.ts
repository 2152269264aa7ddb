/** Which times are believed. Pure. */
import { toIso } from '../clock.js';

/** Clocks differ; a time further ahead is none: a price under it would be fresh for ever, and every later one look old. */
const mostAheadMs = 300_000;
/** Nanoseconds and an offset need less; a text that is longer only fills the memory. */
export const longestTime = 40;

/** Whether a time is so far ahead of the clock that it is not believed. */
export function isAhead(time: string | number, now: number): boolean {
  return (typeof time === 'number' ? time : Date.parse(time)) > now + mostAheadMs;
}

/** A price's own time, or that of its arrival where its own is not believed. */
export function believedTime(time: string, now: number): string {
  return isAhead(time, now) ? toIso(now) : time;
}
