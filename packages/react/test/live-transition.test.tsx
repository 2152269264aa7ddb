// @vitest-environment node
/** A transition beside `useWebSocketPrices`, over a real socket. */
import { closePage } from './page.js';
import { until } from '@tickwire/testing';
import { startTransition, useState, version } from 'react';
import { createRoot } from 'react-dom/client';
import { afterAll, afterEach, expect, it } from 'vitest';
import { useWebSocketPrices } from '../src/index.js';
import { priceServer } from './price-server.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
afterAll(() => closePage());

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Long enough for React to give the browser its turn after each. */
function work(): void {
  const end = performance.now() + 6;
  while (performance.now() < end);
}

it(`F40: is rendered once under React ${version}, however many prices useWebSocketPrices gets meanwhile`, async () => {
  const { server, url, send } = await priceServer({ 'metal:gold': 1 });
  undo.push(() => server.stop());
  let begun = 0;
  let received = 0;
  const torn: string[] = [];
  function Price() {
    const price = useWebSocketPrices(url).prices.gold?.price;
    return <b>{price}</b>;
  }
  function Item({ index }: { index: number }) {
    if (index === 0) begun += 1;
    work();
    return <i />;
  }
  let show: (next: number) => void = () => undefined;
  function Page() {
    const [items, setItems] = useState(0);
    show = setItems;
    return Array.from({ length: items }, (_, index) => <Item key={index} index={index} />);
  }
  const container = document.createElement('div');
  const root = createRoot(container);
  undo.push(() => root.unmount());
  root.render(
    <>
      <Price />
      <Price />
      <Page />
    </>,
  );
  const prices = (): (string | null)[] => [...container.querySelectorAll('b')].map(({ textContent }) => textContent);
  const look = (): void => {
    if (new Set(prices()).size > 1) torn.push(prices().join());
  };
  await until('both are live', () => prices().join() === '1,1');
  const observer = new window.MutationObserver(look);
  observer.observe(container, { childList: true, subtree: true, characterData: true });
  startTransition(() => show(20));
  let price = 1;
  while (container.querySelector('i') === null) {
    price += 1;
    send('metal:gold', price);
    if (begun > 0) received += 1;
    await turn();
  }
  await until('the last price is shown', () => prices().join() === `${price},${price}`);
  observer.disconnect();
  expect(received).toBeGreaterThan(5);
  expect(begun).toBe(1);
  expect(torn).toEqual([]);
});
