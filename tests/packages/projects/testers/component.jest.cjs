const { act, fireEvent, render, screen } = require('@testing-library/react');
const { createElement, StrictMode, version } = require('react');
const { PriceStreamProvider, usePortfolio, usePrice, useWhaleMovements } = require('@tickwire/react');
const core = require('@tickwire/react/core');
const { createFakeClient } = require('@tickwire/testing');

function Bitcoin() {
  const price = usePrice('coin:bitcoin', (tick) => tick?.price);
  return createElement('output', null, String(price ?? '–'));
}

test('a component shows a price that the test has made', async () => {
  const client = createFakeClient({ prices: { 'coin:bitcoin': 50_000 } });
  render(createElement(PriceStreamProvider, { client }, createElement(Bitcoin)));
  expect((await screen.findByText('50000')).tagName).toBe('OUTPUT');
  await act(async () => client.price('coin:bitcoin', 51_000));
  expect((await screen.findByText('51000')).tagName).toBe('OUTPUT');
});

test(`hooks of both doors share a provider, with React ${process.env.REACT}`, async () => {
  expect(version.split('.')[0]).toBe(process.env.REACT);
  for (const Provider of [PriceStreamProvider, core.PriceStreamProvider]) {
    const client = createFakeClient({ token: 'alice', prices: { 'coin:bitcoin': 50_000 } });
    const Everything = () => {
      const { items, total } = useWhaleMovements();
      const { rules, create } = core.useAlerts();
      const { portfolio } = usePortfolio();
      const add = () => void create({ alertType: 'price_above', coinId: 'bitcoin', condition: { targetPrice: 1 } });
      const text = [
        core.useFreshness('coin:bitcoin'),
        total,
        items.at(-1)?.data.usdValue ?? '–',
        rules.length,
        portfolio?.totalValue ?? '–',
      ];
      return createElement('button', { onClick: add }, text.join(' '));
    };
    const { unmount } = render(
      createElement(StrictMode, null, createElement(Provider, { client, flush: 'sync' }, createElement(Everything))),
    );
    const button = await screen.findByText('fresh 0 – 0 –');
    await act(async () => fireEvent.click(button));
    await act(async () => {
      client.event('whales', { usdValue: 7 });
      client.event('portfolio', { totalValue: 9 });
    });
    await screen.findByText('fresh 1 7 1 9');
    unmount();
    expect(client.watched).toEqual([]);
    await client.close();
  }
});
