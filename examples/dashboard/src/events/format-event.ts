/** How events are written: short amounts, the time of day, shortened addresses; pure. */
import { decimalToNumber } from '@tickwire/protocol';
import type { FeedChannel, MissedEvents } from './feed-lines.js';

const short = { notation: 'compact', maximumSignificantDigits: 3 } as const;
const huge = { notation: 'scientific', maximumSignificantDigits: 3 } as const;
const usd = { style: 'currency', currency: 'USD' } as const;
const counts = new Intl.NumberFormat('en-US', short);
const hugeCounts = new Intl.NumberFormat('en-US', huge);
const dollars = new Intl.NumberFormat('en-US', { ...short, ...usd });
const hugeDollars = new Intl.NumberFormat('en-US', { ...huge, ...usd });
/** From here on short words for thousands run out. */
const hugeFrom = 1e15;
const longestText = 40;
const jumps = new Intl.NumberFormat('en-US', {
  ...{ style: 'percent', signDisplay: 'exceptZero', maximumSignificantDigits: 3 },
});
const timeOfDay = new Intl.DateTimeFormat('en-US', {
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  hourCycle: 'h23',
});

/** `12400000` → `$12.4M`; what is no number → `–`. */
export function formatDollars(value: number | string): string {
  const number = decimalToNumber(value);
  if (number === undefined) return '–';
  return (Math.abs(number) < hugeFrom ? dollars : hugeDollars).format(number);
}

/** `12345` → `12.3K`; what is no number → `–`. */
export function formatCount(value: number | string): string {
  const number = decimalToNumber(value);
  if (number === undefined) return '–';
  return (Math.abs(number) < hugeFrom ? counts : hugeCounts).format(number);
}

/** A change as spikes have it, whole where it is large: `187` → `+187%`, `-12.5` → `-12.5%`; what is no number → `–`. */
export function formatJump(percent: number | undefined): string {
  return percent === undefined ? '–' : jumps.format(percent / 100);
}

/** The time of day in the reader's time zone, `14:03:21`; what is no time → `–`. */
export function formatTimeOfDay(timestamp: string): string {
  const at = Date.parse(timestamp);
  return Number.isNaN(at) ? '–' : timeOfDay.format(at);
}

/** `0x3e7f0a2b…` → `0x3e7f…`; what is short stays whole. */
export function shortAddress(address: string): string {
  return address.length > 8 ? `${address.slice(0, 6)}…` : address;
}

/** `twitter` → `Twitter`, cut where it is too long for a line. */
export function platformName(platform: string): string {
  return `${platform.charAt(0).toUpperCase()}${platform.slice(1, longestText)}`;
}

/** What a channel carries, one and many. */
const carried: Readonly<Record<FeedChannel, readonly [one: string, many: string]>> = {
  whales: ['whale', 'whales'],
  social: ['spike', 'spikes'],
};

function countWords(count: number, channel: FeedChannel): string {
  const [one, many] = carried[channel];
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}

/** How many never came, as a sentence; whether any, where nobody can know. */
export function missedWords({ count, channel, isAway }: MissedEvents): string {
  const how = isAway ? 'missed while you were away' : 'lost on the way';
  return count === null ? `Some ${carried[channel][1]} may have been ${how}` : `${countWords(count, channel)} ${how}`;
}

/** How many came while nobody looked, or late: as a sentence above them. */
export function awayWords(count: number, channel: FeedChannel): string {
  return `${countWords(count, channel)} while you were away`;
}
