/** What JSON Schema cannot say of a text: decimals that are finite, dates that exist. Asked by the codec and by zod's schemas. */

const decimalPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Whether a value is a decimal of the contract, as text with a finite value: `"1e400"` is none. */
export function isDecimalString(value: unknown): boolean {
  return typeof value === 'string' && decimalPattern.test(value) && Number.isFinite(Number(value));
}

/** All but whether a year has its 29 February. */
const timePattern =
  /^\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d)|(?:0[13-9]|1[0-2])-30|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

const isLeapYear = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** The last text that was a time: the times of one frame, and of frames in one burst, are mostly the same. */
let lastTime: string | undefined;
const longestRemembered = 40;

/** Whether a value is an ISO 8601 time with `Z` or an offset, of a day that exists: what `z.iso.datetime({ offset: true })` takes. */
export function isTime(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  if (value === lastTime) return true;
  if (!timePattern.test(value)) return false;
  if (value.startsWith('02-29', 5) && !isLeapYear(Number(value.slice(0, 4)))) return false;
  if (value.length <= longestRemembered) lastTime = value;
  return true;
}
