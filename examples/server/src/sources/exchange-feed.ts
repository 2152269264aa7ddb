/** What is made of the frames of an exchange feed: which ticks are news, what was missed, and what the exchange complains of. Pure. */
import * as z from 'zod';
import type { Moment } from '../clock.js';
import { parseJson, readTicker, tickOfTicker, type Product } from './exchange-ticker.js';
import type { CoinTick } from './price-source.js';
import { believedTime } from './upstream-values.js';

/** Where one product stands. */
interface ProductMark {
  readonly sequence: number;
  readonly tradeId: number;
  /** Its own time, as far as it is believed. */
  readonly at: number;
  /** By the monotonic clock. */
  readonly receivedAt: number;
}

/** Where a feed stands; one for the life of the source, across connections. */
export interface FeedState {
  readonly marks: ReadonlyMap<string, ProductMark>;
  /** Trades that the feed jumped over. */
  readonly missed: number;
  /** Tickers that were older than what was known, as after a reconnect. */
  readonly outdated: number;
  /** Frames that could not be read. */
  readonly invalid: number;
}

/** A feed that has said nothing yet. */
export const silentFeed: FeedState = { marks: new Map(), missed: 0, outdated: 0, invalid: 0 };

/** What one frame brought. */
export interface FeedStep {
  readonly state: FeedState;
  readonly tick?: CoinTick;
  /** Whether it was a ticker of a product that was asked for, news or not: proof that the feed works. */
  readonly works?: true;
  /** Whether the ticker is of the trade that was last: a new link repeats it. */
  readonly isRepeat?: boolean;
  /** The coin whose ticker could not be read: what is known of it is no longer the last price. */
  readonly unread?: string;
  /** The exchange does not grant the subscription. */
  readonly refused?: true;
}

const frameSchema = z.looseObject({ type: z.string(), product_id: z.unknown().optional() });
/** The liveliest product has fewer trades; a jump beyond them is no loss but another count. */
const mostTradesAtOnce = 10_000;
const mostTradesPerSecond = 1_000;

/** Trades that lie between two; 0 when so many cannot have been. */
function missedBetween(last: ProductMark | undefined, mark: ProductMark): number {
  if (last === undefined || last.tradeId === 0) return 0;
  const jump = Math.max(0, mark.tradeId - last.tradeId - 1);
  const seconds = Math.max(0, mark.receivedAt - last.receivedAt) / 1_000;
  return jump <= mostTradesAtOnce + mostTradesPerSecond * seconds ? jump : 0;
}

/** Takes in one frame as it came. */
export function takeFrame(state: FeedState, text: string, ...how: Where): FeedStep {
  return takeMessage(state, parseJson(text), ...how);
}

/** What the exchange is asked for, the name of the source, and when the message came. */
type Where = [products: ReadonlyMap<string, Product>, source: string, arrival: Moment];

/**
 * Takes in one message. A time that is far ahead of the arrival is not believed; the tick then has that time. Messages of types that it does not need pass without a word.
 */
export function takeMessage(state: FeedState, parsed: unknown, ...[products, source, arrival]: Where): FeedStep {
  const frame = frameSchema.safeParse(parsed);
  if (!frame.success) return { state: { ...state, invalid: state.invalid + 1 } };
  if (frame.data.type === 'error') return { state, refused: true };
  if (frame.data.type !== 'ticker') return { state };
  const ticker = readTicker(parsed);
  const product = products.get(ticker?.product_id ?? String(frame.data.product_id));
  if (ticker === undefined || product === undefined) {
    const invalid = { ...state, invalid: state.invalid + 1 };
    return product === undefined ? { state: invalid } : { state: invalid, unread: product.coinId };
  }

  const last = state.marks.get(product.productId);
  const time = believedTime(ticker.time, arrival.at);
  const { sequence = 0, trade_id: tradeId = 0 } = ticker;
  const mark = { sequence, tradeId, at: Date.parse(time), receivedAt: arrival.elapsed };
  // A count that steps back is an old frame, unless its time went on: the exchange may begin to count anew.
  // One that is repeated, as a new link does, confirms what is known.
  const stepsBack = last !== undefined && (mark.sequence < last.sequence || mark.tradeId < last.tradeId);
  if (stepsBack && mark.at <= last.at) {
    return { state: { ...state, outdated: state.outdated + 1 }, works: true };
  }
  return {
    state: {
      ...state,
      missed: state.missed + missedBetween(last, mark),
      marks: new Map(state.marks).set(product.productId, mark),
    },
    tick: tickOfTicker({ ...ticker, time }, product.coinId, source),
    works: true,
    isRepeat:
      last !== undefined && mark.tradeId === last.tradeId && (mark.tradeId !== 0 || mark.sequence === last.sequence),
  };
}
