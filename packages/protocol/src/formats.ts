/** What JSON Schema cannot say of a text: decimals that are finite, dates that exist. Asked by the codec and by zod's schemas. */

const decimalPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Whether a text is a decimal of the contract with a finite value: `"1e400"` is none. */
export function isDecimalString(text: string): boolean {
  return decimalPattern.test(text) && Number.isFinite(Number(text));
}

/** What `twoDigits` gives for what are no digits: above every range that a time has. Whole numbers are quicker than NaN. */
const noDigits = 1_000;

/** The number that two digits at `at` make. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) ^ 48;
  const ones = text.charCodeAt(at + 1) ^ 48;
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : noDigits;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The last text that was a time: the times of one frame, and of frames in one burst, are mostly the same. */
let lastTime: string | undefined;
const longestRemembered = 40;

/**
 * Whether a text is an ISO 8601 time with `Z` or an offset, of a day that exists: what `z.iso.datetime({ offset: true })` takes,
 * at a fifth of the time of its pattern.
 */
export function isTime(text: string): boolean {
  if (text === lastTime) return true;
  if (!isTimeText(text)) return false;
  if (text.length <= longestRemembered) lastTime = text;
  return true;
}

function isTimeText(text: string): boolean {
  const length = text.length;
  if (length < 20 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(10) !== 84) return false;
  const century = twoDigits(text, 0);
  const ofCentury = twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (century > 99 || ofCentury > 99 || month < 1 || month > 12 || day < 1) return false;
  if (day > 28 && day > daysOf(century * 100 + ofCentury, month)) return false;
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return false;
  if (twoDigits(text, 11) > 23 || twoDigits(text, 14) > 59 || twoDigits(text, 17) > 59) return false;
  let at = 19;
  if (text.charCodeAt(at) === 46) {
    do at += 1;
    while (at < length && (text.charCodeAt(at) ^ 48) <= 9);
    if (at === 20) return false;
  }
  // Most times end in Z; past the end charCodeAt gives NaN, which equals nothing.
  const sign = text.charCodeAt(at);
  if (sign === 90) return at + 1 === length;
  return (
    (sign === 43 || sign === 45) &&
    at + 6 === length &&
    twoDigits(text, at + 1) <= 23 &&
    text.charCodeAt(at + 3) === 58 &&
    twoDigits(text, at + 4) <= 59
  );
}
