/** What the demo prints. Pure. */
import { coinQuote, metalQuotes, type CoinPriceMessage, type MetalPricesMessage } from '@tickwire/protocol';
import type { ServerConfig } from '../config.js';
import type { PublishedMessage } from '../engine/engine.js';

const coinsInLine = 3;
const metalsInLine = 1;
const digits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 7 });

function quoteOf({ body }: PublishedMessage) {
  // The body is our own: it was checked when it was published.
  const message = JSON.parse(body) as CoinPriceMessage | MetalPricesMessage;
  return message.type === 'priceUpdate' ? metalQuotes(message)[0] : coinQuote(message);
}

/** One line with a few live prices: `12:00:05  bitcoin 64,012.31 USD · gold 7,401.2 INR/gram · 2 connections`. */
export function priceLine(messages: readonly PublishedMessage[], now: number, connections: number): string {
  const coins = messages.filter(({ channel }) => channel.startsWith('coin:')).slice(0, coinsInLine);
  const metals = messages.filter(({ channel }) => channel.startsWith('metal:')).slice(0, metalsInLine);
  const prices = [...coins, ...metals].flatMap((message) => {
    const quote = quoteOf(message);
    if (quote === undefined) return [];
    const unit = quote.unit === undefined ? '' : `/${quote.unit}`;
    return [`${quote.id} ${digits.format(quote.price)} ${quote.currency ?? ''}${unit}`];
  });
  const time = new Date(now).toISOString().slice(11, 19);
  return `${time}  ${prices.join(' · ')} · ${connections} ${connections === 1 ? 'connection' : 'connections'}`;
}

/** Where to look once the demo listens. */
export function placesToLook(
  { priceSource, pagesDir }: Pick<ServerConfig, 'priceSource' | 'pagesDir'>,
  port: number,
): string {
  const base = `http://localhost:${port}`;
  const prices = {
    simulated: 'simulated prices',
    replay: 'replayed coins and simulated metals',
    coinbase: 'coins of Coinbase Exchange and simulated metals',
    http: 'coins of a price API and simulated metals',
  }[priceSource];
  return [
    `Tickwire demo with ${prices}.`,
    `  Look at    ${base}${pagesDir === undefined ? ' (no pages: PAGES_DIR names no folder)' : ''}`,
    `  WebSocket  ws://localhost:${port}/ws`,
    `  Prices     ${base}/api/prices`,
    `  Status     ${base}/api/status`,
    'Ctrl+C ends it.',
  ].join('\n');
}
