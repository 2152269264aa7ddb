import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../src/clock.js';
import { createCoinbaseSource, type CoinbaseSourceOptions } from '../src/sources/coinbase.js';
import type { PriceSource } from '../src/sources/price-source.js';
import { startExchange, ticker } from './exchange-server.js';
import { createManualClock } from './manual-clock.js';
import { createPriceLog, until } from './price-log.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function start(url: string, more: Partial<CoinbaseSourceOptions> = {}) {
  const log = createPriceLog();
  const source: PriceSource = createCoinbaseSource({
    clock: systemClock,
    random: () => 0.5,
    url,
    products: ['BTC-USD', 'ETH-USD'],
    backoff: { leastMs: 10, baseMs: 20, mostMs: 40 },
    ...more,
  });
  closers.push(() => source.stop());
  void source.start(log);
  return { log, source };
}

/** An HTTP server that does with upgrades what a test says. */
async function httpServer(
  onUpgrade: (socket: Duplex, request: IncomingMessage, link: number) => void,
): Promise<string> {
  const sockets = new Set<Duplex>();
  let links = 0;
  const server: Server = createServer((_request, response) => response.end('<html>'));
  server.on('upgrade', (request, socket) => {
    links += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    onUpgrade(socket, request, links);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('an exchange that does not let in', () => {
  it.each([
    ['403', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\n<bot>'],
    ['429', 'HTTP/1.1 429 Too Many Requests\r\n\r\n'],
    ['200', 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>'],
    ['302', 'HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\n\r\n'],
  ])('with status %s is named by it, and tried again', async (status, answer) => {
    let asked = 0;
    const url = await httpServer((socket) => {
      asked += 1;
      socket.write(answer);
    });
    const { log, source } = start(url);
    await until('three attempts', () => asked >= 3);
    await until('the words', () => source.status().state === 'failing');
    expect(source.status().problem).toBe(`The exchange answered the upgrade with status ${status}: check PRICE_URL`);
    expect(log.told).toEqual([]);
  });

  it('is left alone for as long as it asks, five minutes at most', async () => {
    for (const [seconds, waitsMs] of [
      ['120', 120_000],
      ['86400', 300_000],
    ] as const) {
      const began = Date.now();
      const url = await httpServer((socket) => {
        socket.write(`HTTP/1.1 429 Too Many Requests\r\nRetry-After: ${seconds}\r\n\r\n`);
      });
      const { source } = start(url);
      await until('the answer', () => source.status().state === 'failing');
      const { retryAt } = source.status();
      expect(retryAt).toBeGreaterThanOrEqual(began + waitsMs);
      expect(retryAt).toBeLessThanOrEqual(Date.now() + waitsMs);
    }
  });
});

describe('an exchange that lacks one of the products', () => {
  it('is asked for the others, which are told, and its status says what is missing', async () => {
    const exchange = await startExchange();
    closers.push(() => exchange.close());
    exchange.onAsked = (say) => {
      const { product_ids: products = [] } = exchange.asked.at(-1) as { product_ids?: string[] };
      if (products.includes('ETH-USD'))
        say('{"type":"error","message":"Failed to subscribe","reason":"ETH-USD is not a valid product"}');
      else say(JSON.stringify(ticker('BTC-USD', '1', 1)));
    };
    const { log, source } = start(exchange.url);
    await until('the price', () => log.lines.length === 1);
    expect(log.lines).toEqual(['bitcoin 1']);
    expect(source.status()).toMatchObject({
      state: 'running',
      problem: 'The exchange refused the subscription: check PRICE_PRODUCTS',
      connects: 1,
    });
  });
});

describe('an exchange whose prices cannot be read', () => {
  const long = `1.${'5'.repeat(70_000)}`;
  it('F70: is failing when that is so of all, and what was told of them is stale until the next that can', async () => {
    const exchange = await startExchange();
    closers.push(() => exchange.close());
    const { log, source } = start(exchange.url);
    await until('the question', () => exchange.asked.length === 1);
    exchange.say(ticker('BTC-USD', '1', 1));
    exchange.say(ticker('ETH-USD', '2', 1));
    exchange.say(ticker('BTC-USD', long, 2));
    await until('the stale price', () => log.lines.at(-1) === '~bitcoin 1');
    expect(source.status()).toMatchObject({
      state: 'running',
      invalid: 1,
      problem: 'The exchange tells prices that cannot be read: bitcoin',
    });
    exchange.say(ticker('ETH-USD', long, 2));
    await until('the other', () => log.lines.at(-1) === '~ethereum 2');
    expect(source.status()).toMatchObject({ state: 'failing', invalid: 2 });
    exchange.say(ticker('ETH-USD', long, 3));
    exchange.say(ticker('ETH-USD', '3', 4));
    await until('the next', () => log.lines.at(-1) === 'ethereum 3');
    exchange.say(ticker('BTC-USD', '4', 4));
    await until('the next', () => log.lines.at(-1) === 'bitcoin 4');
    expect(source.status()).toMatchObject({ state: 'running', invalid: 3 });
    expect(source.status()).not.toHaveProperty('problem');
    expect(log.lines).toEqual(['bitcoin 1', 'ethereum 2', '~bitcoin 1', '~ethereum 2', 'ethereum 3', 'bitcoin 4']);
  });
});

describe('an exchange that falls in the middle of a frame', () => {
  it('tells no half of it: the old price goes stale under its own time, and the next link ends that', async () => {
    const exchange = await startExchange();
    closers.push(() => exchange.close());
    const exchangePort = Number(new URL(exchange.url).port);
    // Passes everything on, and of the second link's answers no more than the head and a half of the frame.
    const url = await httpServer((socket, request, link) => {
      const headers = request.rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
      const target = connect(exchangePort, '127.0.0.1', () => {
        target.write(`GET / HTTP/1.1\r\n${headers}\r\n`);
        socket.pipe(target);
      });
      target.on('error', () => undefined);
      target.on('close', () => socket.destroy());
      socket.on('close', () => target.destroy());
      target.on('data', (chunk: Buffer) => {
        const isFrame = chunk[0] === 0x81;
        socket.write(link === 2 && isFrame ? chunk.subarray(0, Math.floor(chunk.length / 2)) : chunk);
        if (link === 2 && isFrame) socket.destroy();
      });
    });
    exchange.onAsked = (say, link) => {
      if (link > 1) setTimeout(() => say(JSON.stringify(ticker('BTC-USD', String(link), link))), 60);
    };
    const { log, source } = start(url, { staleAfterMs: 5 });
    await until('the question', () => exchange.asked.length === 1);
    exchange.say(ticker('BTC-USD', '1', 1));
    await until('the price', () => log.told.length === 1);
    exchange.cut();
    await until('the third link’s price', () => log.lines.at(-1) === 'bitcoin 3');
    expect(log.lines).toEqual(['bitcoin 1', '~bitcoin 1', 'bitcoin 3']);
    expect(log.told[1]?.timestamp).toBe(log.told[0]?.timestamp);
    expect(source.status()).toMatchObject({ state: 'running', invalid: 0, connects: 3 });
  });
});

describe('an exchange that beats and tells no price', () => {
  it('is said to do so, and counts as failing once it had its time', async () => {
    const exchange = await startExchange();
    closers.push(() => exchange.close());
    const clock = createManualClock();
    const { log, source } = start(exchange.url, { clock, silenceMs: 1_000_000 });
    await until('the question', () => exchange.asked.length === 1);
    exchange.say({ type: 'heartbeat', product_id: 'BTC-USD', sequence: 1 });
    exchange.say('<html>');
    await until('the page', () => source.status().invalid === 1);
    expect(source.status()).toMatchObject({
      state: 'connecting',
      problem: 'The exchange is linked and has told no price yet',
    });
    clock.advance(15_000);
    expect(source.status().state).toBe('failing');
    exchange.say(ticker('BTC-USD', '1', 1));
    await until('the price', () => log.told.length === 1);
    expect(source.status()).toMatchObject({ state: 'running' });
    expect(source.status()).not.toHaveProperty('problem');
    await source.stop();
    expect(clock.waiting).toBe(0);
  });

  it('after a cut leaves the prices stale, and its status says what is so now', async () => {
    const exchange = await startExchange();
    closers.push(() => exchange.close());
    exchange.onAsked = (say, link) =>
      say(link === 1 ? JSON.stringify(ticker('BTC-USD', '1', 1)) : '{"type":"heartbeat"}');
    const { log, source } = start(exchange.url, { staleAfterMs: 60 });
    await until('the price', () => log.told.length === 1);
    exchange.cut();
    await until('the stale price', () => log.told.length === 2);
    await until('the beat', () => exchange.asked.length === 2);
    expect(log.lines).toEqual(['bitcoin 1', '~bitcoin 1']);
    expect(source.status()).toMatchObject({
      state: 'failing',
      problem: 'The exchange is linked and has told no price yet',
    });
    expect(source.status()).not.toHaveProperty('retryAt');
  });

  it('in frames that are too big is a link that broke', async () => {
    const exchange = await startExchange();
    closers.push(() => exchange.close());
    exchange.onAsked = (say) => say('x'.repeat(1_048_577));
    const { source } = start(exchange.url, { backoff: { leastMs: 60_000, baseMs: 60_000, mostMs: 60_000 } });
    await until('the end of the link', () => source.status().state === 'failing');
    expect(source.status().problem).toBe('The link to the exchange broke');
  });
});
