// @vitest-environment happy-dom
/** The list as its owner changes it: with the pointer and with keys, over a fake client. */
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WatchlistPanel } from '../src/watchlist/watchlist-panel.js';
import { layOut } from './laid-out.js';
import { doing, stage } from './page-stage.js';

const prices = { 'coin:bitcoin': 64_000, 'coin:ethereum': 3_000, 'coin:pepe': 0.00000123, 'metal:gold': 123_456.5 };
const key = 'tickwire.watchlist';

beforeEach(() => {
  localStorage.clear();
  layOut();
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('', { status: 404 })));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function shown(): Promise<void> {
  await stage(<WatchlistPanel />, { prices });
  await screen.findByRole('table');
}
const names = (): (string | null)[] =>
  screen.getAllByRole('rowheader').map((cell) => within(cell).getByRole('button').textContent);
const press = (name: string | RegExp): Promise<void> =>
  doing(() => void fireEvent.click(screen.getByRole('button', { name })));
const kept = (): unknown => JSON.parse(localStorage.getItem(key) ?? 'null');

describe('the watchlist', () => {
  it('is a sensible one at the first visit', async () => {
    await shown();
    expect(names()).toEqual(['Bitcoin', 'Ethereum', 'Pepe', 'Gold']);
    expect(kept()).toBeNull();
  });

  it('is the one that was kept, without what is no channel', async () => {
    localStorage.setItem(key, JSON.stringify(['metal:gold', '<b>', 'coin:bitcoin', 'metal:gold']));
    await shown();
    expect(names()).toEqual(['Gold', 'Bitcoin']);
  });

  it.each(['{', '{"a":1}', '"coin:bitcoin"'])('is that of a first visit where %s was kept', async (text) => {
    localStorage.setItem(key, text);
    await shown();
    expect(names()).toHaveLength(4);
  });

  it('loses a row and keeps the others', async () => {
    await shown();
    await press('Edit');
    await press('Remove Ethereum');
    expect(names()).toEqual(['Bitcoin', 'Pepe', 'Gold']);
    expect(kept()).toEqual(['coin:bitcoin', 'coin:pepe', 'metal:gold']);
    expect(screen.getByText('Ethereum is out of the list.').getAttribute('aria-live')).toBe('polite');
  });

  it.each([
    ['ArrowUp', ['Bitcoin', 'Pepe', 'Ethereum', 'Gold'], 'Pepe is number 2 of 4.'],
    ['ArrowDown', ['Bitcoin', 'Ethereum', 'Gold', 'Pepe'], 'Pepe is number 4 of 4.'],
    ['Home', ['Pepe', 'Bitcoin', 'Ethereum', 'Gold'], 'Pepe is number 1 of 4.'],
    ['End', ['Bitcoin', 'Ethereum', 'Gold', 'Pepe'], 'Pepe is number 4 of 4.'],
  ])('moves a row with %s, and says where to', async (arrow, order, words) => {
    await shown();
    await press('Edit');
    await doing(() => void fireEvent.keyDown(screen.getByRole('button', { name: 'Move Pepe' }), { key: arrow }));
    expect(names()).toEqual(order);
    expect(screen.getByText(words)).toBeDefined();
    expect(kept()).toHaveLength(4);
  });

  it('is sorted by a press on a title, and is its owner’s again at the third', async () => {
    await shown();
    await press('Price');
    expect(names()).toEqual(['Gold', 'Bitcoin', 'Ethereum', 'Pepe']);
    await press(/^Price/);
    expect(names()).toEqual(['Pepe', 'Ethereum', 'Bitcoin', 'Gold']);
    await press(/^Price/);
    expect(names()).toEqual(['Bitcoin', 'Ethereum', 'Pepe', 'Gold']);
  });

  it('is in its owner’s order while it is changed, however it is sorted', async () => {
    localStorage.setItem('tickwire.sort', JSON.stringify({ key: 'price', descending: true }));
    await shown();
    expect(names()).toEqual(['Gold', 'Bitcoin', 'Ethereum', 'Pepe']);
    await press('Edit');
    expect(names()).toEqual(['Bitcoin', 'Ethereum', 'Pepe', 'Gold']);
  });

  it('takes what is found in the catalog', async () => {
    // The first of the catalog is in the list: what is typed leads past it.
    localStorage.setItem(key, JSON.stringify(['coin:bitcoin']));
    await shown();
    await press(/Add/);
    const field = await screen.findByRole('combobox', { name: 'Add an instrument' });
    await doing(() => void fireEvent.change(field, { target: { value: 'eth' } }));
    expect(screen.getAllByRole('option').map((option) => option.textContent)).toEqual([
      expect.stringContaining('Ethereum'),
    ]);
    await doing(() => void fireEvent.keyDown(field, { key: 'Enter' }));
    expect(kept()).toEqual(['coin:bitcoin', 'coin:ethereum']);
    expect(names()).toEqual(['Bitcoin', 'Ethereum']);
    // Ready for the next one.
    expect((field as HTMLInputElement).value).toBe('');
    await doing(() => void fireEvent.change(field, { target: { value: 'unobtainium' } }));
    await doing(() => void fireEvent.keyDown(field, { key: 'Enter' }));
    expect((field as HTMLInputElement).value).toBe('unobtainium');
    expect(screen.getByText(/Nothing in this server’s catalog matches “unobtainium”/)).toBeDefined();
  });

  it('says so when it is empty', async () => {
    localStorage.setItem(key, '[]');
    await stage(<WatchlistPanel />, { prices });
    expect(await screen.findByText(/Your list is empty/)).toBeDefined();
  });
});
