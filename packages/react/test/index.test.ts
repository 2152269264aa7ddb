import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import * as coreDoor from '../src/core.js';
import * as door from '../src/index.js';

it('opens with the directive of client components, so that server components may import it', () => {
  const source = readFileSync(path.resolve(import.meta.dirname, '../src/index.ts'), 'utf8');
  expect(source.split('\n')[0]).toBe("'use client';");
});

it('exports its hooks and its provider, and nothing else', () => {
  expect(Object.keys(door).sort()).toEqual([
    'PriceStreamProvider',
    'useAlerts',
    'useConnection',
    'useFreshness',
    'usePortfolio',
    'usePrice',
    'usePriceClient',
    'usePriceDirection',
    'usePriceHistory',
    'usePriceState',
    'usePrices',
    'useSocialSpikes',
    'useStreamEvent',
    'useWebSocketPrices',
    'useWhaleMovements',
  ]);
});

it('has a second door for pages that make their stream themselves: the same but what needs a whole client', () => {
  const core = readFileSync(path.resolve(import.meta.dirname, '../src/core.ts'), 'utf8');
  expect(core.split('\n')[0]).toBe("'use client';");
  expect(Object.keys(coreDoor).sort()).toEqual(
    Object.keys(door)
      .filter((name) => name !== 'useWebSocketPrices')
      .sort(),
  );
});
