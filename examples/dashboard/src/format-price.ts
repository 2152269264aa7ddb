/** Numbers as people read them; pure, and never so short that a small price looks like nothing. */

const smallestPlainPrice = 1e-10;
const formats = new Map<string, Intl.NumberFormat>();

/** Intl's formatters are slow to make and few are needed: locale × currency × digits. */
function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(locale, options);
    formats.set(key, format);
  }
  return format;
}

/** Digits after the point: 2 from 10 on, 4 from 1 on, and below that as many as four significant digits take. */
export function fractionDigits(price: number): number {
  const size = Math.abs(price);
  if (size === 0 || size >= 10) return 2;
  if (size >= 1) return 4;
  // A price that rounds up to the next power of ten keeps its digits: no jump between 0.09999 and 0.1.
  return 3 - Math.floor(Math.log10(size));
}

/** Rupees are grouped in lakhs and crores, all else in thousands. */
function localeOf(currency: string | undefined): string {
  return currency === 'INR' ? 'en-IN' : 'en-US';
}

function digitsOf(price: number): Intl.NumberFormatOptions {
  if (price !== 0 && Math.abs(price) < smallestPlainPrice) {
    return { notation: 'scientific', maximumFractionDigits: 3 };
  }
  const digits = fractionDigits(price);
  return { minimumFractionDigits: digits, maximumFractionDigits: digits };
}

function withCurrency(value: number, currency: string | undefined, options: Intl.NumberFormatOptions): string {
  const locale = localeOf(currency);
  // Intl knows three-letter codes only; tickers such as USDT stand behind the number.
  if (currency !== undefined && /^[A-Z]{3}$/.test(currency)) {
    return numberFormat(locale, { ...options, style: 'currency', currency }).format(value);
  }
  const text = numberFormat(locale, options).format(value);
  return currency === undefined ? text : `${text} ${currency}`;
}

/**
 * A price with its currency.
 *
 * @param currency ISO 4217 (`USD`) or a ticker (`USDT`); `undefined` gives the number alone
 * @example formatPrice(0.00000812, 'USD') // "$0.000008120"
 * @example formatPrice(123456.5, 'INR') // "₹1,23,456.50"
 */
export function formatPrice(price: number, currency: string | undefined): string {
  return withCurrency(price, currency, digitsOf(price));
}

/** A change in the price's own currency, signed, with the digits of the price, or more where those would show zero. */
export function formatChange(change: number, price: number, currency: string | undefined): string {
  const digits = fractionDigits(price);
  const shows = change === 0 || Math.abs(change) >= 10 ** -digits;
  const options = shows ? { minimumFractionDigits: digits, maximumFractionDigits: digits } : digitsOf(change);
  return withCurrency(change, currency, { ...options, signDisplay: 'exceptZero' });
}

/** A change in percent, signed: `+0.47%`, `-0.30%`, `0.00%`. */
export function formatPercent(percent: number): string {
  const options = { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: 'exceptZero' } as const;
  return `${numberFormat('en-US', options).format(percent)}%`;
}

/** Which way a percentage points as it is shown: one that rounds to zero points nowhere. */
export function trendOf(percent: number | undefined): 'up' | 'down' | 'flat' | 'unknown' {
  if (percent === undefined) return 'unknown';
  const shown = Math.round(percent * 100);
  if (shown === 0) return 'flat';
  return shown > 0 ? 'up' : 'down';
}

/** How long ago something was, in the largest whole unit; `undefined` below a second. */
export function formatAge(ageMs: number): string | undefined {
  const seconds = Math.floor(ageMs / 1_000);
  if (seconds < 1) return undefined;
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
