import type { SubscribeMessage } from '@tickwire/protocol';
import { describe, expect, it } from 'vitest';
import { channelIn, createCatalog } from '../src/catalog.js';
import { requestOf } from '../src/routes/subscribe-requests.js';
import { createManualSource } from './manual-source.js';

async function filledCatalog() {
  const catalog = createCatalog();
  await createManualSource().start({ instruments: (list) => catalog.add(list), ticks: () => undefined });
  return catalog;
}

describe('requestOf', () => {
  it.each<[string, SubscribeMessage, string, unknown[]]>([
    [
      'channels with positions and pace',
      {
        type: 'subscribe',
        id: 'r1',
        data: {
          channels: [
            { channel: 'coin:bitcoin', epoch: 'e', seq: 0, minIntervalMs: 250 },
            { channel: 'whales', epoch: 'e' },
          ],
        },
      },
      'channels',
      [{ channel: 'coin:bitcoin', since: { epoch: 'e', seq: 0 }, minIntervalMs: 250 }, { channel: 'whales' }],
    ],
    [
      'a coin',
      { type: 'subscribe', data: { coinId: 'bitcoin' } },
      'coin',
      [{ channel: 'coin:bitcoin' }, { channel: 'whales:bitcoin' }, { channel: 'social:bitcoin' }],
    ],
    [
      'a coin by its number',
      { type: 'subscribe', data: { coinId: 1 } },
      'coin',
      [{ channel: 'coin:bitcoin' }, { channel: 'whales:bitcoin' }, { channel: 'social:bitcoin' }],
    ],
    [
      'a coin that is not here',
      { type: 'subscribe', data: { coinId: 'nope' } },
      'coin',
      [{ channel: 'coin:nope' }, { channel: 'whales:nope' }, { channel: 'social:nope' }],
    ],
    ['one channel', { type: 'subscribe', data: { channel: 'global' } }, 'channel', [{ channel: 'global' }]],
    [
      'metals',
      { type: 'subscribe', metals: ['gold', 'silver'] },
      'metals',
      [{ channel: 'metal:gold' }, { channel: 'metal:silver' }],
    ],
    ['no metals', { type: 'subscribe', metals: [] }, 'metals', []],
  ])('reads %s', async (_case, message, form, wishes) => {
    expect(requestOf(message, await filledCatalog())).toMatchObject({ form, wishes });
  });

  it.each([
    ['btc', 'bitcoin'],
    [1, 'bitcoin'],
    ['nope', 'nope'],
    [999, '999'],
  ])('names the coin asked for as %s: %s', async (asked, coinId) => {
    const message = { type: 'subscribe' as const, data: { coinId: asked } };
    expect(requestOf(message, await filledCatalog()).coinId).toBe(coinId);
  });
});

describe('the catalog', () => {
  it.each([
    ['coin:bitcoin', true],
    ['coin:nope', false],
    ['metal:gold', true],
    ['metal:bitcoin', false],
    ['whales', true],
    ['whales:bitcoin', true],
    ['whales:nope', false],
    ['social:dogecoin', true],
    ['social:gold', false],
    ['global', true],
    ['user', true],
    ['coin:__proto__', false],
    ['coin:constructor', false],
    ['toString', false],
  ])('has %s: %s', async (channel, has) => {
    expect(channelIn(await filledCatalog(), channel) !== undefined).toBe(has);
  });

  it.each([
    ['bitcoin', 'bitcoin'],
    ['btc', 'bitcoin'],
    [1, 'bitcoin'],
    ['DOGE', 'dogecoin'],
    ['gold', undefined],
    ['constructor', undefined],
    ['__proto__', undefined],
  ])('knows %s as %s', async (name, id) => {
    expect((await filledCatalog()).coinIdOf(name)).toBe(id);
  });

  it('changes its revision with its items', async () => {
    const catalog = await filledCatalog();
    const before = catalog.revision;
    catalog.add([]);
    expect(catalog.revision).not.toBe(before);
  });
});
