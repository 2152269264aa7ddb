/**
 * The hooks in numbers: rows that are mounted and unmounted (500 against 4,000, in turns), and a transition with and without
 * a price in each of its pauses. `pnpm bench:react` runs it beside the rest, and it runs alone.
 */
import { Window } from 'happy-dom';

const page = new Window({ url: 'http://localhost/' });
Object.assign(globalThis, { window: page, document: page.document, navigator: page.navigator });

const { createElement, startTransition, useState, version } = await import('react');
const { flushSync } = await import('react-dom');
const { createRoot } = await import('react-dom/client');
const { PriceStreamProvider, usePrice } = await import('@tickwire/react');
const { createFakeClient } = await import('@tickwire/testing');

type Root = ReturnType<typeof createRoot>;
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

function Row({ index }: { index: number }) {
  const price = usePrice(`coin:c${index}`, (tick) => tick?.price);
  return createElement('li', null, price);
}

/** ms that it takes to mount and to unmount so many rows, each with a channel of its own. */
async function rows(count: number): Promise<{ mount: number; unmount: number }> {
  const client = createFakeClient();
  const root: Root = createRoot(document.createElement('div'));
  const list = Array.from({ length: count }, (_, index) => createElement(Row, { key: index, index }));
  const timed = async (step: () => void): Promise<number> => {
    const begin = performance.now();
    flushSync(step);
    await pause();
    return performance.now() - begin;
  };
  const provide = (children: unknown) => createElement(PriceStreamProvider, { client, children: children as never });
  const mount = await timed(() => root.render(provide(list)));
  const unmount = await timed(() => root.render(provide(null)));
  root.unmount();
  await client.close();
  return { mount, unmount };
}

/** ms from `startTransition` to its commit: 40 items of 6 ms. */
async function transition(withPrices: boolean): Promise<number> {
  const client = createFakeClient({ prices: { 'coin:c0': 1 } });
  let show: (items: number) => void = () => undefined;
  function Item() {
    const end = performance.now() + 6;
    while (performance.now() < end);
    return createElement('i');
  }
  function Page() {
    const [items, setItems] = useState(0);
    show = setItems;
    return [
      createElement(Row, { key: 'row', index: 0 }),
      ...Array.from({ length: items }, (_, index) => createElement(Item, { key: index })),
    ];
  }
  const container = document.createElement('div');
  const root = createRoot(container);
  flushSync(() =>
    root.render(createElement(PriceStreamProvider, { client, flush: 'sync', children: createElement(Page) })),
  );
  await pause();
  const begin = performance.now();
  startTransition(() => show(40));
  for (let price = 2; container.querySelector('i') === null; price += 1) {
    if (withPrices) client.price('coin:c0', price);
    await pause();
  }
  const took = performance.now() - begin;
  root.unmount();
  await client.close();
  return took;
}

const rounds = Number(process.argv[2] ?? 7);
const few: Awaited<ReturnType<typeof rows>>[] = [];
const many: typeof few = [];
const quiet: number[] = [];
const busy: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  few.push(await rows(500));
  many.push(await rows(4_000));
  quiet.push(await transition(false));
  busy.push(await transition(true));
}
const line = (what: string, a: number, b: number): void =>
  console.log(`${what}: ${a.toFixed(1)} ms, ${b.toFixed(1)} ms, ${(b / a).toFixed(2)} ×`);
console.log(`React ${version}, Node ${process.versions.node}, medians of ${rounds} rounds in turns`);
line('mount 500, 4,000 rows', median(few.map(({ mount }) => mount)), median(many.map(({ mount }) => mount)));
line('unmount 500, 4,000 rows', median(few.map(({ unmount }) => unmount)), median(many.map(({ unmount }) => unmount)));
line('a transition without, with prices', median(quiet), median(busy));
await page.happyDOM.close();
process.exit(0);
