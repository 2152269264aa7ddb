import { deflateRawSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { coinPrice, hello, until } from '@tickwire/testing';
import type { PriceWebSocketClient } from '@tickwire/client';
import { RawServer, type RawBehaviour } from './raw-server.js';
import { causesOf, numbersOf, pause, staged, statesOf, upTo } from './stage.js';

const stage = staged();

async function rawServer(behaviour: RawBehaviour): Promise<RawServer> {
  const server = await RawServer.start(behaviour);
  stage().later(() => server.stop());
  return server;
}

const price = (value: string, coinId = '"bitcoin"'): string =>
  `{"type":"price_update","data":{"coinId":${coinId},"price":${value}}}`;
const manyKeys = (count: number): string => Array.from({ length: count }, (_, n) => `"k${n}":{"price":1}`).join();

/** Frames that are refused, by what is wrong with them. */
const refused: Record<string, string[]> = {
  'no JSON, or none that says what it is': [
    '',
    'nonsense',
    'null',
    '1',
    '"x"',
    '[]',
    '\ufeff{}',
    ' '.repeat(16_384),
    '{}',
    '{"type":1}',
  ],
  'nesting without end': [
    '['.repeat(8_190),
    `{"type":"price_update","data":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    `{"type":"priceUpdate","data":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`.replace('{"a":', '['),
  ],
  'lists without end': [
    `{"type":"priceUpdate","data":[${new Array(5_400).fill('""').join()}]}`,
    `{"type":"priceUpdate","data":[${new Array(5_400).fill('{}').join()}]}`,
    `{"type":"priceUpdate","data":{${manyKeys(20_000)}}}`,
  ],
  'thousands of keys nobody knows': [`{"type":"price_update","data":{"price":[],${manyKeys(2_000)}}}`],
  'names that are no names': ['__proto__', 'constructor', 'prototype'].map((name) => price('1', JSON.stringify(name))),
  'numbers that are none': ['1e400', '"1e400"', '"NaN"', '"Infinity"', '[5]', 'null', '{}', '"5 "', 'true', '""'].map(
    (value) => price(value),
  ),
};

/** Frames that say nothing to anybody, and are no mistake either. */
const passed: Record<string, string[]> = {
  'types of a later version, or of nobody': [
    'toString',
    'hasOwnProperty',
    '__proto__',
    'constructor',
    'newListener',
    'removeListener',
    'PRICE_UPDATE',
    'valueOf',
    '',
  ].map((type) => JSON.stringify({ type, data: { token: 'x' } })),
  'prices of nobody’s coins': [
    'toString',
    'hasOwnProperty',
    '',
    'BTC\u0000',
    '\u202eabc',
    '🐕',
    '../',
    '*',
    '\ud800',
  ].map((name) => price('1', JSON.stringify(name))),
  'a list whose items are no messages': [`{"type":"batch","messages":${'['.repeat(9_000)}${']'.repeat(9_000)}}`],
  'one key twice': ['{"type":"subscribe","type":"pong"}', '{"type":"price_update","type":"later","data":1}'],
};

/** Sends frames to a client that follows whales; gives what it counted, and whether an event still got through. */
async function sendAll(
  frames: readonly string[],
): Promise<{ client: PriceWebSocketClient; reconnects: number; invalid: number }> {
  const server = await stage().numbered();
  const client = stage().client(server.url);
  const heard = await numbersOf(client);
  for (const frame of frames) server.last.send(frame);
  server.publish('whales');
  await until('the event behind them', () => heard.length === 1);
  return { client, ...client.stats() };
}

describe('what a hostile server sends', () => {
  it.each(Object.keys(refused))('is dropped and counted, and the connection kept: %s', async (kind) => {
    const frames = refused[kind] ?? [];
    const { reconnects, invalid } = await sendAll(frames);
    expect({ reconnects, invalid }).toEqual({ reconnects: 0, invalid: frames.length });
  });

  it.each(Object.keys(passed))('is passed over: %s', async (kind) => {
    const { client, reconnects, invalid } = await sendAll(passed[kind] ?? []);
    expect({ reconnects, invalid }).toEqual({ reconnects: 0, invalid: 0 });
    expect([...Object.keys(client.prices.getAll())]).toEqual([]);
  });

  it('pollutes no prototype', async () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    await sendAll([
      '{"type":"priceUpdate","data":{"__proto__":{"price":1,"polluted":true},"constructor":{"price":1}}}',
      '{"type":"price_update","__proto__":{"polluted":true},"data":{"coinId":"bitcoin","price":1,"__proto__":{"polluted":true}}}',
      '{"type":"heartbeat","data":{"serverTime":1,"heads":{"__proto__":5,"constructor":6,"whales":0}}}',
      '{"type":"__proto__","__proto__":{"polluted":true}}',
    ]);
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('with the names of our own events reaches nobody as one of those, and throws nowhere', async () => {
    const server = await stage().numbered();
    const client = stage().client(server.url);
    // Nobody listens to `error`.
    const heard = await numbersOf(client);
    const seen: [string, unknown][] = [];
    for (const name of ['connection', 'stale', 'gap', 'invalid', 'price'] as const)
      client.on(name, (event) => seen.push([name, event]));
    for (const type of ['error', 'connection', 'stale', 'price', 'invalid', 'unknown']) {
      server.last.send({ type });
      server.last.send({ type, data: { code: 'X', message: 'x'.repeat(10_000) } });
    }
    server.publish('whales');
    await until('the event behind them', () => heard.length === 1);
    expect(seen.filter(([name]) => name !== 'invalid')).toEqual([]);
    expect(client.connection.get().status).toBe('connected');
  });

  it('that does not decode twenty times within a minute ends the connection with 4000, and the next one waits', async () => {
    const server = await stage().numbered();
    const client = stage().client(server.url, { reconnect: { minDelayMs: 300, baseDelayMs: 300, maxDelayMs: 300 } });
    let code = 0;
    const states = statesOf(client);
    const heard = await numbersOf(client);
    const first = server.last;
    first.socket.on('close', (given: number) => (code = given));
    for (let n = 0; n < 40; n += 1) first.send('nonsense');
    await until('the end', () => code !== 0);
    expect(code).toBe(4000);
    expect(client.stats().invalid).toBe(20);
    const lost = states.find(({ status }) => status === 'reconnecting');
    expect(lost).toMatchObject({ cause: { code: 'BAD_MESSAGE', retryable: true } });
    expect(server.peers).toHaveLength(1);
    await until('the next one', () => server.membersOf('whales') === 1);
    server.publish('whales');
    await until('the event', () => heard.length === 1);
  });

  it('as text that is no UTF-8, or as bytes, throws nowhere', async () => {
    const server = await rawServer({
      connected: (connection) => {
        connection.text(JSON.stringify(hello()));
        if (server.connections.length === 1) connection.frame(0x82, Buffer.from([0x1f, 0x8b, 0x08]));
        else if (server.connections.length === 2) connection.frame(0x81, Buffer.from([0x22, 0xc0, 0x80, 0xff, 0x22]));
        else if (server.connections.length === 3) connection.frame(0x81, Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]));
        else connection.text(JSON.stringify(coinPrice('bitcoin', 7)));
        if (server.connections.length === 1) setTimeout(() => connection.socket.end(), 50);
      },
    });
    const client = stage().client(server.url);
    const causes = causesOf(client);
    const prices: number[] = [];
    client.subscribe('coin:bitcoin', (tick) => prices.push(tick.price));
    await until('the good server', () => prices.length === 1);
    expect(causes).toEqual(['CONNECT_FAILED', 'CONNECT_FAILED', 'CONNECT_FAILED']);
    expect(client.stats().invalid).toBe(1);
  });
});

describe('a message that is too big', () => {
  it.each([
    { what: '10 MB of text', text: (): string => price(`"${'1'.repeat(10_000_000)}"`) },
    {
      what: 'a million keys',
      text: (): string => `{"type":"priceUpdate","data":{${manyKeys(1_000_000)}}}`.slice(0, 15_000_000),
    },
  ])(
    'is refused before it is parsed: $what',
    async ({ text }) => {
      const server = await stage().numbered();
      const client = stage().client(server.url);
      const heard = await numbersOf(client);
      const reasons: string[] = [];
      client.on('invalid', (event) => reasons.push(event.reason, event.sample));
      const big = text();
      const parse = vi.spyOn(JSON, 'parse');
      try {
        server.last.send(big);
        server.publish('whales');
        await until('the event behind it', () => heard.length === 1);
        expect(Math.max(...parse.mock.calls.map(([given]) => given.length))).toBeLessThan(1_048_577);
      } finally {
        parse.mockRestore();
      }
      expect(reasons[0]).toContain('1048576');
      expect(reasons[1]?.length).toBeLessThanOrEqual(200);
      expect(client.stats()).toMatchObject({ invalid: 1, reconnects: 0 });
    },
    30_000,
  );

  it('is not even collected above 16 MiB, packed or not', async () => {
    const zeros = Buffer.alloc(64 * 1_048_576, 0x20);
    const bomb = deflateRawSync(zeros, { level: 9 });
    expect(bomb.length).toBeLessThan(200_000);
    const server = await rawServer({
      header: 'Sec-WebSocket-Extensions: permessage-deflate',
      connected: (connection) => {
        const number = server.connections.length;
        connection.text(JSON.stringify(hello()));
        if (number === 1) connection.frame(0xc1, bomb);
        // Of what is announced here not a byte has to come.
        if (number === 2) connection.socket.write(Buffer.from([0x81, 127, 0, 0, 0, 0, 2, 0, 0, 0]));
        if (number === 3) connection.text(JSON.stringify(coinPrice('bitcoin', 7)));
      },
    });
    const client = stage().client(server.url);
    const causes = causesOf(client);
    const prices: number[] = [];
    client.subscribe('coin:bitcoin', (tick) => prices.push(tick.price));
    await until('the third connection', () => prices.length === 1);
    expect(causes).toEqual(['CONNECT_FAILED', 'CONNECT_FAILED']);
    // What is refused by its size alone has never been a message.
    expect(client.stats()).toMatchObject({ invalid: 0 });
    expect(client.stats().bytes).toBeLessThan(10_000);
  });
});

describe('a price', () => {
  it('that is 0, negative, tiny or a text of digits is a number; nothing else ever is', async () => {
    const server = await stage().numbered();
    const client = stage().client(server.url);
    const prices: number[] = [];
    await client.subscribe('coin:bitcoin', (tick) => prices.push(tick.price)).ready();
    const good = ['0', '-0', '-12.5', '1e-400', '"5"', '"-0.00000123"', '9007199254740993', '"1e3"', '1e308'];
    const bad = ['null', '"1e400"', '-1e999', '"abc"', '"0x10"', '"1,5"', '[]', '""', '" 7"'];
    for (const value of [...good, ...bad]) server.last.send(price(value));
    server.last.send(price('42'));
    await until('the last one', () => prices.at(-1) === 42);
    expect(prices.map((value) => value + 0)).toEqual([
      0, 0, -12.5, 0, 5, -0.00000123, 9007199254740992, 1_000, 1e308, 42,
    ]);
    expect(client.stats().invalid).toBe(bad.length);
    expect(client.prices.get('coin:bitcoin')?.price).toBe(42);
  });
});

describe('five kinds of rubbish between good events', () => {
  it('cost no event', async () => {
    const server = await stage().numbered();
    const client = stage().client(server.url);
    const heard = await numbersOf(client);
    for (let n = 0; n < 100; n += 1) {
      if (n % 10 === 0)
        server.last.send(
          ['nonsense', '[]', '{"type":"x"}', '{"type":"batch","messages":[1,2,{}]}', price('[]')][(n / 10) % 5] ?? '',
        );
      server.publish('whales');
    }
    await until('all of them', () => heard.length === 100);
    await pause(10);
    expect(heard).toEqual(upTo(100));
    expect(client.stats().reconnects).toBe(0);
  });
});
