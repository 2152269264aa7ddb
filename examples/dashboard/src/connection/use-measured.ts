/** Messages a second and the round trip, measured while somebody looks. */
import type { PriceWebSocketClient } from '@tickwire/client';
import { useEffect, useState } from 'react';
import { useNow } from '../shell/use-now.js';
import type { Measured } from './connection-facts.js';
import { rateOf, withSample, type CountSample } from './message-rate.js';

/** So often a question is asked only for its answer's time: a busy link needs no pings, and so measures nothing by itself. */
const everyMs = 10_000;

type MeasuredClient = Pick<PriceWebSocketClient, 'connection' | 'history' | 'stats'>;

/** The time that a question takes; a refusal is an answer as well. */
async function askedAndAnswered(client: MeasuredClient): Promise<number> {
  const askedAt = performance.now();
  await client.history('global', { limit: 1 }).catch(() => undefined);
  return performance.now() - askedAt;
}

/**
 * What is measured of a client's connection.
 * @param since epoch ms of the connection; `undefined` while there is none
 */
export function useMeasured(client: MeasuredClient, since: number | undefined): Measured {
  const now = useNow();
  const [samples, setSamples] = useState<readonly CountSample[]>([]);
  const [answer, setAnswer] = useState<{ since: number; ms: number }>();
  const last = samples.at(-1);
  if (now > 0 && last?.at !== now) setSamples(withSample(samples, { at: now, count: client.stats().messages }));

  useEffect(() => {
    if (since === undefined) return undefined;
    let isLeft = false;
    const ask = (): void => {
      void askedAndAnswered(client).then((ms) => {
        if (!isLeft && client.connection.get().status === 'connected') setAnswer({ since, ms });
      });
    };
    ask();
    const timer = setInterval(ask, everyMs);
    return () => {
      isLeft = true;
      clearInterval(timer);
    };
  }, [client, since]);

  return { rate: rateOf(samples), roundTripMs: answer?.since === since ? answer?.ms : undefined };
}
