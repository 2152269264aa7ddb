import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { isDecimalString, isTime } from '../src/formats.js';
import { decimalSchema, timeSchema } from '../src/index.js';

describe('the formats', () => {
  const pieces = fc.constantFrom(
    ...'0 1 2 3 4 5 6 7 8 9 - T : . Z +'.split(' '),
    '\n',
    ' ',
    '2024',
    '02',
    '29',
    '30',
    '2000',
    '1900',
    '13',
    '24',
    '60',
    'z',
    't',
  );
  const nearTimes = fc
    .tuple(fc.integer({ min: 0, max: 9999 }), fc.nat(14), fc.nat(33), fc.nat(26), fc.nat(62), fc.nat(62), fc.nat(5))
    .map(([year, month, day, hour, minute, second, tail]) => {
      const two = (value: number): string => String(value).padStart(2, '0');
      const zone = ['Z', '+05:30', '-08:00', '+24:00', '', '.5Z', '.123456789+23:59'][tail] ?? 'Z';
      return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${zone}`;
    });

  it('take the same times as the schema, also at every mutation of one', () => {
    const takes = (text: string): boolean => timeSchema.safeParse(text).success;
    fc.assert(
      fc.property(nearTimes, fc.nat(30), pieces, (time, index, piece) => {
        for (const text of [
          time,
          time.slice(0, index) + piece + time.slice(index + 1),
          time.slice(0, index) + time.slice(index + 1),
        ]) {
          if (isTime(text) !== takes(text)) throw new Error(text);
        }
      }),
      { numRuns: 20_000, seed: 7 },
    );
    for (const year of ['1900', '2000', '2023', '2024', '2100', '0000', '0004']) {
      for (let month = 0; month <= 13; month += 1) {
        for (let day = 0; day <= 32; day += 1) {
          const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}T00:00:00Z`;
          if (isTime(text) !== takes(text)) throw new Error(text);
        }
      }
    }
  });

  it('take an empty text for no time, before any time has come as well', async () => {
    vi.resetModules();
    const { isTime: isTimeAtFirst } = await import('../src/formats.js');
    expect(isTimeAtFirst('')).toBe(false);
  });

  it('take the same decimals as the schema', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-+]?[0-9._]{0,8}([eE][-+]?[0-9]{0,4})?\n?$/), (text) => {
        expect(decimalSchema.safeParse(text).success).toBe(isDecimalString(text));
      }),
      { numRuns: 5_000, seed: 7 },
    );
  });
});
