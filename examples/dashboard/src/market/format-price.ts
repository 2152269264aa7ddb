/** What the page writes: prices in their currency, which way they moved, how old they are; pure. */
import { createPriceFormatter, type PriceFormatter } from '@tickwire/client/format';

const mostFormatters = 100;
const formatters = new Map<string | undefined, PriceFormatter>();

/** One formatter a currency. */
function formatterOf(currency: string | undefined): PriceFormatter {
  let formatter = formatters.get(currency);
  if (formatter === undefined) {
    if (formatters.size >= mostFormatters) formatters.clear();
    formatter = createPriceFormatter({ currency });
    formatters.set(currency, formatter);
  }
  return formatter;
}

/** A price with its currency; without one the number alone. */
export function formatPrice(price: number, currency: string | undefined): string {
  return formatterOf(currency)(price);
}

/** A change in the price's own currency, signed. */
export function formatChange(change: number, price: number, currency: string | undefined): string {
  return formatterOf(currency).formatChange(change, price);
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
