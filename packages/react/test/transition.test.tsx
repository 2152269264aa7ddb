import { cleanup, render } from '@testing-library/react';
import { startTransition, useLayoutEffect, useState, version } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PriceStreamProvider, usePrice, type Flush } from '../src/index.js';
import { observedClient } from './observed-client.js';

declare global {
  // React reads it; these tests keep React's own time.
  var IS_REACT_ACT_ENVIRONMENT: boolean | undefined;
}

beforeEach(() => {
  globalThis.IS_REACT_ACT_ENVIRONMENT = false;
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const frame = () => new Promise((resolve) => setTimeout(resolve, 0));

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await frame();
}

/** Long enough for React to give the browser its turn after each. */
function work(): void {
  const end = performance.now() + 6;
  while (performance.now() < end);
}

type Name = 'coin:bitcoin' | 'coin:ethereum';

describe(`a transition under React ${version}`, () => {
  it.each<[Flush, string, Name]>([
    ['frame', 'the same channel', 'coin:bitcoin'],
    ['sync', 'the same channel', 'coin:bitcoin'],
    [1, 'the same channel', 'coin:bitcoin'],
    ['frame', 'a channel that nobody has shown yet', 'coin:ethereum'],
    ['sync', 'a channel that nobody has shown yet', 'coin:ethereum'],
    [1, 'a channel that nobody has shown yet', 'coin:ethereum'],
  ])(
    'F40: is rendered once, however many prices arrive meanwhile (flush %s, its cells show %s)',
    async (flush, _what, channel) => {
      const fake = observedClient();
      const set = (price: number): void => {
        for (const name of new Set<Name>(['coin:bitcoin', channel])) fake.client.price(name, price);
      };
      set(1);
      const begun: number[] = [];
      const torn: string[] = [];
      let pricesMeanwhile = 0;
      function Cell({ name, of }: { name: string; of: Name }) {
        const price = usePrice(of, (tick) => tick?.price);
        return (
          <b className={name} title={of}>
            {price}
          </b>
        );
      }
      function Item({ index }: { index: number }) {
        if (index === 0) begun.push(fake.client.prices.get('coin:bitcoin')?.price ?? 0);
        work();
        return <Cell name="new" of={channel} />;
      }
      /** Two cells of one channel that show different moments. */
      function look(): void {
        const shown = new Map<string, string>();
        for (const { title, textContent } of document.querySelectorAll('b')) {
          const other = shown.get(title) ?? textContent;
          if (other !== textContent) torn.push(`${title} ${other} ${textContent}`);
          shown.set(title, textContent);
        }
      }
      let show: (next: number) => void = () => undefined;
      function Page() {
        const [items, setItems] = useState(0);
        show = setItems;
        // What is in the page at the end of each commit that this component is part of.
        useLayoutEffect(look);
        return (
          <>
            <Cell name="old" of="coin:bitcoin" />
            {Array.from({ length: items }, (_, index) => (
              <Item key={index} index={index} />
            ))}
          </>
        );
      }
      const { container } = render(
        <PriceStreamProvider client={fake.client} flush={flush}>
          <Page />
        </PriceStreamProvider>,
      );
      await until(() => container.textContent === '1');
      const observer = new MutationObserver(look);
      observer.observe(container, { childList: true, subtree: true, characterData: true });
      startTransition(() => show(20));
      for (let price = 2; container.querySelectorAll('.new').length === 0; price += 1) {
        set(price);
        if (begun.length > 0) pricesMeanwhile += 1;
        await frame();
      }
      const last = fake.client.prices.get('coin:bitcoin')?.price;
      await until(() => [...container.querySelectorAll('b')].every((cell) => cell.textContent === String(last)));
      observer.disconnect();
      expect(pricesMeanwhile).toBeGreaterThan(5);
      expect(begun).toHaveLength(1);
      expect(torn).toEqual([]);
    },
  );
});
