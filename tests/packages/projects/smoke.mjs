// What every cell of the matrix runs, whatever runs it: no Node, no page, nothing but a client and time.

const lossChannel = 'coin:lose-the-server';

async function until(what, holds, withinMs = 15_000) {
  const end = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Connects, subscribes, receives, gets a new token, loses the server for 2 s and comes back, dials where nobody answers,
 * and closes. The server looks at how long it took to come back, and at what is left open.
 *
 * @param given the class; where the server is, and where nobody listens; options that a cell adds
 * @throws an error that says which step did not happen
 */
export async function smoke({ PriceWebSocketClient, url, refusedUrl, options = {} }) {
  const reconnect = { minDelayMs: 100, baseDelayMs: 200, maxDelayMs: 500 };
  const reasons = [];
  const prices = [];
  const statuses = [];
  const client = new PriceWebSocketClient(url, {
    reconnect,
    token: ({ reason }) => {
      reasons.push(reason);
      return `token-${reasons.length}`;
    },
    ...options,
  });
  client.on('connection', ({ status }) => statuses.push(status));
  const subscription = client.subscribe('coin:bitcoin', (tick) => prices.push(tick.price));
  const { confirmed } = await subscription.ready();
  if (!confirmed) throw new Error('The subscription was not confirmed.');
  await until('a price', () => prices.includes(1));
  await until('a new token', () => reasons.includes('expired'));

  client.subscribe(lossChannel, () => undefined);
  await until('the loss of the server', () => statuses.includes('reconnecting'));
  await until('a price after the server was lost', () => prices.includes(2));

  const seen = [];
  const refused = new PriceWebSocketClient(refusedUrl, { reconnect, ...options });
  refused.on('connection', ({ status }) => seen.push(status));
  refused.subscribe('coin:bitcoin', () => undefined);
  // Two attempts that have ended: neither waits for a time-out.
  await until('two refused dials', () => seen.filter((status) => status === 'reconnecting').length >= 2, 6_000);
  await refused.close();
  if (refused.connection.get().status !== 'closed') throw new Error('The refused client did not close.');

  subscription.unsubscribe();
  await client.close();
  if (client.connection.get().status !== 'closed') throw new Error('The client did not close.');
  return 'done';
}
