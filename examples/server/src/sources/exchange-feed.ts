/** What is made of the frames of an exchange feed: which ticks are news, what was missed, and what the exchange complains of. Pure. */
import * as z from 'zod';
import { parseJson, readTicker, tickOfTicker, type Product } from './exchange-ticker.js';
import type { CoinTick } from './price-source.js';

/** Where one product stands. */
interface ProductMark {
  readonly sequence: number;
  readonly tradeId: number;
  readonly at: number;
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
  /** The exchange does not grant the subscription. */
  readonly refused?: true;
}

const frameSchema = z.looseObject({ type: z.string() });

/** The question that opens a feed: prices, and a beat each second by which a dead link is told from a quiet market. */
export function subscribeFrame(products: Iterable<Product>): string {
  const ids = Array.from(products, ({ productId }) => productId);
  return JSON.stringify({ type: 'subscribe', product_ids: ids, channels: ['ticker', 'heartbeat'] });
}

/** Takes in one frame. Frames of types that it does not need pass without a word. */
export function takeFrame(
  state: FeedState,
  text: string,
  products: ReadonlyMap<string, Product>,
  source: string,
): FeedStep {
  const parsed = parseJson(text);
  const frame = frameSchema.safeParse(parsed);
  if (!frame.success) return { state: { ...state, invalid: state.invalid + 1 } };
  if (frame.data.type === 'error') return { state, refused: true };
  if (frame.data.type !== 'ticker') return { state };
  const ticker = readTicker(parsed);
  const product = ticker === undefined ? undefined : products.get(ticker.product_id);
  if (ticker === undefined || product === undefined) return { state: { ...state, invalid: state.invalid + 1 } };

  const last = state.marks.get(product.productId);
  const mark = { sequence: ticker.sequence ?? 0, tradeId: ticker.trade_id ?? 0, at: Date.parse(ticker.time) };
  // A count that steps back is an old frame, unless its time went on: the exchange may begin to count anew.
  // One that is repeated, as a new link does, confirms what is known.
  const stepsBack = last !== undefined && (mark.sequence < last.sequence || mark.tradeId < last.tradeId);
  if (stepsBack && mark.at <= last.at) {
    return { state: { ...state, outdated: state.outdated + 1 }, works: true };
  }
  const jump = last === undefined || last.tradeId === 0 ? 0 : Math.max(0, mark.tradeId - last.tradeId - 1);
  return {
    state: { ...state, missed: state.missed + jump, marks: new Map(state.marks).set(product.productId, mark) },
    tick: tickOfTicker(ticker, product.coinId, source),
    works: true,
    isRepeat:
      last !== undefined && mark.tradeId === last.tradeId && (mark.tradeId !== 0 || mark.sequence === last.sequence),
  };
}
