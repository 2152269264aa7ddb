import { describe, expect, it } from 'vitest';
import { catalogRows } from '../src/market/catalog-rows.js';
import {
  askedRows,
  defaultList,
  keptList,
  mostWatched,
  withChannel,
  withMoved,
  withoutChannel,
  type WatchedList,
} from '../src/watchlist/list.js';

const rowsOf = (...channels: string[]) =>
  new Map(
    catalogRows(channels.map((channel) => ({ channel, id: channel }))).map((row) => [row.channel as string, row]),
  );

describe('what was kept in the browser', () => {
  it.each<[string, unknown, WatchedList | undefined]>([
    ['a list', ['coin:bitcoin', 'metal:gold'], ['coin:bitcoin', 'metal:gold']],
    ['an empty list', [], []],
    ['a channel that is there twice', ['coin:bitcoin', 'coin:bitcoin'], ['coin:bitcoin']],
    ['what is no channel', ['coin:bitcoin', 'Coin:BTC', 7, null, {}, 'whales', 'coin:'], ['coin:bitcoin']],
    ['an object', { 0: 'coin:bitcoin' }, undefined],
    ['a text', 'coin:bitcoin', undefined],
    ['nothing', null, undefined],
  ])('is read where it is %s', (_what, kept, list) => {
    expect(keptList(kept)).toEqual(list);
  });

  it('is cut where it is too long', () => {
    expect(keptList(Array.from({ length: 5_000 }, (_, index) => `coin:c${index}`))).toHaveLength(mostWatched);
  });
});

describe('the list of a first visit', () => {
  it('is what is well known, then what the catalog has first', () => {
    expect(defaultList(rowsOf('coin:zcash', 'metal:gold', 'coin:solana', 'coin:bitcoin'))).toEqual([
      'coin:bitcoin',
      'coin:solana',
      'metal:gold',
      'coin:zcash',
    ]);
  });

  it('is the beginning of a catalog that has nothing well known', () => {
    const names = Array.from({ length: 30 }, (_, index) => `coin:c${index}`);
    expect(defaultList(rowsOf(...names))).toEqual(names.slice(0, 10));
    expect(defaultList(rowsOf())).toEqual([]);
  });
});

describe('a change of the list', () => {
  const list: WatchedList = ['coin:a', 'coin:b', 'coin:c'];

  it('adds at the end, once', () => {
    expect(withChannel(list, 'metal:gold')).toEqual([...list, 'metal:gold']);
    expect(withChannel(list, 'coin:b')).toBe(list);
  });

  it('adds nothing to a full list', () => {
    const full = Array.from({ length: mostWatched }, (_, index) => `coin:c${index}` as const);
    expect(withChannel(full, 'metal:gold')).toBe(full);
  });

  it('removes', () => {
    expect(withoutChannel(list, 'coin:b')).toEqual(['coin:a', 'coin:c']);
  });

  it.each<[number, WatchedList]>([
    [0, ['coin:b', 'coin:a', 'coin:c']],
    [1, list],
    [2, ['coin:a', 'coin:c', 'coin:b']],
    [-1, ['coin:b', 'coin:a', 'coin:c']],
    [Infinity, ['coin:a', 'coin:c', 'coin:b']],
  ])('moves the second to place %d', (to, moved) => {
    expect(withMoved(list, 'coin:b', to)).toEqual(moved);
  });

  it('moves nothing that is not in the list', () => {
    expect(withMoved(list, 'coin:z', 0)).toBe(list);
  });
});

it.each([
  ['?rows=1000', 1_000],
  ['?ws=ws://x/ws&rows=20', 20],
  ['?rows=99999', mostWatched],
  ['?rows=0', undefined],
  ['?rows=-3', undefined],
  ['?rows=1.5', undefined],
  ['?rows=many', undefined],
  ['', undefined],
])('of the address %s, %d rows are asked for', (search, rows) => {
  expect(askedRows(search)).toBe(rows);
});
