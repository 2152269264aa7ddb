import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRecording, RecordingError } from '../src/sources/recording.js';
import { recordedFile } from './recorded-data.js';

const ticker = (fields: object) =>
  JSON.stringify({
    type: 'ticker',
    product_id: 'ABC-USD',
    price: '1.50',
    time: '2024-05-01T10:00:00.123456Z',
    ...fields,
  });
const line = (receivedAt: unknown, frame: unknown) => JSON.stringify({ receivedAt, frame });
const candle = (fields: object) => ({
  base: 'ABC',
  counter: 'USDT',
  open: '10.00000000',
  high: '12.00000000',
  low: '9.00000000',
  close: '11.50000000',
  volume: '3.00000000',
  openTimeInISO: '2024-05-01T10:00:00.000Z',
  openTimeInMillis: 1_714_557_600_000,
  sizeInMillis: 60_000,
  ...fields,
});

describe('a recording of ticker frames', () => {
  const text = [
    line(1000, '{"type":"subscriptions","channels":[]}'),
    line(
      1000.25,
      ticker({
        price: '0.00001300',
        volume_24h: '94381.28000000',
        open_24h: '0.00001000',
        high_24h: '0.00002',
        low_24h: '0',
      }),
    ),
    '',
    line(1900.75, ticker({ product_id: 'XYZ-EUR', price: '14.7775' })),
    'not json',
    line(2000, '{"type":"ticker","product_id":"__proto__","price":"1"}'),
    line(2000, ticker({ price: 'NaN' })),
    line('soon', ticker({})),
    line(2100, 17),
    line(1950, ticker({ price: '1.5' })),
  ].join('\n');
  const recording = parseRecording(text);

  it('names channels by product and takes the currency from the quote', () => {
    expect(recording.instruments).toEqual([
      {
        channel: 'coin:abc-usd',
        kind: 'coin',
        id: 'abc-usd',
        aliases: ['ABC-USD'],
        currency: 'USD',
        source: 'replay',
        staleAfterMs: 60_000,
      },
      {
        channel: 'coin:xyz-eur',
        kind: 'coin',
        id: 'xyz-eur',
        aliases: ['XYZ-EUR'],
        currency: 'EUR',
        source: 'replay',
        staleAfterMs: 60_000,
      },
    ]);
  });

  it('keeps prices digit for digit and times as they were recorded', () => {
    expect(recording.ticks[0]).toEqual({
      offsetMs: 0,
      tick: {
        kind: 'coin',
        id: 'abc-usd',
        price: '0.00001300',
        volume24h: 1.22695664,
        high: '0.00002',
        low: '0',
        priceChange24h: 30,
        currency: 'USD',
        source: 'replay',
        timestamp: '2024-05-01T10:00:00.123456Z',
      },
    });
  });

  it('keeps the rhythm, and never goes back in time', () => {
    expect(recording.ticks.map(({ offsetMs }) => offsetMs)).toEqual([0, 900.5, 949.75]);
    const back = parseRecording([line(100, ticker({})), line(50, ticker({})), line(120, ticker({}))].join('\n'));
    expect(back.ticks.map(({ offsetMs }) => offsetMs)).toEqual([0, 0, 20]);
  });

  it('counts what it cannot read and leaves it out', () => {
    expect(recording.skippedLines).toBe(5);
    expect(recording.ticks).toHaveLength(3);
  });

  const frameOf = (more: object) =>
    JSON.stringify({
      type: 'ticker',
      product_id: 'ABC-USD',
      price: '1',
      time: '2024-05-01T10:00:00Z',
      ...more,
    });
  it.each([
    ['F32: a time that is none', { receivedAt: 1e308, frame: frameOf({}) }],
    ['F32: a time before all dates', { receivedAt: -8.7e15, frame: frameOf({}) }],
    ['F70: a price that is longer than any', { receivedAt: 1, frame: frameOf({ price: `1.${'5'.repeat(70_000)}` }) }],
  ])('skips a line with %s', (_case, line) => {
    const good = JSON.stringify({ receivedAt: 1, frame: frameOf({}) });
    const { ticks, skippedLines } = parseRecording([good, JSON.stringify(line), good].join('\n'));
    expect([ticks.map(({ offsetMs }) => offsetMs), skippedLines]).toEqual([[0, 0], 1]);
  });

  it('gives no percentage for an open of 0', () => {
    const { ticks } = parseRecording(line(1, ticker({ open_24h: '0' })));
    expect(ticks[0]!.tick).not.toHaveProperty('priceChange24h');
  });
});

describe('a recording of candles', () => {
  it('tells each close when its candle ends, under the recorded time', () => {
    const { instruments, ticks, skippedLines } = parseRecording(
      JSON.stringify([
        candle({}),
        candle({ close: 12.25, openTimeInMillis: 1_714_557_660_000, openTimeInISO: '2024-05-01T10:01:00.000Z' }),
        candle({ close: 'x' }),
        null,
      ]),
    );
    expect(instruments.map(({ channel, currency }) => [channel, currency])).toEqual([['coin:abc-usdt', 'USDT']]);
    expect(ticks.map(({ offsetMs, tick }) => [offsetMs, tick.price, tick.timestamp])).toEqual([
      [0, '11.50000000', '2024-05-01T10:00:00.000Z'],
      [60_000, 12.25, '2024-05-01T10:01:00.000Z'],
    ]);
    expect(skippedLines).toBe(2);
  });
});

describe('a file that is no recording', () => {
  it.each([
    ['is empty', ''],
    ['is broken JSON', '[{"base"'],
    ['has other frames only', line(1, '{"type":"subscriptions"}')],
    ['is an empty list', '[]'],
    ['has no line of the expected form', '{"a":1}\n{"b":2}'],
  ])('is refused when it %s', (_case, text) => {
    expect(() => parseRecording(text)).toThrow(RecordingError);
  });
});

const session = recordedFile('coinbase-session.jsonl');
describe.skipIf(session === undefined)('the recorded exchange session', () => {
  it('gives each of its 107 tickers, with the very digits', () => {
    const text = readFileSync(session!, 'utf8');
    const { ticks, instruments, skippedLines } = parseRecording(text);
    expect(ticks).toHaveLength(107);
    expect(skippedLines).toBe(0);
    expect(instruments).toHaveLength(10);
    expect(ticks.filter(({ tick }) => tick.id === 'skl-usd')).toHaveLength(53);
    for (const { tick } of ticks) expect(text).toContain(`\\"price\\":\\"${String(tick.price)}\\"`);
    expect(new Set(instruments.map(({ currency }) => currency))).toEqual(new Set(['USD', 'EUR', 'GBP', 'BTC']));
  });
});

const candles = recordedFile('btc-usdt-1m-2021-01-03.json');
describe.skipIf(candles === undefined)('the recorded candles', () => {
  it('give 1,440 closes, a minute apart', () => {
    const { ticks, instruments } = parseRecording(readFileSync(candles!, 'utf8'));
    expect(ticks).toHaveLength(1_440);
    expect(instruments.map(({ channel }) => channel)).toEqual(['coin:btc-usdt']);
    expect(ticks.every(({ offsetMs }, index) => offsetMs === index * 60_000)).toBe(true);
    expect(ticks.at(-1)!.tick.price).toBe('33000.05000000');
  });
});
