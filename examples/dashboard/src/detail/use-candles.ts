/** The candles of an instrument: the server's, or made of the prices that have come where it has none. */
import { useConnection, usePriceHistory, type PriceChannel } from '@tickwire/react';
import { useEffect, useMemo, useState } from 'react';
import type { AskCandles, Candle, ChannelCandles } from '../market/candles.js';
import { candlesOf } from './chart-data.js';

/** What is known. */
export interface KnownCandles {
  candles: readonly Candle[];
  /** Whether they are asked for. */
  isWaiting: boolean;
  /** Whether they are made of what came to this page alone. */
  isOwn: boolean;
  /** What is before this moment (epoch ms) was made up by a simulation. */
  madeUpBefore: number | undefined;
}

interface Answer {
  for: string;
  found: ChannelCandles | undefined;
}

const ownPoints = 300;

export function useCandles(channel: PriceChannel, interval: number, ask: AskCandles): KnownCandles {
  // A connection that came back may have missed some.
  const since = useConnection((connection) => (connection.status === 'connected' ? connection.since : 0));
  const [answer, setAnswer] = useState<Answer>();
  const wanted = `${channel} ${interval}`;
  useEffect(() => {
    let isLeft = false;
    void ask([channel], interval).then((all) => {
      const found = all.get(channel);
      // What is drawn stays while the server cannot be asked.
      if (!isLeft) setAnswer((now) => (found === undefined && now?.for === wanted ? now : { for: wanted, found }));
    });
    return () => {
      isLeft = true;
    };
  }, [ask, channel, interval, wanted, since]);
  const isWaiting = answer?.for !== wanted;
  const told = isWaiting ? undefined : answer.found;
  const isOwn = !isWaiting && (told === undefined || told.candles.length === 0);
  // Not asked for where the server has candles.
  const history = usePriceHistory(isOwn ? channel : null, { points: ownPoints, everyMs: 1_000 });
  const isLong = history.length > 0;
  const first = useMemo(
    () => candlesOf(isLong ? history.map((point) => ({ at: point.at, price: point.price })) : [], interval),
    [history, isLong, interval],
  );
  return {
    candles: told !== undefined && !isOwn ? told.candles : first,
    isWaiting,
    isOwn,
    madeUpBefore: told?.madeUpBefore,
  };
}
