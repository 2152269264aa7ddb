/** Prices as people read them; pure, and never so short that a small price looks like nothing. An entry of its own. */

/** How prices are written. */
export interface PriceFormat {
  /** BCP 47 tag. @default 'en-IN' for INR (lakhs and crores), else 'en-US' */
  locale?: string | undefined;
  /** ISO 4217 (`USD`) or a ticker (`USDT`), which then stands behind the number; without it the number alone. */
  currency?: string | undefined;
}

/** Writes prices of one currency in one locale; made once, used for each price. */
export interface PriceFormatter {
  /** `0.00000812` → `$0.000008120`, `123456.5` in INR → `₹1,23,456.50`; what is no finite number → `–`. */
  (price: number): string;
  /** The same as calling the formatter. */
  format(price: number): string;
  /** A change in the price's own currency, signed, with the digits of the price, or more where those would show zero. */
  formatChange(change: number, price: number): string;
}

const smallestPlainPrice = 1e-10;
const mostFormats = 200;
const formats = new Map<string, Intl.NumberFormat>();

/** Intl's formatters are slow to make and few are needed: locale × currency × digits. */
function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (format === undefined) {
    if (formats.size >= mostFormats) formats.clear();
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
  return Math.min(100, 3 - Math.floor(Math.log10(size)));
}

function digitsOf(price: number): Intl.NumberFormatOptions {
  if (price !== 0 && Math.abs(price) < smallestPlainPrice) return { notation: 'scientific', maximumFractionDigits: 3 };
  const digits = fractionDigits(price);
  return { minimumFractionDigits: digits, maximumFractionDigits: digits };
}

/**
 * A formatter for prices of one currency.
 *
 * @throws RangeError when `locale` is no language tag
 * @example createPriceFormatter({ currency: 'USD' })(0.00000123) // "$0.000001230"
 */
export function createPriceFormatter({ locale, currency }: PriceFormat = {}): PriceFormatter {
  const language = locale ?? (currency === 'INR' ? 'en-IN' : 'en-US');
  numberFormat(language, {}); // an ill-formed tag fails here, not at the first price
  const write = (value: number, options: Intl.NumberFormatOptions): string => {
    if (!Number.isFinite(value)) return '–';
    // Nothing has no sign.
    if (value === 0) value = 0;
    // Intl knows three-letter codes only; tickers such as USDT stand behind the number.
    if (currency !== undefined && /^[A-Z]{3}$/.test(currency)) {
      return numberFormat(language, { ...options, style: 'currency', currency }).format(value);
    }
    const text = numberFormat(language, options).format(value);
    return currency === undefined ? text : `${text} ${currency}`;
  };
  const format = (price: number): string => write(price, digitsOf(price));
  const formatChange = (change: number, price: number): string => {
    const digits = fractionDigits(price);
    const shows = change === 0 || Math.abs(change) >= 10 ** -digits;
    // Platforms write 20 digits at least, some no more: below that a price is written in powers of ten.
    const plain = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    const options = shows && digits <= 20 ? plain : digitsOf(change);
    return write(change, { ...options, signDisplay: 'exceptZero' });
  };
  return Object.assign(format.bind(undefined), { format, formatChange });
}

/**
 * A change in percent, signed: `+0.47%`, `-0.30%`, `0.00%`; what is no finite number → `–`.
 *
 * @param percent 0.47 means 0.47 %
 * @param locale BCP 47 tag @default 'en-US'
 */
export function formatPercent(percent: number, locale = 'en-US'): string {
  if (!Number.isFinite(percent)) return '–';
  const options = { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: 'exceptZero' } as const;
  return `${numberFormat(locale, options).format(percent)}%`;
}

/**
 * How old a value is by its own time, in ms: by the sender's `timestamp` where it says one, else by its arrival here.
 *
 * @param tick a price as the client gives it
 * @param now epoch ms
 * @param clockOffsetMs `client.stats().clockOffsetMs`: the server's clock minus this machine's
 * @returns 0 for a time that is not over yet
 */
export function valueAgeMs(
  { timestamp, receivedAt }: { readonly timestamp: string | undefined; readonly receivedAt: number },
  now: number,
  clockOffsetMs: number | null = 0,
): number {
  const at = timestamp === undefined ? NaN : Date.parse(timestamp) - (clockOffsetMs ?? 0);
  return Math.max(0, now - (Number.isFinite(at) ? at : receivedAt));
}
