/** What somebody writes into the form of an alert, checked and made a rule; pure. */
import type { AlertCreateMessage } from '@tickwire/protocol';

/** What an alert waits for, as the form offers it. */
export const alertKinds = ['above', 'below', 'moves', 'falls'] as const;
/** One of them. */
export type AlertKind = (typeof alertKinds)[number];

/** A rule as the server takes it. */
export type AlertWish = AlertCreateMessage['data'];

/** What the form says of its fields. */
export type AlertReading =
  | {
      ok: true;
      wish: AlertWish;
      /** What the writer may not have meant. */
      hint: string | undefined;
    }
  | { ok: false; problem: string };

const mostPrice = 1e15;
const mostPercent = 1_000;

/** Whether what is written is a price, rather than a percentage. */
export function asksForPrice(kind: AlertKind): boolean {
  return kind === 'above' || kind === 'below';
}

/** A number as people write it: `64,250.50`, `1,23,456`, `$64250`, `5 %`. `undefined` for what is none, and for what might be two. */
export function numberIn(text: string): number | undefined {
  const bare = text
    .trim()
    .replace(/^[$€£₹]\s?/u, '')
    .replace(/\s?%$/, '');
  // A comma parts thousands or lakhs, and stands before the point: `1.234,5` is not guessed at.
  if (!/^[+-]?(?:\d+|\d{1,3}(?:,\d{2,3})*,\d{3})?(?:\.\d*)?$/.test(bare) || !/\d/.test(bare)) return undefined;
  const value = Number(bare.replaceAll(',', ''));
  return Number.isFinite(value) ? value : undefined;
}

function pricePart(kind: AlertKind, text: string, coinId: string | number, price: number | undefined): AlertReading {
  const target = numberIn(text);
  if (target === undefined) return { ok: false, problem: 'That is no price. Write digits and a point: 64250.50' };
  if (target <= 0) return { ok: false, problem: 'A price is more than nothing: 64250.50' };
  if (target > mostPrice) return { ok: false, problem: 'That is more than anything costs. Leave out some digits.' };
  const isReached = price !== undefined && (kind === 'above' ? price >= target : price <= target);
  const wish: AlertWish = {
    alertType: kind === 'above' ? 'price_above' : 'price_below',
    coinId,
    condition: { targetPrice: target },
  };
  return { ok: true, wish, hint: isReached ? `The price is ${kind} that already: it will fire at once.` : undefined };
}

function percentPart(kind: AlertKind, text: string, coinId: string | number, change: number | undefined): AlertReading {
  const written = numberIn(text);
  if (written === undefined) return { ok: false, problem: 'That is no percentage. Write a number: 5' };
  const percent = Math.abs(written);
  if (percent === 0) return { ok: false, problem: 'A price always moves by 0 %. Write how much counts: 5' };
  if (percent > mostPercent || (kind === 'falls' && percent >= 100))
    return { ok: false, problem: kind === 'falls' ? 'Nothing falls by 100 %. Write less: 5' : 'Write at most 1000' };
  const moved = change === undefined ? undefined : kind === 'falls' ? -change : Math.abs(change);
  // The contract's sign: a negative percentage is a fall, a positive one a move either way.
  const wish: AlertWish = {
    alertType: 'percent_change',
    coinId,
    condition: { percentageChange: kind === 'falls' ? -percent : percent },
  };
  const isReached = moved !== undefined && moved >= percent;
  return { ok: true, wish, hint: isReached ? 'It has moved so far already: it will fire at once.' : undefined };
}

/**
 * Reads the form.
 *
 * @param now the coin's price and its change of 24 hours in percent, as far as they are known
 */
export function readAlertForm(
  kind: AlertKind,
  text: string,
  coinId: string | number,
  now: { price?: number | undefined; changePercent?: number | undefined } = {},
): AlertReading {
  if (text.trim() === '') {
    const problem = asksForPrice(kind) ? 'Write at which price: 64250.50' : 'Write how many percent: 5';
    return { ok: false, problem };
  }
  return asksForPrice(kind)
    ? pricePart(kind, text, coinId, now.price)
    : percentPart(kind, text, coinId, now.changePercent);
}

/** What the form is filled with at first: a little away from the price, in digits that can be read. */
export function suggestion(kind: AlertKind, price: number | undefined): string {
  if (!asksForPrice(kind)) return '5';
  if (price === undefined || price <= 0) return '';
  return shortNumber(price * (kind === 'above' ? 1.01 : 0.99));
}

/** Five significant digits, never as a power of ten: `0.00000812` stays readable. */
export function shortNumber(value: number): string {
  const digits = Math.min(100, Math.max(0, 4 - Math.floor(Math.log10(value))));
  const text = value.toFixed(digits);
  if (!text.includes('.')) return text;
  let end = text.length;
  while (text.charAt(end - 1) === '0') end -= 1;
  return text.slice(0, text.charAt(end - 1) === '.' ? end - 1 : end);
}
