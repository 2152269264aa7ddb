import { z } from 'zod';
import { expect, it } from 'vitest';
import type { DialectLink } from '../../src/core.js';
import { checkedBy, type StandardSchema } from '../../src/dialects.js';

const link = {} as DialectLink;
const Message = z.object({ pair: z.string(), rates: z.array(z.object({ mid: z.number() })) });

it('gives a reader what the schema makes of a frame', () => {
  const heard: string[] = [];
  const read = checkedBy(Message, ({ pair, rates }) => {
    // Compiles only where the schema types the message.
    heard.push(`${pair.toLowerCase()} ${rates[0]?.mid.toFixed(2)}`);
  });
  expect(read({ pair: 'EURUSD', rates: [{ mid: 1 }] }, link)).toBeUndefined();
  expect(heard).toEqual(['eurusd 1.00']);
});

it.each([
  [null, ''],
  [{ pair: 5, rates: [] }, 'pair'],
  [{ pair: 'EURUSD', rates: [{ mid: 1 }, { mid: '1' }] }, 'rates.1.mid'],
])('says where %j is at fault', (message, path) => {
  const read = checkedBy(Message, () => {
    throw new Error('It must not be read.');
  });
  expect(read(message, link)).toMatchObject({ path, reason: expect.stringMatching(/^Invalid input/) as string });
});

it('takes paths of objects, issues without a path, and what the reader finds', () => {
  const refusing = (issues: readonly object[]): StandardSchema<unknown> => ({
    '~standard': { version: 1, validate: () => ({ issues: issues as [] }) },
  });
  const never = (): undefined => undefined;
  const path = [{ key: 'data' }, 0];
  expect(checkedBy(refusing([{ message: 'no', path }]), never)({}, link)).toEqual({ path: 'data.0', reason: 'no' });
  expect(checkedBy(refusing([{ message: 'no' }]), never)({}, link)).toEqual({ path: '', reason: 'no' });
  expect(checkedBy(refusing([]), never)({}, link)).toEqual({ path: '', reason: 'refused by its schema' });
  const found = { path: 'pair', reason: 'unheard of' };
  expect(checkedBy(Message, () => found)({ pair: 'X', rates: [] }, link)).toEqual(found);
});

it('throws for a schema that answers later', () => {
  const later: StandardSchema<string> = {
    '~standard': { version: 1, validate: () => Promise.resolve({ value: 'x' }) },
  };
  expect(() => checkedBy(later, () => undefined)({}, link)).toThrow('has to answer at once');
});
