import { decodeClientMessage } from '@tickwire/protocol/codec';
import { expect, it } from 'vitest';
import { defaultLimits } from '../src/limits.js';
import { refusalOf } from '../src/routes/refusals.js';

const many = (count: number, item: unknown) => Array.from({ length: count }, () => item);

it.each([
  ['no JSON', '{', { code: 'BAD_JSON' }],
  ['no object', '[]', { code: 'BAD_MESSAGE' }],
  ['no type', '{"id":"r1"}', { code: 'BAD_MESSAGE', id: 'r1' }],
  [
    'a request with a fault',
    '{"type":"history","id":7,"data":{}}',
    {
      code: 'BAD_MESSAGE',
      id: 7,
      op: 'history',
      message: 'The message does not have the expected shape at data.channel',
    },
  ],
  ['an id of another kind', '{"type":"catalog","id":{}}', { code: 'BAD_MESSAGE', op: 'catalog' }],
  [
    'a bad filter',
    '{"type":"subscribe","id":"r1","data":{"channels":[{"channel":"whales","filter":[{"key":"password","cmp":"eq","val":1}]}]}}',
    { code: 'BAD_FILTER', id: 'r1', op: 'subscribe' },
  ],
  [
    'too many channels',
    JSON.stringify({ type: 'subscribe', id: 'r1', data: { channels: many(201, { channel: 'whales' }) } }),
    { code: 'TOO_MANY_ITEMS', id: 'r1', op: 'subscribe' },
  ],
  [
    'too many metals',
    JSON.stringify({ type: 'subscribe', metals: many(51, 'gold') }),
    { code: 'TOO_MANY_ITEMS', op: 'subscribe' },
  ],
  [
    'channels that are no list',
    '{"type":"subscribe","id":"r1","data":{"channels":7}}',
    { code: 'BAD_MESSAGE', id: 'r1' },
  ],
])('answers %s', (_case, text, expected) => {
  const failure = decodeClientMessage(text, { maxLength: 16_384, maxChannels: 200 });
  if (failure.ok) throw new Error('expected a failure');
  expect(refusalOf(text, failure, defaultLimits)).toMatchObject(expected);
});

it('never repeats what the client wrote', () => {
  const text = JSON.stringify({ type: 'subscribe', id: 'r', metals: ['<script>alert(1)</script>'] });
  const failure = decodeClientMessage(text);
  if (failure.ok) throw new Error('expected a failure');
  expect(JSON.stringify(refusalOf(text, failure, defaultLimits))).not.toContain('script');
});
